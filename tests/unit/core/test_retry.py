"""The operation retry, and how the pass dispatch runs what is tried again."""

from collections.abc import Collection, Sequence

import pytest
from msgspec.structs import replace

from headway.core.core import Core
from headway.core.errors import Conflict, Forbidden, NotFound
from headway.core.model.change import Change, Written
from headway.core.model.event import EventType
from headway.core.model.job import Job, Kind
from headway.core.model.names import Cluster, Seq, Tag, WorkerId, tag_of
from headway.core.model.principal import Principal, Scope
from headway.core.model.selection import Visibility
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.model.worker import Report
from headway.core.operations.cancel import cancel
from headway.core.operations.counters import patch_counters
from headway.core.operations.find import find_detail, find_workers
from headway.core.operations.logs import read_log
from headway.core.operations.report import report_workers
from headway.core.operations.retry import MOST_ATTEMPTS, retry
from headway.core.operations.submit import Submission, submit
from headway.core.passes.dispatch import Dispatch
from headway.core.ports.executor import Observation, Stream
from headway.testing.fakes import FakeClock, FakeExecutor, exited, running

pytestmark = pytest.mark.anyio
LOCAL = Cluster("local")


@pytest.fixture
async def dispatch(core: Core) -> Dispatch:
    return await a_dispatch(core)


async def a_dispatch(core: Core) -> Dispatch:
    made = Dispatch(core, cluster=LOCAL)

    def heard(batch: Sequence[Written]) -> None:
        for written in batch:
            for job in written.jobs:
                made.noticed(job)

    core.store.listen(heard)
    await made.start()
    return made


async def submitted(core: Core, actor: Principal) -> Job:
    submission = Submission(spec=Spec(command=("/bin/false",)))
    return (await submit(core, actor=actor, protocol="rest", submission=submission)).job


async def failed(core: Core, dispatch: Dispatch, actor: Principal, *, code: int = 3) -> Job:
    job = await submitted(core, actor)
    await dispatch.send()
    await dispatch.observe([running(job.tag), exited(job.tag, exit_code=code)])
    return await core.store.job(job.id)


async def again(core: Core, actor: Principal, job: Job) -> Job:
    return await retry(core, actor=actor, protocol="rest", job_id=job.id)


