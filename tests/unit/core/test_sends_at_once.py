"""Several sends are under way at once: no place is given twice, no job sent twice, and none disturbs another."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.conftest import ALICE
from tests.properties import examples
from typing_extensions import override

from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable
from headway.core.model.change import Written
from headway.core.model.job import Job
from headway.core.model.names import Cluster, Tag
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.operations.cancel import cancel
from headway.core.operations.submit import Submission, submit
from headway.core.passes.dispatch import Dispatch
from headway.core.ports.executor import Launch, Refusal
from headway.stores.memory import MemoryStore
from headway.testing.fakes import FakeClock, FakeExecutor, FakeIds, FakeSeal, exited

pytestmark = pytest.mark.anyio

T = TypeVar("T")
LOCAL = Cluster("local")
GONE = ExecutorUnavailable("nobody there")


class Slow(FakeExecutor):
    """An executor that keeps whoever submits waiting until ``answer``; what it was asked for takes its places at once.

    Attributes:
        asked: the submissions that wait for their answers, oldest first.
        in_order: the attempts in the order in which they came.
    """

    def __init__(self, *, places: int = 1000) -> None:
        super().__init__(places=places)
        self.asked: list[tuple[Sequence[Launch], asyncio.Future[str]]] = []
        self.in_order: list[Tag] = []

    @override
    def room(self) -> int:
        return super().room() - sum(len(launches) for launches, _ in self.asked)

    @override
    async def submit(self, launches: Sequence[Launch]) -> Sequence[Refusal]:
        assert super().room() - sum(len(some) for some, _ in self.asked) >= len(launches)
        here = {launch.tag for some, _ in self.asked for launch in some} | self.launches.keys()
        assert here.isdisjoint(launch.tag for launch in launches)
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        asked = (launches, answer)
        self.asked.append(asked)
        self.in_order += [launch.tag for launch in launches]
        try:
            how = await answer
        finally:
            self.asked.remove(asked)
        if how == "not arrived":
            raise GONE
        self.refuses = lambda _: "there is no such directory" if how == "refused" else None
        refusals = await super().submit(launches)
        if how == "lost":
            raise GONE
        return refusals

    def answer(self, number: int = 0, how: str = "taken") -> None:
        """Answer one of those that wait."""
        self.asked[number][1].set_result(how)


class Sends:
    """A cluster's rounds over a slow executor, and the sends that are under way."""

    def __init__(self, *, places: int) -> None:
        self.executor, self.clock = Slow(places=places), FakeClock()
        self.core = Core(
            store=MemoryStore(),
            executors={LOCAL: self.executor},
            clock=self.clock,
            ids=FakeIds(),
            seal=FakeSeal(),
        )
        self.dispatch = Dispatch(self.core, cluster=LOCAL)
        self.core.store.listen(self._heard)
        self.under_way: list[asyncio.Task[None]] = []

    def _heard(self, batch: Sequence[Written]) -> None:
        for written in batch:
            for job in written.jobs:
                self.dispatch.noticed(job)

    async def accept(self) -> Job:
        submission = Submission(spec=Spec(command=("/bin/true",)))
        answer = await submit(self.core, actor=ALICE, protocol="rest", submission=submission)
        return answer.job

    async def send(self) -> int:
        """Begin a send, and see it come as far as it can; gives how many jobs it has."""
        jobs = await self.dispatch.take()
        self.under_way.append(asyncio.create_task(self.dispatch.hand_over(jobs)))
        await rested()
        return len(jobs)

    async def answer(self, number: int = 0, how: str = "taken") -> None:
        self.executor.answer(number, how)
        await rested()

    async def end(self, tag: Tag) -> None:
        self.executor.tell(exited(tag))
        await self.dispatch.observe([exited(tag)])

    async def now(self, job: Job) -> Job:
        return await self.core.store.job(job.id)


