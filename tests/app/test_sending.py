"""Sends follow each other closely while the executor answers, and one at a time while it does not."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any

import pytest
from tests.app.test_cluster_loop import Heard, looped, until
from typing_extensions import override

from headway.app.cluster_loop import ClusterLoop
from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable
from headway.core.model.change import Written
from headway.core.model.names import Cluster, Tag
from headway.core.model.principal import Principal
from headway.core.model.spec import Spec
from headway.core.operations.submit import Submission, submit
from headway.core.ports.executor import Launch, Refusal
from headway.testing.fakes import FakeExecutor

pytestmark = pytest.mark.anyio


class Holding(FakeExecutor):
    """Does not answer until ``answers`` is set; counts who waits."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()
        self.waiting = 0
        self.most_waiting = 0

    @override
    async def submit(self, launches: Sequence[Launch]) -> Sequence[Refusal]:
        await self._wait()
        return await super().submit(launches)

    @override
    async def find(self, tags: Collection[Tag]) -> Collection[Tag]:
        if tags:
            await self._wait()
        return await super().find(tags)

    async def _wait(self) -> None:
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        try:
            await self.answers.wait()
        finally:
            self.waiting -= 1


@pytest.fixture
def executor() -> Holding:
    return Holding()


@pytest.fixture
def accept(core: Core, alice: Principal) -> Callable[[], Coroutine[Any, Any, object]]:
    submission = Submission(spec=Spec(command=("/bin/true",)))
    return lambda: submit(core, actor=alice, protocol="rest", submission=submission)


def heard_by(loop: ClusterLoop, batch: Sequence[Written]) -> None:
    for written in batch:
        for job in written.jobs:
            loop.noticed(job)


async def test_two_sends_are_under_way_at_once_when_the_executor_has_answered_one(
    core: Core, executor: Holding, accept: Callable[[], Coroutine[Any, Any, object]]
) -> None:
    loop = ClusterLoop(core, cluster=Cluster("local"), troubles=Heard())
    core.store.listen(lambda batch: heard_by(loop, batch))
    async with looped(loop):
        await accept()
        await until(lambda: executor.waiting == 1)
        await accept()
        executor.answers.set()
        await until(lambda: len(executor.launches) == 2)
        assert executor.most_waiting == 1
        executor.answers.clear()
        await accept()
        await until(lambda: executor.waiting == 1)
        await accept()
        await until(lambda: executor.waiting == 2)
        executor.answers.set()
        await until(lambda: len(executor.launches) == 4)


async def test_after_a_failure_one_send_at_a_time_asks_whether_the_executor_is_back(
    core: Core, executor: Holding, accept: Callable[[], Coroutine[Any, Any, object]]
) -> None:
    troubles = Heard()
    loop = ClusterLoop(core, cluster=Cluster("local"), troubles=troubles)
    core.store.listen(lambda batch: heard_by(loop, batch))
    executor.answers.set()
    async with looped(loop):
        await accept()
        await until(lambda: len(executor.launches) == 1)
        executor.answers.clear()
        for waiting in (1, 2):
            await accept()
            await until(lambda waiting=waiting: executor.waiting == waiting)  # type: ignore[misc]
        executor.fails_with = ExecutorUnavailable("nobody there")
        executor.answers.set()
        await until(lambda: troubles.noted > 0)
        executor.answers.clear()
        executor.most_waiting = 0
        await until(lambda: executor.waiting > 0)  # it is asked for those two again
        await accept()
        executor.fails_with = None
        executor.answers.set()
        await until(lambda: len(executor.launches) == 4)
        assert executor.most_waiting == 1
