"""The pass dispatch hands jobs over once and follows them to their true end."""

import asyncio
from collections.abc import Collection, Sequence

import msgspec
import pytest

from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable, HeadwayError, StorageFull
from headway.core.model.array import Array
from headway.core.model.change import Change, Written
from headway.core.model.job import Job, Kind
from headway.core.model.names import Cluster, NativeId, Tag, WorkerId
from headway.core.model.principal import Principal, Scope
from headway.core.model.spec import Attributes, Spec
from headway.core.model.state import Reason, State
from headway.core.model.worker import Report
from headway.core.operations.annotate import set_status_text
from headway.core.operations.cancel import cancel
from headway.core.operations.report import report_workers
from headway.core.operations.submit import Submission, submit
from headway.core.passes.dispatch import Dispatch
from headway.core.passes.waiting import Waiting
from headway.core.ports.executor import Launch, Observation
from headway.testing.fakes import FakeClock, FakeExecutor

pytestmark = pytest.mark.anyio


@pytest.fixture
def full(core: Core, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A store without space, until undone."""

    async def refuse(changes: Sequence[Change]) -> Sequence[Written | HeadwayError]:
        return [StorageFull("no space") for _ in changes]

    monkeypatch.setattr(core.store, "write_many", refuse)
    return monkeypatch


async def a_job(core: Core, actor: Principal) -> Job:
    submission = Submission(spec=Spec(command=("/bin/true",)))
    return (await submit(core, actor=actor, protocol="rest", submission=submission)).job


async def now_of(core: Core, job: Job) -> Job:
    return await core.store.job(job.id)


def seen(job: Job, state: State, clock: FakeClock, **more: object) -> Observation:
    fields = {"tag": job.tag, "state": state, "at": clock.now(), **more}
    return Observation(**fields)  # type: ignore[arg-type]


async def test_a_job_is_sent_once_however_often_the_round_comes(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    assert [await dispatch.send(), await dispatch.send()] == [1, 0]
    assert list(executor.launches) == [job.tag]


async def test_a_job_is_told_where_and_as_what_it_reports(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    environment = executor.launches[job.tag].environment
    assert environment["HEADWAY_JOB_ID"] == job.id
    assert environment["HEADWAY_REPORT_TOKEN"].startswith(f"hwr_{job.id}_")


async def test_what_the_executor_saw_is_written_with_its_own_times(
    core: Core, dispatch: Dispatch, clock: FakeClock, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    began = clock.advance(seconds=1)
    started = seen(job, State.RUNNING, clock, native_id=NativeId("77"), started=began)
    ended = clock.advance(seconds=2)
    end = seen(job, State.FAILED, clock, reason=Reason.NONZERO_EXIT, exit_code=3)
    clock.advance(seconds=5)
    await dispatch.observe([started, end])
    after = await now_of(core, job)
    assert (after.state, after.reason, after.exit_code) == (State.FAILED, Reason.NONZERO_EXIT, 3)
    assert (after.native_id, after.started, after.ended) == ("77", began, ended)
    assert after.rev == 2


async def test_an_attempt_is_kept_with_the_job(
    core: Core, dispatch: Dispatch, clock: FakeClock, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await dispatch.observe([seen(job, State.SUCCEEDED, clock, exit_code=0, host="n1")])
    [attempt] = await core.store.attempts(job.id)
    assert (attempt.no, attempt.exit_code, attempt.host) == (1, 0, "n1")


async def test_an_executors_word_for_an_end_that_comes_later_is_kept_once_and_changes_nothing_else(
    core: Core, dispatch: Dispatch, clock: FakeClock, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await dispatch.observe([seen(job, State.SUCCEEDED, clock, exit_code=0, host="n1")])
    before, [attempt] = await now_of(core, job), await core.store.attempts(job.id)
    clock.advance(seconds=5)
    word = seen(job, State.SUCCEEDED, clock, exit_code=0, native_state="OUT_OF_MEMORY")
    for _ in range(2):
        await dispatch.observe([word])
    after = await now_of(core, job)
    assert (after.rev, after.state, after.ended) == (before.rev + 1, before.state, before.ended)
    assert await core.store.attempts(job.id) == [
        msgspec.structs.replace(attempt, native_state="OUT_OF_MEMORY")
    ]


async def test_a_refused_job_fails_with_the_executors_words(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    executor.refuses = lambda _: "there is no such directory"
    job = await a_job(core, alice)
    await dispatch.send()
    after = await now_of(core, job)
    assert (after.state, after.reason) == (State.FAILED, Reason.NOT_STARTED)
    assert after.error is not None
    assert after.error.message == "there is no such directory"


async def test_an_executor_that_is_away_leaves_the_job_accepted_and_says_so(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    executor.fails_with = ExecutorUnavailable("nobody there")
    with pytest.raises(ExecutorUnavailable):
        await dispatch.send()
    after = await now_of(core, job)
    assert (after.state, after.reason) == (State.ACCEPTED, Reason.EXECUTOR_DOWN)
    executor.fails_with = None
    assert await dispatch.send() == 1


async def test_a_submit_whose_answer_was_lost_is_not_sent_twice(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    executor.loses_answers = True
    with pytest.raises(ExecutorUnavailable):
        await dispatch.send()
    executor.loses_answers = False
    sent: list[str] = []
    executor.refuses = lambda launch: sent.append(launch.tag)
    await dispatch.send()
    assert sent == []
    assert (await now_of(core, job)).state is State.ACCEPTED


async def test_a_cancelled_job_that_was_never_sent_ends_at_once(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await cancel(core, actor=alice, protocol="rest", job_id=job.id)
    await dispatch.cancel()
    after = await now_of(core, job)
    assert (after.state, after.reason) == (State.CANCELLED, Reason.BY_USER)
    assert await dispatch.send() == 0
    assert executor.launches == {}


async def test_a_cancel_is_told_to_the_executor_and_kept_while_it_is_away(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    await cancel(core, actor=alice, protocol="rest", job_id=job.id)
    executor.fails_with = ExecutorUnavailable("nobody there")
    with pytest.raises(ExecutorUnavailable):
        await dispatch.cancel()
    executor.fails_with = None
    await dispatch.cancel()
    assert executor.wishes == {job.tag}


async def test_a_job_that_ended_before_the_cancel_took_effect_keeps_its_end(
    core: Core, dispatch: Dispatch, clock: FakeClock, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    await cancel(core, actor=alice, protocol="rest", job_id=job.id)
    await dispatch.observe([seen(job, State.SUCCEEDED, clock, exit_code=0)])
    assert (await now_of(core, job)).state is State.SUCCEEDED


async def test_a_job_that_the_executor_forgot_is_lost_and_corrected_by_later_evidence(
    core: Core, dispatch: Dispatch, clock: FakeClock, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    await dispatch.observe([seen(job, State.RUNNING, clock, started=clock.now())])
    executor.launches.clear()
    again = Dispatch(core, cluster=Cluster("local"))
    await again.start()
    assert (await now_of(core, job)).reason is Reason.LOST
    await again.observe([seen(job, State.SUCCEEDED, clock, exit_code=0)])
    after = await now_of(core, job)
    assert (after.state, after.reason, after.exit_code) == (State.SUCCEEDED, None, 0)


async def test_what_was_lost_before_a_new_server_is_looked_for_by_it_for_a_day(
    core: Core,
    dispatch: Dispatch,
    clock: FakeClock,
    executor: FakeExecutor,
    alice: Principal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    await dispatch.observe(
        [seen(job, State.FAILED, clock, reason=Reason.LOST, message="nobody knows")]
    )
    sought: list[Sequence[Tag]] = []

    async def find(tags: Collection[Tag]) -> Collection[Tag]:
        sought.append(list(tags))
        return tags

    monkeypatch.setattr(executor, "find", find)
    await Dispatch(core, cluster=Cluster("local")).start()
    clock.advance(seconds=86_401)
    await Dispatch(core, cluster=Cluster("local")).start()
    assert sought == [[job.tag], []]
    assert (await now_of(core, job)).reason is Reason.LOST


async def test_a_new_server_does_not_send_again_what_the_old_one_sent(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    again = Dispatch(core, cluster=Cluster("local"))
    await again.start()
    assert await again.send() == 0
    assert list(executor.launches) == [job.tag]


async def test_a_persons_words_on_a_waiting_job_do_not_keep_it_from_being_sent(
    core: Core, dispatch: Dispatch, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await set_status_text(core, actor=alice, protocol="rest", job_id=job.id, text="soon")
    said = Report(worker=WorkerId("1"), current=1.0, at=core.clock.now())
    await report_workers(core, actor=alice, protocol="rest", job_id=job.id, reports=[said])
    assert (await now_of(core, job)).state is State.ACCEPTED
    assert await dispatch.send() == 1


async def test_a_job_that_says_first_that_it_runs_gets_its_native_id_all_the_same(
    core: Core, dispatch: Dispatch, clock: FakeClock, alice: Principal
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    itself = Principal(name="alice", scopes=frozenset({Scope.REPORT}), job=job.id)
    said = Report(worker=WorkerId("1"), current=1.0, at=core.clock.now())
    await report_workers(core, actor=itself, protocol="rest", job_id=job.id, reports=[said])
    assert (await now_of(core, job)).state is State.RUNNING
    began = seen(job, State.RUNNING, clock, native_id=NativeId("77"), started=clock.now())
    await dispatch.observe([began])
    assert (await now_of(core, job)).native_id == "77"


async def test_a_cancelled_job_whose_sending_got_no_answer_and_never_arrived_ends(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    executor.fails_with = ExecutorUnavailable("nobody there")
    with pytest.raises(ExecutorUnavailable):
        await dispatch.send()
    await cancel(core, actor=alice, protocol="rest", job_id=job.id)
    executor.fails_with = None
    await dispatch.cancel()
    assert (await now_of(core, job)).state is State.CANCELLED
    assert await dispatch.send() == 0


async def test_a_cancelled_job_whose_sending_got_no_answer_and_did_arrive_is_ended_there(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(core, alice)
    executor.loses_answers = True
    with pytest.raises(ExecutorUnavailable):
        await dispatch.send()
    executor.loses_answers = False
    await cancel(core, actor=alice, protocol="rest", job_id=job.id)
    await dispatch.cancel()
    assert executor.wishes == {job.tag}
    assert (await now_of(core, job)).state is State.ACCEPTED


async def test_jobs_are_sent_oldest_first_as_there_is_room(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, clock: FakeClock, alice: Principal
) -> None:
    executor.places = 2
    jobs = [await a_job(core, alice) for _ in range(5)]
    sent: list[str] = []
    for _ in range(5):
        await dispatch.send()
        here = [tag for tag in executor.launches if tag not in sent]
        sent += here
        for tag in here:
            job = next(job for job in jobs if job.tag == tag)
            executor.tell(seen(job, State.SUCCEEDED, clock, exit_code=0))
            await dispatch.observe([seen(job, State.SUCCEEDED, clock, exit_code=0)])
    assert sent == [job.tag for job in jobs]


async def test_a_job_that_was_accepted_while_the_store_was_read_is_not_missed(
    core: Core, alice: Principal
) -> None:
    waiting = Waiting(core.store, Cluster("local"))
    first = await a_job(core, alice)

    def heard(batch: Sequence[Written]) -> None:
        for written in batch:
            for job in written.jobs:
                waiting.heard(job)

    core.store.listen(heard)
    reading = asyncio.create_task(waiting.oldest(least=10))
    second = await a_job(core, alice)
    await reading
    assert [job.id for _, job in await waiting.oldest(least=10)] == [first.id, second.id]


async def test_what_was_seen_while_there_was_no_space_is_written_later(
    core: Core,
    dispatch: Dispatch,
    executor: FakeExecutor,
    clock: FakeClock,
    alice: Principal,
    full: pytest.MonkeyPatch,
) -> None:
    job = await a_job(core, alice)
    await dispatch.send()
    end = seen(job, State.FAILED, clock, reason=Reason.NONZERO_EXIT, exit_code=7)
    executor.tell(end)
    with pytest.raises(StorageFull):
        await dispatch.observe([end])
    full.undo()
    await executor.start()  # tells again what is not settled
    await dispatch.observe(await anext(aiter(executor.observations())))
    assert (await now_of(core, job)).exit_code == 7


async def test_a_refusal_while_there_is_no_space_is_asked_for_again(
    core: Core,
    dispatch: Dispatch,
    executor: FakeExecutor,
    alice: Principal,
    full: pytest.MonkeyPatch,
) -> None:
    executor.refuses = lambda _: "there is no such directory"
    job = await a_job(core, alice)
    with pytest.raises(StorageFull):
        await dispatch.send()
    full.undo()
    await dispatch.send()
    assert (await now_of(core, job)).reason is Reason.NOT_STARTED


async def test_a_cancel_while_there_is_no_space_is_kept(
    core: Core, dispatch: Dispatch, alice: Principal, full: pytest.MonkeyPatch
) -> None:
    job = await a_job(core, alice)
    await cancel(core, actor=alice, protocol="rest", job_id=job.id)
    with pytest.raises(StorageFull):
        await dispatch.cancel()
    full.undo()
    await dispatch.cancel()
    assert (await now_of(core, job)).state is State.CANCELLED


def timed(*, duration: float | None = None, total_duration: float | None = None) -> Submission:
    attributes = Attributes(duration=duration, total_duration=total_duration)
    return Submission(spec=Spec(command=("/bin/true",), attributes=attributes))


async def test_a_job_that_waits_beyond_its_total_time_has_timed_out(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, clock: FakeClock, alice: Principal
) -> None:
    executor.places = 0
    wish = timed(total_duration=60)
    job = (await submit(core, actor=alice, protocol="rest", submission=wish)).job
    patient = await a_job(core, alice)
    clock.advance(seconds=59)
    await dispatch.end_overdue()
    assert (await now_of(core, job)).state is State.ACCEPTED
    clock.advance(seconds=1)
    await dispatch.end_overdue()
    after = await now_of(core, job)
    assert (after.state, after.reason) == (State.FAILED, Reason.TIMEOUT)
    assert after.error is not None
    assert after.error.message == "its total time of 60 s passed before it could start"
    executor.places = 9
    await dispatch.send()
    assert list(executor.launches) == [patient.tag]


async def test_a_job_that_waited_before_a_restart_times_out_after_it(
    core: Core, clock: FakeClock, alice: Principal
) -> None:
    wish = timed(total_duration=60)
    job = (await submit(core, actor=alice, protocol="rest", submission=wish)).job
    clock.advance(seconds=90)
    again = Dispatch(core, cluster=Cluster("local"))
    await again.start()
    await again.end_overdue()
    assert (await now_of(core, job)).reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    ("duration", "total", "given"),
    [(None, None, None), (100.0, None, 100.0), (None, 60.0, 50.0), (20.0, 60.0, 20.0)],
)
async def test_a_job_starts_with_what_is_left_of_its_time(
    core: Core,
    dispatch: Dispatch,
    executor: FakeExecutor,
    clock: FakeClock,
    alice: Principal,
    duration: float | None,
    total: float | None,
    given: float | None,
) -> None:
    wish = timed(duration=duration, total_duration=total)
    job = (await submit(core, actor=alice, protocol="rest", submission=wish)).job
    clock.advance(seconds=10)
    await dispatch.send()
    assert executor.launches[job.tag].spec.attributes.duration == given


async def test_a_job_in_the_executors_hands_is_its_own_to_end(
    core: Core, dispatch: Dispatch, executor: FakeExecutor, clock: FakeClock, alice: Principal
) -> None:
    wish = timed(total_duration=60)
    job = (await submit(core, actor=alice, protocol="rest", submission=wish)).job
    await dispatch.send()
    clock.advance(seconds=61)
    await dispatch.end_overdue()
    assert (await now_of(core, job)).state is State.ACCEPTED


async def test_a_full_disk_puts_off_the_end_of_what_is_out_of_time(
    core: Core,
    dispatch: Dispatch,
    clock: FakeClock,
    alice: Principal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wish = timed(total_duration=60)
    job = (await submit(core, actor=alice, protocol="rest", submission=wish)).job
    clock.advance(seconds=61)

    async def refuse(_change: Change) -> Written:
        raise StorageFull("no space")

    with monkeypatch.context() as full:
        full.setattr(core.store, "write", refuse)
        with pytest.raises(StorageFull):
            await dispatch.end_overdue()
    await dispatch.end_overdue()
    assert (await now_of(core, job)).reason is Reason.TIMEOUT


class Foreseeing(FakeExecutor):
    """An executor that makes ready for what is being stored."""

    def __init__(self) -> None:
        super().__init__(places=1)
        self.expected: list[Launch] = []

    def may_expect(self) -> bool:
        return True

    def expect(self, launch: Launch) -> None:
        self.expected.append(launch)


async def ahead(core: Core, executor: Foreseeing) -> tuple[Core, Dispatch]:
    """Give a core with a cluster ``ahead``, and its rounds; they have looked, so they know that nothing waits."""
    name = Cluster("ahead")
    core = msgspec.structs.replace(core, executors={**core.executors, name: executor})
    rounds = Dispatch(core, cluster=name)

    def heard(batch: Sequence[Written]) -> None:
        for written in batch:
            for job in written.jobs:
                rounds.noticed(job)

    core.store.listen(heard)
    core.ahead[name] = rounds.expect
    await rounds.start()
    assert await rounds.send() == 0
    return core, rounds


async def a_job_ahead(core: Core, actor: Principal, **more: object) -> Job:
    fields = {"spec": Spec(command=("/bin/true",)), "cluster": Cluster("ahead"), **more}
    submission = Submission(**fields)  # type: ignore[arg-type]
    return (await submit(core, actor=actor, protocol="rest", submission=submission)).job


async def test_an_executor_makes_ready_for_a_job_while_it_is_stored_and_then_gets_just_that(
    core: Core, alice: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = Foreseeing()
    core, rounds = await ahead(core, executor)
    write = core.store.write

    async def not_before(change: Change) -> Written:
        assert [launch.tag for launch in executor.expected] == [job.tag for job in change.jobs]
        assert not executor.launches
        return await write(change)

    monkeypatch.setattr(core.store, "write", not_before)
    job = await a_job_ahead(core, alice)
    assert await rounds.send() == 1
    assert executor.launches[job.tag] is executor.expected[0]


async def test_nothing_is_made_ready_for_a_job_that_others_come_before(
    core: Core, alice: Principal
) -> None:
    executor = Foreseeing()
    core, rounds = await ahead(core, executor)
    for _ in range(2):
        await a_job_ahead(core, alice)
    assert len(executor.expected) == 1
    await rounds.send()
    await a_job_ahead(core, alice)  # there is no room for it
    assert len(executor.expected) == 1


async def test_nothing_is_made_ready_for_what_is_not_sent_as_soon_as_it_is_stored(
    core: Core, alice: Principal
) -> None:
    executor = Foreseeing()
    core, _ = await ahead(core, executor)
    await a_job_ahead(core, alice, kind=Kind.REPORT)
    array = Spec(command=("/bin/true",), array=Array(indices="0-1"))
    await a_job_ahead(core, alice, spec=array)
    assert executor.expected == []
