"""Counting what is below very many groups holds up nobody who asks for something else."""

import asyncio
from pathlib import Path

import pytest

from headway.core.model.group import DEEPEST
from headway.stores.sql import open_store
from headway.testing.fakes import FakeClock
from headway.testing.store_groups import OWN, chain

pytestmark = pytest.mark.anyio
CALLERS = 4


async def test_a_read_is_answered_while_groups_in_one_another_are_counted(tmp_path: Path) -> None:
    def broken(error: BaseException) -> None:
        raise AssertionError("the store says that its disk is broken") from error

    store = open_store(tmp_path, clock=FakeClock(), fatal=broken, held_by="this test")
    try:
        ids = await chain(store, "level-", DEEPEST)
        counts = [asyncio.create_task(store.roll_ups("ada", ids, OWN)) for _ in range(CALLERS)]
        await asyncio.sleep(0)  # all have asked
        assert (await store.group("ada", ids[0])).id == ids[0]
        assert not any(count.done() for count in counts)
        for count in counts:
            assert await count == {each: {} for each in ids}
    finally:
        await store.close()
