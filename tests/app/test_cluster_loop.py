"""A cluster that is away stays in trouble until it has answered."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from typing_extensions import override

from headway.app.cluster_loop import ClusterLoop
from headway.app.trouble import Troubles
from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import Cluster
from headway.core.model.state import State
from headway.core.model.trouble import Ailment
from headway.core.ports.executor import Observation
from headway.stores.memory import MemoryStore
from headway.testing.fakes import FakeClock, FakeExecutor, FakeIds, FakeSeal
from headway.testing.samples import a_command

pytestmark = pytest.mark.anyio


class Leaving(FakeExecutor):
    """An executor that can go away while it is watched."""

    def __init__(self) -> None:
        super().__init__()
        self.leaves = asyncio.Event()
        self.is_watched = asyncio.Event()

    @override
    async def observations(self) -> AsyncIterator[Sequence[Observation]]:
        self.is_watched.set()
        await self.leaves.wait()
        self.leaves.clear()
        self._check()
        yield ()


class Heard(Troubles):
    """Counts what is said."""

    def __init__(self) -> None:
        super().__init__()
        self.noted = 0
        self.ended = 0

    @override
    def note(self, name: str, words: str, what: Ailment = Ailment.OTHER) -> None:
        super().note(name, words, what)
        self.noted += 1

    @override
    def over(self, name: str) -> None:
        self.ended += name in self.present()
        super().over(name)


@asynccontextmanager
async def looped(loop: ClusterLoop) -> AsyncIterator[None]:
    task = asyncio.create_task(loop.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool], then: Callable[[], None] = lambda: None) -> None:
    async with asyncio.timeout(60):
        while not condition():
            then()
            await asyncio.sleep(0.01)


async def test_what_works_without_the_cluster_does_not_say_that_it_is_well_again() -> None:
    executor, troubles = Leaving(), Heard()
    core = Core(
        store=MemoryStore(),
        executors={Cluster("local"): executor},
        clock=FakeClock(),
        ids=FakeIds(),
        seal=FakeSeal(),
    )
    loop = ClusterLoop(core, cluster=Cluster("local"), troubles=troubles)
    ended = a_command(state=State.SUCCEEDED)
    async with looped(loop):
        await executor.is_watched.wait()
        executor.fails_with = ExecutorUnavailable("squeue does not answer")
        executor.leaves.set()
        # News of jobs make rounds that succeed, since there is nothing to be sent.
        await until(lambda: troubles.noted >= 4, then=lambda: loop.noticed(ended))
        assert troubles.ended == 0
        assert troubles.present() == {"cluster local": "squeue does not answer"}
        executor.fails_with = None
        await until(lambda: not troubles.present())
