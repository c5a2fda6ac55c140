"""Fixtures that most tests take."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from headway.core.core import Core
from headway.core.model.names import Cluster
from headway.core.model.principal import Principal, Scope
from headway.stores.memory import MemoryStore
from headway.testing.fakes import FakeClock, FakeExecutor, FakeIds, FakeSeal
from headway.testing.server import ServerProcess, running_server

ALICE = Principal(
    name="alice", scopes=frozenset({Scope.RUN, Scope.REPORT, Scope.READ}), via="token"
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def alice() -> Principal:
    return ALICE


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def executor() -> FakeExecutor:
    return FakeExecutor()


@pytest.fixture
async def core(clock: FakeClock, executor: FakeExecutor) -> AsyncIterator[Core]:
    store = MemoryStore()
    yield Core(
        store=store,
        executors={Cluster("local"): executor},
        clock=clock,
        ids=FakeIds(),
        seal=FakeSeal(),
    )
    await store.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A real server with a fresh data directory."""
    with running_server(tmp_path / "data", arguments=("--jobs-at-once", "8")) as running:
        yield running
