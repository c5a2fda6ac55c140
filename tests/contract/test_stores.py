"""Every store passes the one suite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from headway.core.ports.store import Store
from headway.stores.memory import MemoryStore
from headway.stores.sql import open_store
from headway.testing.fakes import FakeClock
from headway.testing.store_suite import StoreSuite


def _broken(error: BaseException) -> None:
    raise AssertionError("the store says that its disk is broken") from error


class TestMemoryStore(StoreSuite):
    @pytest.fixture
    async def store(self) -> Store:
        return MemoryStore()


class TestSqlStore(StoreSuite):
    @pytest.fixture
    async def store(self, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
        store = open_store(tmp_path / "data", clock=clock, fatal=_broken, held_by="this test")
        yield store
        await store.close()
