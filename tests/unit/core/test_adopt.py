"""Jobs that a cluster has and Headway did not hand over are shown, followed, and never touched."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from headway.core.core import Core
from headway.core.errors import Conflict, NotFound
from headway.core.model.action import Action
from headway.core.model.change import Change, Written
from headway.core.model.event import EventType
from headway.core.model.job import Attempt, Job, Kind
from headway.core.model.names import Cluster, NativeId
from headway.core.model.principal import Principal, Scope
from headway.core.model.selection import Selection, Visibility
from headway.core.model.spec import Spec, Submits
from headway.core.model.state import Reason, State
from headway.core.operations.bulk import bulk
from headway.core.operations.cancel import cancel
from headway.core.operations.clone import clone
from headway.core.operations.clusters import find_clusters
from headway.core.operations.logs import read_log
from headway.core.operations.native import explain, native_detail
from headway.core.operations.retry import retry
from headway.core.passes.adopt import Adopt
from headway.core.passes.arrays import Arrays
from headway.core.passes.dispatch import Dispatch
from headway.core.policy.access import OPEN_NETWORK
from headway.core.policy.rights import Right, rights_of
from headway.core.ports.executor import Stream
from headway.core.ports.foreign import ForeignJob
from headway.stores.memory import MemoryStore
from headway.testing.fake_foreign import FakeForeignJobs
from headway.testing.fakes import NOON, FakeClock, FakeExecutor, FakeIds, FakeSeal

pytestmark = pytest.mark.anyio

SLURM = Cluster("slurm")
ALL = Visibility(everything=True)
EVERY = Selection(children=True, hidden=True)
ME = Principal(name="alice", scopes=frozenset(Scope), via="socket")


@pytest.fixture
def foreign() -> FakeForeignJobs:
    return FakeForeignJobs()


@pytest.fixture
async def core(
    clock: FakeClock, executor: FakeExecutor, foreign: FakeForeignJobs
) -> AsyncIterator[Core]:
    store = MemoryStore()
    executor.others = foreign
    yield Core(
        store=store,
        executors={SLURM: executor},
        clock=clock,
        ids=FakeIds(),
        seal=FakeSeal(),
        adopting=frozenset({SLURM}),
        own_user="alice",
        default_cluster=SLURM,
    )
    await store.close()


def a_row(number: int = 7, **fields: object) -> ForeignJob:
    plain: dict[str, object] = {
        "id": NativeId(str(number)),
        "submitted": NOON - timedelta(minutes=number),
        "name": f"job {number}",
        "state": State.QUEUED,
        "word": "PENDING",
    }
    return ForeignJob(**{**plain, **fields})  # type: ignore[arg-type]


def running(row: ForeignJob, **fields: object) -> ForeignJob:
    now = {"state": State.RUNNING, "reason": None, "word": "RUNNING", "host": "n1", "started": NOON}
    return replace(row, **{**now, "log": "/home/alice/7.log", **fields})


def ended(row: ForeignJob, state: State = State.SUCCEEDED, **fields: object) -> ForeignJob:
    now = {"state": state, "word": "COMPLETED", "ended": NOON + timedelta(minutes=1)}
    return replace(running(row), **{**now, **fields})


async def see(core: Core, foreign: FakeForeignJobs, adopt: Adopt, *rows: ForeignJob) -> None:
    foreign.lists(*rows, at=core.clock.now())
    while await adopt.round():
        pass


async def jobs_of(core: Core) -> list[Job]:
    """Give all jobs, the oldest first."""
    return (await core.store.jobs(EVERY, ALL, limit=10_000))[::-1]


async def the_job(core: Core) -> Job:
    (job,) = await jobs_of(core)
    return job


@pytest.fixture
async def adopt(core: Core, foreign: FakeForeignJobs) -> Adopt:
    made = Adopt(core, cluster=SLURM, foreign=foreign)
    await made.start()
    return made


def commits_of(core: Core) -> list[Written]:
    heard: list[Written] = []
    core.store.listen(heard.extend)
    return heard


async def test_a_waiting_job_is_shown_with_all_that_its_scheduler_says(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    row = a_row(
        reason=Reason.DEPENDENCY, why="Dependency", queue="long", asked={"cores": "4"}, position=3
    )
    await see(core, foreign, adopt, row)
    job = await the_job(core)
    assert (job.kind, job.protocol, job.owner) == (Kind.ADOPTED, "adopted", "alice")
    assert (job.name, job.cluster, job.native_id) == ("job 7", SLURM, "7")
    assert (job.state, job.reason) == (State.QUEUED, Reason.DEPENDENCY)
    assert job.created == job.queued == row.submitted
    (attempt,) = await core.store.attempts(job.id)
    assert attempt.native_state == "PENDING"
    assert attempt.native_info == {"queue": "long", "cores": "4"}
    why = (await explain(core, actor=ME, job_id=job.id)).native
    assert why is not None
    assert (why.why, why.position, why.queue) == ("Dependency", 3, "long")
    assert (
        await native_detail(core, actor=ME, job_id=job.id, attempt=None) == "JobId=7 JobName=job 7"
    )


async def test_a_job_is_followed_to_its_end(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt, clock: FakeClock
) -> None:
    row = a_row()
    await see(core, foreign, adopt, row)
    await see(core, foreign, adopt, running(row))
    job = await the_job(core)
    assert (job.state, job.started) == (State.RUNNING, NOON)
    clock.advance(seconds=70)
    failed = ended(row, State.FAILED, reason=Reason.NONZERO_EXIT, exit_code=3, why="exit code 3")
    await see(core, foreign, adopt, failed)
    job = await the_job(core)
    assert (job.state, job.reason, job.exit_code) == (State.FAILED, Reason.NONZERO_EXIT, 3)
    assert job.ended == failed.ended
    assert job.error is not None
    assert job.error.message == "exit code 3"
    (attempt,) = await core.store.attempts(job.id)
    assert (attempt.host, attempt.native_info["log"]) == ("n1", "/home/alice/7.log")
    kinds = [e.type for e in await core.store.events(ALL, job=job.id, after=0, limit=9)]  # type: ignore[arg-type]
    assert kinds == [EventType.ACCEPTED, EventType.QUEUED, EventType.RUNNING, EventType.FAILED]


async def test_nothing_is_written_when_nothing_changed(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    rows = [a_row(1), running(a_row(2)), ended(a_row(3))]
    await see(core, foreign, adopt, *rows)
    heard = commits_of(core)
    await see(core, foreign, adopt, *rows)
    await see(core, foreign, adopt, replace(rows[0], expected_start=NOON, position=2), *rows[1:])
    assert heard == []


async def test_a_server_that_starts_again_adopts_nothing_twice_and_writes_nothing(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    rows = [a_row(1), running(a_row(2)), ended(a_row(3))]
    await see(core, foreign, adopt, *rows)
    heard = commits_of(core)
    again = Adopt(core, cluster=SLURM, foreign=foreign)
    await again.start()
    await see(core, foreign, again, *rows)
    assert heard == []
    assert len(await jobs_of(core)) == 3


async def test_an_id_that_is_given_out_again_is_another_job(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt, clock: FakeClock
) -> None:
    row = running(a_row())
    await see(core, foreign, adopt, row)
    other = a_row(submitted=NOON, name="another")
    await see(core, foreign, adopt, other)
    for _ in range(10):
        clock.advance(seconds=61)
        await see(core, foreign, adopt, other)
    first, second = await jobs_of(core)
    assert (first.name, first.state, first.reason) == ("job 7", State.FAILED, Reason.LOST)
    assert (second.name, second.state) == ("another", State.QUEUED)


async def test_a_job_that_is_put_back_into_the_queue_is_the_same_job(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    row = a_row()
    await see(core, foreign, adopt, running(row))
    back = replace(row, submitted=NOON + timedelta(seconds=5), restarts=1)
    await see(core, foreign, adopt, back)
    job = await the_job(core)
    assert (job.state, job.attempt, job.queued) == (State.QUEUED, 2, back.submitted)
    again = Adopt(core, cluster=SLURM, foreign=foreign)
    await again.start()
    heard = commits_of(core)
    await see(core, foreign, again, back)
    assert heard == []
    await see(core, foreign, again, ended(back))
    job = await the_job(core)
    assert job.state is State.SUCCEEDED
    lives = [one.state for one in await core.store.attempts(job.id)]
    assert lives == [State.FAILED, State.SUCCEEDED]


async def test_a_job_that_is_put_back_and_keeps_its_time_of_submission_is_followed_on(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    row = a_row()
    await see(core, foreign, adopt, running(row))
    await see(core, foreign, adopt, row)
    job = await the_job(core)
    assert (job.state, job.attempt, job.queued) == (State.QUEUED, 2, row.submitted)
    await see(core, foreign, adopt, ended(row))
    assert (await the_job(core)).state is State.SUCCEEDED


async def test_a_second_run_that_was_missed_is_not_invented(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    row = running(a_row())
    await see(core, foreign, adopt, row)
    await see(core, foreign, adopt, replace(row, submitted=NOON, restarts=1))
    job = await the_job(core)
    assert (job.state, job.attempt) == (State.RUNNING, 1)


async def test_what_became_of_a_job_that_is_not_listed_any_more_is_asked_for(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    row = running(a_row())
    await see(core, foreign, adopt, row)
    foreign.remembered = [ended(row, State.FAILED, reason=Reason.OUT_OF_MEMORY, why="OUT_OF_ME+")]
    await see(core, foreign, adopt)
    job = await the_job(core)
    assert (job.state, job.reason) == (State.FAILED, Reason.OUT_OF_MEMORY)
    assert foreign.asked == [["7"]]


async def test_a_record_of_another_job_of_the_same_id_is_not_believed(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    row = running(a_row())
    await see(core, foreign, adopt, row)
    foreign.remembered = [replace(ended(row), submitted=NOON - timedelta(days=30))]
    await see(core, foreign, adopt)
    assert (await the_job(core)).state is State.RUNNING


async def test_a_job_that_nobody_knows_any_more_is_lost_after_a_while(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt, clock: FakeClock
) -> None:
    await see(core, foreign, adopt, running(a_row()))
    for _ in range(4):
        await see(core, foreign, adopt)
        assert (await the_job(core)).state is State.RUNNING
        clock.advance(seconds=61)
    clock.advance(seconds=61)
    await see(core, foreign, adopt)
    job = await the_job(core)
    assert (job.state, job.reason) == (State.FAILED, Reason.LOST)
    assert len(foreign.asked) < 8


async def test_nothing_is_concluded_from_the_silence_of_those_who_cannot_be_asked(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt, clock: FakeClock
) -> None:
    await see(core, foreign, adopt, running(a_row()))
    foreign.is_answered = False
    for _ in range(20):
        clock.advance(seconds=61)
        await see(core, foreign, adopt)
    assert (await the_job(core)).state is State.RUNNING


async def test_a_lost_job_that_turns_up_is_adopted_anew(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt, clock: FakeClock
) -> None:
    row = running(a_row())
    await see(core, foreign, adopt, row)
    for _ in range(10):
        clock.advance(seconds=61)
        await see(core, foreign, adopt)
    await see(core, foreign, adopt, row)
    lost, found = await jobs_of(core)
    assert (lost.reason, found.state) == (Reason.LOST, State.RUNNING)


async def test_a_word_that_is_not_known_is_kept_and_nothing_guessed(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    row = running(a_row())
    await see(core, foreign, adopt, row)
    await see(core, foreign, adopt, replace(row, state=None, word="DREAMING"))
    job = await the_job(core)
    (attempt,) = await core.store.attempts(job.id)
    assert (job.state, attempt.native_state) == (State.RUNNING, "DREAMING")


async def test_an_array_is_one_job_with_its_elements(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    arrays = Arrays(core)
    elements = [a_row(7, id=NativeId(f"7_{n}"), array=NativeId("7"), index=n) for n in range(3)]
    await see(core, foreign, adopt, *elements)
    parent, *parts = await jobs_of(core)
    assert (parent.native_id, parent.is_array, parent.state) == ("7", True, State.QUEUED)
    assert [(one.parent, one.index, one.native_id) for one in parts] == [
        (parent.id, n, f"7_{n}") for n in range(3)
    ]
    assert parent.spec.array is not None
    assert parent.spec.array.indices == "0-2"
    again = Adopt(core, cluster=SLURM, foreign=foreign)
    await again.start()
    later = replace(elements[0], id=NativeId("7_9"), index=9)
    await see(core, foreign, again, running(elements[0]), *map(ended, elements[1:]), later)
    await arrays.round()
    assert len(await jobs_of(core)) == 5
    assert (await core.store.job(parent.id)).state is State.RUNNING
    await see(core, foreign, again, *map(ended, [*elements, later]))
    await arrays.round()
    assert (await core.store.job(parent.id)).state is State.SUCCEEDED


async def test_a_scheduler_that_tells_of_the_submission_only_while_a_job_waits_has_it_shown_once(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    row = a_row()
    await see(core, foreign, adopt, row)
    runs = running(row, submitted=None)
    await see(core, foreign, adopt, runs)
    job = await the_job(core)
    assert (job.state, job.queued) == (State.RUNNING, row.submitted)
    again = Adopt(core, cluster=SLURM, foreign=foreign)
    await again.start()
    await see(core, foreign, again, runs)
    await see(core, foreign, again, ended(row, submitted=None))
    assert (await the_job(core)).state is State.SUCCEEDED


async def test_a_job_of_which_the_submission_is_told_only_later_is_the_same(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    row = a_row()
    await see(core, foreign, adopt, running(row, submitted=None))
    await see(core, foreign, adopt, row)
    await see(core, foreign, adopt, ended(row, submitted=None))
    assert (await the_job(core)).state is State.SUCCEEDED


async def test_an_array_of_which_some_elements_run_is_one_job(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    waits = [a_row(7, id=NativeId(f"7.{n}"), array=NativeId("7"), index=n) for n in range(4)]
    runs = [running(each, submitted=None) for each in waits]
    await see(core, foreign, adopt, *runs[:2], *waits[2:])
    parent, *parts = await jobs_of(core)
    assert (parent.is_array, parent.queued) == (True, waits[0].submitted)
    assert {one.parent for one in parts} == {parent.id}
    again = Adopt(core, cluster=SLURM, foreign=foreign)
    await again.start()
    await see(core, foreign, again, *runs)
    later = a_row(7, id=NativeId("7.9"), array=NativeId("7"), index=9)
    await see(core, foreign, again, *runs, running(later, submitted=None))
    assert len(await jobs_of(core)) == 6
    assert {one.parent for one in (await jobs_of(core))[1:]} == {parent.id}


async def test_ten_thousand_jobs_are_taken_up_a_few_at_a_time(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    foreign.lists(*(a_row(number) for number in range(1, 1001)), at=NOON)
    heard = commits_of(core)
    rounds = 0
    while await adopt.round():
        rounds += 1
        assert len(heard) <= 200 * rounds
    numbered = [job.native_id for job in await jobs_of(core)]
    assert numbered == [str(number) for number in range(1000, 0, -1)]  # as they were submitted


async def test_an_adopted_job_cannot_be_cancelled_retried_or_cloned(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    await see(core, foreign, adopt, ended(a_row(2)), running(a_row(1)))
    over, alive = await jobs_of(core)
    held = {Right.LABEL, Right.HIDE, Right.SHARE, Right.REPORT}
    assert set(rights_of(ME, over)) == set(rights_of(ME, alive)) == held
    with pytest.raises(Conflict, match="own commands of cluster slurm, where it is 1"):
        await cancel(core, actor=ME, protocol="rest", job_id=alive.id)
    named = replace(core, kinds={Cluster("slurm"): "slurm"})
    with pytest.raises(Conflict, match=r"this does it: scancel 1$"):
        await cancel(named, actor=ME, protocol="rest", job_id=alive.id)
    with pytest.raises(Conflict, match="not submitted through Headway"):
        await retry(core, actor=ME, protocol="rest", job_id=over.id)
    with pytest.raises(Conflict, match="not submitted through Headway"):
        await clone(core, actor=ME, protocol="rest", job_id=over.id, edit=lambda like: like)
    done = await bulk(core, actor=ME, protocol="rest", action=Action.CANCEL, refs=[alive.id])
    assert len(done.failed) == 1


async def test_an_adopted_job_is_its_owners_alone(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    await see(core, foreign, adopt, running(a_row()))
    job = await the_job(core)
    bob = Principal(name="bob", scopes=frozenset({Scope.READ, Scope.REPORT}), via="token")
    somebody = Principal(name="", scopes=frozenset({Scope.READ, Scope.REPORT}), via=OPEN_NETWORK)
    assert rights_of(bob, job) == rights_of(somebody, job) == ()


async def test_the_executor_is_asked_for_no_adopted_job(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt, executor: FakeExecutor
) -> None:
    await see(core, foreign, adopt, running(a_row()))
    dispatch = Dispatch(core, cluster=SLURM)
    await dispatch.start()
    assert await dispatch.send() == 0
    assert (await the_job(core)).state is State.RUNNING
    assert executor.sent == []


async def test_the_log_is_read_from_where_the_scheduler_says_that_it_is(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    foreign.files["/home/alice/7.log"] = b"0123456789"
    row = a_row()
    await see(core, foreign, adopt, row)
    job = await the_job(core)

    async def read(stream: Stream, offset: int) -> bytes:
        part = await read_log(
            core, actor=ME, job_id=job.id, stream=stream, attempt=None, offset=offset, limit=4
        )
        return part.data

    with pytest.raises(NotFound, match="has not told where"):
        await read(Stream.STDOUT, 0)
    await see(core, foreign, adopt, running(row))
    assert await read(Stream.STDOUT, 4) == b"4567"
    assert await read(Stream.STDERR, 0) == b""
    await see(core, foreign, adopt, replace(ended(row), log=""))
    assert await read(Stream.STDOUT, 8) == b"89"


async def test_switching_adoption_off_lets_go_of_what_was_adopted_and_on_again_takes_it_up(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    row = running(a_row())
    await see(core, foreign, adopt, row)
    off = Adopt(core, cluster=SLURM, foreign=foreign)
    await off.start()
    await off.let_go()
    job = await the_job(core)
    assert (job.state, job.reason) == (State.FAILED, Reason.LOST)
    assert job.error is not None
    assert "switched off" in job.error.message
    on = Adopt(core, cluster=SLURM, foreign=foreign)
    await on.start()
    await see(core, foreign, on, row)
    assert [one.state for one in await jobs_of(core)] == [State.FAILED, State.RUNNING]


async def test_a_cluster_says_how_many_other_jobs_it_lists(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    (before,) = await find_clusters(core, actor=ME)
    assert (before.adopts, before.others) == (True, None)
    await see(core, foreign, adopt, a_row(1), a_row(2))
    (after,) = await find_clusters(core, actor=ME)
    assert (after.others, after.queued) == (2, 2)


async def test_a_job_that_somebody_labelled_meanwhile_is_followed_all_the_same(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    row = a_row()
    await see(core, foreign, adopt, row)
    job = await the_job(core)
    await bulk(core, actor=ME, protocol="rest", action=Action.LABEL, refs=[job.id], add=["mine"])
    await see(core, foreign, adopt, running(row))
    job = await the_job(core)
    assert (job.state, job.labels) == (State.RUNNING, ("mine",))


async def test_jobs_say_that_their_scheduler_cannot_be_asked_until_it_can(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt, clock: FakeClock
) -> None:
    rows = [running(a_row(1)), a_row(2, reason=Reason.HELD)]
    await see(core, foreign, adopt, *rows)
    clock.advance(seconds=70)
    assert adopt.age() == timedelta(seconds=70)
    await adopt.say_away()
    assert {job.reason for job in await jobs_of(core)} == {Reason.UNREACHABLE}
    heard = commits_of(core)
    await adopt.say_away()
    assert heard == []
    await see(core, foreign, adopt, *rows)
    assert {job.reason for job in await jobs_of(core)} == {None, Reason.HELD}


def a_submitting_job(native_id: str | None, **fields: object) -> Job:
    plain: dict[str, object] = {
        "id": FakeIds().new_job_id(),
        "kind": Kind.COMMAND,
        "protocol": "rest",
        "owner": "alice",
        "cluster": SLURM,
        "spec": Spec(command=("submit.sh",), submits=Submits()),
        "native_id": native_id,
        "created": NOON,
        "updated": NOON,
    }
    return Job(**{**plain, **fields})  # type: ignore[arg-type]


async def test_a_job_that_one_of_ours_has_submitted_is_not_shown_a_second_time(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    job = a_submitting_job("7", state=State.QUEUED, queued=NOON)
    await core.store.write(Change(jobs=(job,)))
    row = running(a_row(submitted=NOON))
    for one in (adopt, Adopt(core, cluster=SLURM, foreign=foreign)):
        await one.start()
        await see(core, foreign, one, row, a_row(8))
        assert {job.native_id for job in await jobs_of(core) if job.is_adopted} == {"8"}
    over = job.moved_to(State.SUCCEEDED, at=NOON)
    await core.store.write(Change(jobs=(over,)))
    again = Adopt(core, cluster=SLURM, foreign=foreign)
    await again.start()
    await see(core, foreign, again, ended(row), replace(a_row(8), name="8"))
    assert {job.native_id for job in await jobs_of(core) if job.is_adopted} == {"8"}


async def test_what_an_earlier_attempt_has_submitted_is_not_shown_a_second_time(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    job = a_submitting_job("9", state=State.QUEUED, queued=NOON, attempt=2)
    before = Attempt(job=job.id, no=1, cluster=SLURM, native_id=NativeId("7"), ended=NOON)
    await core.store.write(Change(jobs=(job,), attempts=(before,)))
    await adopt.start()
    await see(core, foreign, adopt, ended(a_row(submitted=NOON)), a_row(8))
    assert {job.native_id for job in await jobs_of(core) if job.is_adopted} == {"8"}


async def test_a_job_that_was_seen_before_it_said_who_submitted_it_is_withdrawn(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    job = a_submitting_job(None)
    await core.store.write(Change(jobs=(job,)))
    row = running(a_row(submitted=NOON))
    await see(core, foreign, adopt, row)
    queued = job.moved_to(State.QUEUED, at=NOON, native_id=NativeId("7"))
    await core.store.write(Change(jobs=(queued,)))
    await see(core, foreign, adopt, row)
    (early,) = [job for job in await jobs_of(core) if job.is_adopted]
    assert (early.state, early.reason) == (State.CANCELLED, Reason.SUPERSEDED)
    assert early.hidden is not None


async def test_another_job_of_an_id_that_one_of_ours_had_is_shown(
    core: Core, foreign: FakeForeignJobs, adopt: Adopt
) -> None:
    job = a_submitting_job("7", state=State.QUEUED, queued=NOON - timedelta(days=9))
    await core.store.write(Change(jobs=(job,)))
    await see(core, foreign, adopt, running(a_row(submitted=NOON)))
    assert len(await jobs_of(core)) == 2
