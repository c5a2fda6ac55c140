"""Jobs that wait for other jobs, for an executor that is away, or again after their executor put them back."""

import pytest

from headway.core.core import Core
from headway.core.errors import ExecutorSlow, ExecutorUnavailable, InvalidRequest
from headway.core.model.event import EventType
from headway.core.model.job import Job
from headway.core.model.names import JobId, NativeId, Seq
from headway.core.model.principal import Principal
from headway.core.model.selection import Visibility
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.operations.cancel import cancel
from headway.core.operations.submit import Submission, submit
from headway.core.passes.dispatch import Dispatch
from headway.core.ports.executor import Observation
from headway.testing.fakes import NOON, FakeClock, FakeExecutor, exited, running

pytestmark = pytest.mark.anyio


async def a_job(core: Core, alice: Principal, *after: JobId) -> Job:
    submission = Submission(spec=Spec(command=("/bin/true",), after=after))
    return (await submit(core, actor=alice, protocol="rest", submission=submission)).job


async def now_of(core: Core, job: Job) -> Job:
    return await core.store.job(job.id)


def put_back(job: Job, state: State, reason: Reason) -> Observation:
    return Observation(
        tag=job.tag, state=state, reason=reason, again=True, native_id=NativeId("7"), at=NOON
    )


async def test_a_job_is_not_sent_before_those_it_is_to_follow(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor
) -> None:
    first = await a_job(core, alice)
    second = await a_job(core, alice, first.id)
    await dispatch.send()
    assert executor.sent == [first.tag]
    assert (await now_of(core, second)).reason is Reason.DEPENDENCY
    await dispatch.observe([exited(first.tag)])
    await dispatch.send()
    assert executor.sent == [first.tag, second.tag]


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
async def test_a_job_after_one_that_did_not_succeed_never_begins(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor, state: State
) -> None:
    first = await a_job(core, alice)
    second = await a_job(core, alice, first.id)
    if state is State.CANCELLED:
        await cancel(core, actor=alice, protocol="rest", job_id=first.id)
        await dispatch.cancel()
    else:
        await dispatch.send()
        await dispatch.observe([exited(first.tag, exit_code=1)])
    await dispatch.send()
    job = await now_of(core, second)
    assert (job.state, job.reason) == (State.FAILED, Reason.NOT_STARTED)
    assert second.tag not in executor.launches


async def test_a_job_cannot_follow_one_that_is_not_there(core: Core, alice: Principal) -> None:
    unknown = JobId("01890000-0000-7000-8000-000000000000")
    with pytest.raises(InvalidRequest, match=r"after\[0\]: no job is called"):
        await a_job(core, alice, unknown)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ExecutorUnavailable("no answer"), Reason.EXECUTOR_DOWN),
        (ExecutorSlow("no answer in 5 s"), Reason.EXECUTOR_SLOW),
    ],
)
async def test_waiting_jobs_say_how_their_executor_is_away(
    core: Core,
    alice: Principal,
    dispatch: Dispatch,
    executor: FakeExecutor,
    error: ExecutorUnavailable,
    reason: Reason,
) -> None:
    job = await a_job(core, alice)
    executor.fails_with = error
    with pytest.raises(ExecutorUnavailable):
        await dispatch.start()
    assert (await now_of(core, job)).reason is reason


async def test_running_jobs_say_it_only_when_it_lasts(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor, clock: FakeClock
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    await dispatch.observe([running(job.tag)])
    executor.fails_with = ExecutorUnavailable("no answer")
    for reason in (None, Reason.UNREACHABLE):
        with pytest.raises(ExecutorUnavailable):
            await dispatch.start()
        assert (await now_of(core, job)).reason is reason
        clock.advance(seconds=61)
    executor.fails_with = None
    await dispatch.start()
    await dispatch.observe([running(job.tag)])
    assert (await now_of(core, job)).reason is None


async def test_a_job_that_is_put_back_goes_on_as_its_next_attempt(
    core: Core, alice: Principal, dispatch: Dispatch
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    await dispatch.observe([running(job.tag), put_back(job, State.QUEUED, Reason.PREEMPTED)])
    now = await now_of(core, job)
    assert (now.state, now.attempt, now.started, now.native_id) == (State.QUEUED, 2, None, "7")
    [first] = await core.store.attempts(job.id)
    assert (first.no, first.state, first.reason) == (1, State.FAILED, Reason.PREEMPTED)
    events = await core.store.events(
        Visibility(everything=True), job=job.id, after=Seq(0), limit=20
    )
    assert events[-1].type is EventType.REQUEUED


async def test_a_job_that_was_forgotten_is_sent_again(
    core: Core, alice: Principal, dispatch: Dispatch, executor: FakeExecutor
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    await dispatch.observe([put_back(job, State.ACCEPTED, Reason.LOST)])
    await executor.forget([job.tag])
    await dispatch.send()
    now = await now_of(core, job)
    assert now.attempt == 2
    assert executor.sent == [job.tag, now.tag]


async def test_the_wish_that_a_job_ends_outlives_its_being_put_back(
    core: Core, alice: Principal, dispatch: Dispatch
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    await cancel(core, actor=alice, protocol="rest", job_id=job.id)
    await dispatch.observe([put_back(job, State.ACCEPTED, Reason.LOST)])
    await dispatch.cancel()
    assert (await now_of(core, job)).state is State.CANCELLED


async def test_a_job_that_has_ended_is_not_put_back(
    core: Core, alice: Principal, dispatch: Dispatch
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    await dispatch.observe([exited(job.tag)])
    await dispatch.observe([put_back(job, State.QUEUED, Reason.PREEMPTED)])
    assert (await now_of(core, job)).state is State.SUCCEEDED