async def test_an_ended_job_is_accepted_again_as_its_next_attempt(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await failed(core, dispatch, alice)
    after = await again(core, alice, job)
    assert (after.id, after.number, after.attempt) == (job.id, job.number, 2)
    assert (after.state, after.reason, after.exit_code, after.ended) == (
        State.ACCEPTED,
        None,
        None,
        None,
    )
    await dispatch.send()
    assert list(executor.launches) == [tag_of(job.id, 1), tag_of(job.id, 2)]


async def test_what_was_tried_very_often_is_not_tried_again(
    core: Core, dispatch: Dispatch, alice: Principal
) -> None:
    job = await failed(core, dispatch, alice)
    almost = replace(job, attempt=MOST_ATTEMPTS - 1, rev=job.rev + 1)
    await core.store.write(Change(jobs=(almost,)))
    last = await again(core, alice, job)
    assert last.attempt == MOST_ATTEMPTS
    ended = replace(last, state=State.FAILED, reason=Reason.NONZERO_EXIT, rev=last.rev + 1)
    await core.store.write(Change(jobs=(ended,)))
    with pytest.raises(Conflict, match="clone it"):
        await again(core, alice, job)


async def test_the_attempt_that_is_over_stays_with_how_it_ended_and_its_log(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await failed(core, dispatch, alice)
    executor.logs[job.tag, Stream.STDOUT] = b"first"
    await again(core, alice, job)
    [attempt] = (await find_detail(core, actor=alice, ref=job.id)).attempts
    assert (attempt.no, attempt.exit_code) == (1, 3)
    assert (attempt.state, attempt.reason) == (State.FAILED, Reason.NONZERO_EXIT)
    part = await read_log(
        core,
        actor=alice,
        job_id=job.id,
        stream=Stream.STDOUT,
        attempt=1,
        offset=0,
        limit=10,
    )
    assert part.data == b"first"


async def test_progress_and_counters_begin_anew(
    core: Core, dispatch: Dispatch, clock: FakeClock, alice: Principal
) -> None:
    job = await failed(core, dispatch, alice)
    said = Report(worker=WorkerId("w"), current=5, total=5, at=clock.now())
    await report_workers(core, actor=alice, protocol="rest", job_id=job.id, reports=[said])
    await patch_counters(
        core, actor=alice, protocol="rest", job_id=job.id, values=[("n", 1, None)], replace=False
    )
    await again(core, alice, job)
    assert await find_workers(core, actor=alice, job_id=job.id, limit=10) == []
    assert (await find_detail(core, actor=alice, ref=job.id)).counters == []


async def test_a_retry_is_news_with_how_the_attempt_before_ended(
    core: Core, dispatch: Dispatch, alice: Principal
) -> None:
    job = await failed(core, dispatch, alice)
    await again(core, alice, job)
    everything = Visibility(everything=True)
    *_, last = await core.store.events(everything, job=job.id, after=Seq(0), limit=100)
    assert (last.type, last.actor, last.protocol) == (EventType.REQUEUED, "alice", "rest")
    assert last.data == {"attempt": 2, "state": State.FAILED, "reason": Reason.NONZERO_EXIT}


async def test_of_two_retries_only_one_makes_an_attempt(
    core: Core, dispatch: Dispatch, alice: Principal
) -> None:
    job = await failed(core, dispatch, alice)
    await again(core, alice, job)
    with pytest.raises(Conflict, match="is accepted"):
        await again(core, alice, job)
    assert (await core.store.job(job.id)).attempt == 2


async def test_a_job_that_goes_on_is_not_tried_again(
    core: Core, dispatch: Dispatch, alice: Principal
) -> None:
    job = await submitted(core, alice)
    with pytest.raises(Conflict, match="only a job that has ended"):
        await again(core, alice, job)


async def test_a_job_that_only_reports_is_not_tried_again(core: Core, alice: Principal) -> None:
    submission = Submission(kind=Kind.REPORT)
    job = (await submit(core, actor=alice, protocol="rest", submission=submission)).job
    with pytest.raises(Conflict, match="only reports"):
        await again(core, alice, job)


async def test_others_cannot_try_a_job_again(
    core: Core, dispatch: Dispatch, alice: Principal
) -> None:
    job = await failed(core, dispatch, alice)
    bob = Principal(name="bob", scopes=alice.scopes, via="token")
    with pytest.raises(NotFound):
        await again(core, bob, job)
    reader = Principal(name="alice", scopes=frozenset({Scope.READ}), via="token")
    with pytest.raises(Forbidden):
        await again(core, reader, job)


async def test_a_late_word_on_the_attempt_before_does_not_end_the_next_one(
    core: Core, dispatch: Dispatch, alice: Principal
) -> None:
    job = await failed(core, dispatch, alice)
    await again(core, alice, job)
    await dispatch.send()
    await dispatch.observe([exited(job.tag, exit_code=3)])
    after = await core.store.job(job.id)
    assert (after.state, after.attempt) == (State.ACCEPTED, 2)


async def test_a_job_tried_again_can_be_cancelled_before_it_is_sent(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await failed(core, dispatch, alice)
    await again(core, alice, job)
    await cancel(core, actor=alice, protocol="rest", job_id=job.id)
    await dispatch.cancel()
    await dispatch.send()
    after = await core.store.job(job.id)
    assert (after.state, after.attempt) == (State.CANCELLED, 2)
    assert tag_of(job.id, 2) not in executor.launches


async def test_a_job_that_was_cancelled_can_be_tried_again(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await submitted(core, alice)
    await cancel(core, actor=alice, protocol="rest", job_id=job.id)
    await dispatch.cancel()
    after = await again(core, alice, job)
    assert (after.state, after.cancel) == (State.ACCEPTED, None)
    await dispatch.send()
    assert list(executor.launches) == [tag_of(job.id, 2)]


async def test_a_server_that_died_after_the_retry_was_written_sends_it_once(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await failed(core, dispatch, alice)
    await again(core, alice, job)
    second = await a_dispatch(core)
    assert [await second.send(), await second.send()] == [1, 0]
    third = await a_dispatch(core)
    assert await third.send() == 0
    assert list(executor.launches) == [tag_of(job.id, 1), tag_of(job.id, 2)]


class TestAnAttemptThatWasGivenUpAsLost:
    """It may run all the same: the next one waits until it surely does not."""

    @pytest.fixture
    async def job(self, core: Core, executor: FakeExecutor, alice: Principal) -> Job:
        """A job whose attempt nobody knew when the server started."""
        first = await a_dispatch(core)
        job = await submitted(core, alice)
        await first.send()
        await first.observe([running(job.tag)])
        launch = executor.launches.pop(job.tag)
        await a_dispatch(core)
        executor.launches[job.tag] = launch
        lost = await core.store.job(job.id)
        assert lost.reason is Reason.LOST
        return lost

    async def test_is_ended_before_the_next_one_is_sent(
        self, core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal, job: Job
    ) -> None:
        await again(core, alice, job)
        assert [await dispatch.send(), await dispatch.send()] == [0, 0]
        assert executor.wishes == {job.tag}
        await dispatch.observe([exited(job.tag, exit_code=1)])
        await dispatch.send()
        assert list(executor.launches) == [job.tag, tag_of(job.id, 2)]

    async def test_is_kept_with_its_true_end_when_that_becomes_known(
        self, core: Core, dispatch: Dispatch, alice: Principal, job: Job
    ) -> None:
        before = await again(core, alice, job)
        await dispatch.observe([exited(job.tag, exit_code=0)])
        [attempt] = await core.store.attempts(job.id)
        assert (attempt.state, attempt.reason, attempt.exit_code) == (State.SUCCEEDED, None, 0)
        after = await core.store.job(job.id)
        assert after.state is State.ACCEPTED
        assert after.rev == before.rev + 1, (
            "its document tells of the attempt: clients read it anew"
        )

    async def test_does_not_hold_the_next_one_back_when_it_is_really_gone(
        self, core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal, job: Job
    ) -> None:
        executor.launches.clear()
        await again(core, alice, job)
        assert await dispatch.send() == 1

    async def test_does_not_hold_back_others(
        self, core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal, job: Job
    ) -> None:
        await again(core, alice, job)
        other = await submitted(core, alice)
        assert await dispatch.send() == 1
        assert other.tag in executor.launches


async def test_lost_attempts_of_many_jobs_are_asked_for_together(
    core: Core, executor: FakeExecutor, alice: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await a_dispatch(core)
    jobs = [await submitted(core, alice) for _ in range(20)]
    await first.send()
    await first.observe([running(job.tag) for job in jobs])
    executor.launches.clear()
    dispatch = await a_dispatch(core)
    for job in jobs:
        await again(core, alice, job)
    asked: list[Collection[Tag]] = []
    find = executor.find

    async def counted(tags: Collection[Tag]) -> Collection[Tag]:
        asked.append(tags)
        return await find(tags)

    monkeypatch.setattr(executor, "find", counted)
    assert await dispatch.send() == len(jobs)
    assert [sorted(tags) for tags in asked] == [sorted(job.tag for job in jobs)]


async def test_an_attempt_that_its_executor_gave_up_does_not_hold_the_next_one_back(
    core: Core, executor: FakeExecutor, alice: Principal
) -> None:
    first = await a_dispatch(core)
    job = await submitted(core, alice)
    await first.send()
    forgotten = Observation(
        tag=job.tag, state=State.ACCEPTED, reason=Reason.LOST, again=True, at=core.clock.now()
    )
    await first.observe([forgotten])
    second = await a_dispatch(core)  # which is told once more, for the executor still knows it
    assert await second.send() == 0
    await second.observe([forgotten])
    assert [await second.send(), await second.send()] == [1, 0]
    assert list(executor.launches) == [tag_of(job.id, 1), tag_of(job.id, 2)]