async def rested() -> None:
    """Let everything go on that can without an answer."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_jobs_that_came_later_are_sent_while_the_first_have_no_answer() -> None:
    sends = Sends(places=10)
    first, _ = await sends.accept(), await sends.send()
    second, _ = await sends.accept(), await sends.send()
    assert sends.executor.in_order == [first.tag, second.tag]
    assert not any(each.done() for each in sends.under_way)


async def test_places_that_a_send_has_taken_are_not_given_to_the_next() -> None:
    sends = Sends(places=3)
    for _ in range(5):
        await sends.accept()
    taken = await sends.dispatch.take()
    assert (len(taken), len(await sends.dispatch.take())) == (3, 0)
    await sends.end((await sends.accept()).tag)  # what ends of others makes no room here
    assert len(await sends.dispatch.take()) == 0


async def test_a_send_that_fails_does_not_disturb_the_one_beside_it() -> None:
    sends = Sends(places=10)
    first, _ = await sends.accept(), await sends.send()
    second, _ = await sends.accept(), await sends.send()
    await sends.answer(0, "not arrived")
    assert sends.under_way[0].exception() is GONE
    assert not sends.under_way[1].done()
    await sends.answer()
    assert sends.under_way[1].exception() is None
    assert (await sends.now(first)).reason is Reason.EXECUTOR_DOWN
    assert (await sends.now(second)).reason is None
    await sends.send()
    assert sends.executor.in_order == [first.tag, second.tag, first.tag]


async def test_a_job_is_not_ended_beside_the_send_that_has_it() -> None:
    sends = Sends(places=10)
    job = await sends.accept()
    taken = await sends.dispatch.take()
    await cancel(sends.core, actor=ALICE, protocol="rest", job_id=job.id)
    await sends.dispatch.cancel()
    assert (await sends.now(job)).state is State.ACCEPTED
    assert sends.executor.wishes == {job.tag}
    assert [each.tag for each in taken] == [job.tag]


async def test_a_job_that_somebody_changed_while_it_was_sent_is_refused_all_the_same() -> None:
    sends = Sends(places=10)
    job, _ = await sends.accept(), await sends.send()
    await cancel(sends.core, actor=ALICE, protocol="rest", job_id=job.id)
    await sends.answer(0, "refused")
    after = await sends.now(job)
    assert (after.state, after.reason) == (State.FAILED, Reason.NOT_STARTED)


async def test_a_job_that_was_cancelled_beside_a_send_that_came_to_nothing_ends() -> None:
    sends = Sends(places=10)
    job, _ = await sends.accept(), await sends.send()
    await cancel(sends.core, actor=ALICE, protocol="rest", job_id=job.id)
    await sends.dispatch.cancel()
    await sends.answer(0, "not arrived")
    await sends.dispatch.cancel()
    assert (await sends.now(job)).state is State.CANCELLED


class SendsAtOnce(RuleBasedStateMachine):
    """Sends begin and are answered in any order, jobs come, end and are cancelled; the executor itself asserts most of it."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.sends = self.run(self._made())
        self.jobs: list[Job] = []
        self.cancelled: set[Tag] = set()

    async def _made(self) -> Sends:
        return Sends(places=4)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(coroutine)

    @override
    def teardown(self) -> None:
        self.run(self._see_all_sent())
        self.runner.close()

    async def _see_all_sent(self) -> None:
        """Whatever happened, each job comes to an end when all is answered."""
        for _ in range(3 * len(self.jobs) + 3):
            while self.sends.executor.asked:
                await self.sends.answer()
            await self.sends.dispatch.cancel()
            for tag in await self._here():
                await self.sends.end(tag)
            await self.sends.send()
        states = [(await self.sends.now(job)).state for job in self.jobs]
        assert all(state.is_final for state in states), states

    async def _here(self) -> list[Tag]:
        jobs = [await self.sends.now(job) for job in self.jobs]
        tags = [job.tag for job in jobs if not job.state.is_final]
        return [tag for tag in tags if tag in self.sends.executor.launches]

    @rule()
    def accept(self) -> None:
        self.jobs.append(self.run(self.sends.accept()))

    @rule()
    def send(self) -> None:
        self.run(self.sends.send())

    @rule()
    def take_twice_before_either_goes(self) -> None:
        self.run(self._send_two())

    async def _send_two(self) -> None:
        taken = [await self.sends.dispatch.take() for _ in range(2)]
        hand_over = self.sends.dispatch.hand_over
        self.sends.under_way += [asyncio.create_task(hand_over(jobs)) for jobs in taken]
        await rested()

    @precondition(lambda self: self.sends.executor.asked)
    @rule(data=st.data(), how=st.sampled_from(["taken", "lost", "not arrived", "refused"]))
    def answer(self, data: st.DataObject, how: str) -> None:
        number = data.draw(st.integers(0, len(self.sends.executor.asked) - 1))
        self.run(self.sends.answer(number, how))

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        if here := self.run(self._here()):
            self.run(self.sends.end(data.draw(st.sampled_from(here))))

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def wish_for_an_end(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.jobs))
        self.run(cancel(self.sends.core, actor=ALICE, protocol="rest", job_id=job.id))
        self.cancelled.add(job.tag)

    @rule()
    def end_the_unwanted(self) -> None:
        self.run(self.sends.dispatch.cancel())

    @invariant()
    def nobody_is_called_cancelled_whom_the_executor_may_start(self) -> None:
        asked = [each.tag for launches, _ in self.sends.executor.asked for each in launches]
        for tag in asked:
            [job] = [job for job in self.jobs if job.tag == tag]
            assert self.run(self.sends.now(job)).state is State.ACCEPTED

    @invariant()
    def sends_fail_only_because_the_executor_does(self) -> None:
        failed = [each.exception() for each in self.sends.under_way if each.done()]
        assert {type(error) for error in failed if error} <= {ExecutorUnavailable}

    @invariant()
    def the_first_time_jobs_go_in_the_order_they_came_in(self) -> None:
        came = dict.fromkeys(self.sends.executor.in_order)
        assert list(came) == [job.tag for job in self.jobs if job.tag in came]


SendsAtOnce.TestCase.settings = settings(
    max_examples=examples(40), stateful_step_count=20, deadline=None
)
TestSendsAtOnce = SendsAtOnce.TestCase
