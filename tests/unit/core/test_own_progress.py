"""How far a job of Headway's own is is read from what it writes, where nobody else says it."""

from collections.abc import Sequence

import msgspec
import pytest

from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable, HeadwayError, StorageFull
from headway.core.model.change import Change, Reports, Written
from headway.core.model.job import Job, Kind
from headway.core.model.names import Cluster, WorkerId
from headway.core.model.principal import Principal
from headway.core.model.spec import Spec
from headway.core.model.worker import Report
from headway.core.operations.retry import retry
from headway.core.operations.submit import Submission, submit
from headway.core.passes.dispatch import Dispatch
from headway.core.passes.log_progress import LogProgress
from headway.core.passes.running_logs import OwnLogs
from headway.core.ports.executor import Stream
from headway.testing.fakes import FakeClock, FakeExecutor, exited, running

pytestmark = pytest.mark.anyio

BAR = b"\revents:  45%|####5     | 450/1000 [00:10<00:12, 45.2it/s]"
FURTHER = b"\revents:  60%|######    | 600/1000 [00:14<00:09, 45.2it/s]"
#: From when on a job's log is read.
SOON_S = 5.0


class Scene:
    """A cluster whose jobs' outputs are read."""

    def __init__(self, core: Core, clock: FakeClock, executor: FakeExecutor) -> None:
        self.core = core
        self.clock = clock
        self.executor = executor
        self.watched = False
        self.server()
        core.store.listen(self._heard)

    def server(self) -> None:
        """Have a server that has just been started."""
        self.logs = OwnLogs(self.core, cluster=Cluster("local"), is_watched=lambda: self.watched)
        self.progress = LogProgress(self.core, self.logs)

    def _heard(self, batch: Sequence[Written]) -> None:
        for written in batch:
            for job in written.jobs:
                self.logs.noticed(job)

    def writes(self, job: Job, data: bytes, stream: Stream = Stream.STDERR) -> None:
        place = (job.tag, stream)
        self.executor.logs[place] = self.executor.logs.get(place, b"") + data

    async def later(self, seconds: float = 16.0) -> int:
        await self.logs.start()
        self.clock.advance(seconds=seconds)
        return await self.progress.round()

    async def reports(self, job: Job, worker: str, current: float) -> None:
        own = Report(worker=WorkerId(worker), current=current, total=10, at=self.clock.now())
        await self.core.store.write(Change(reports=Reports(job=job.id, reports=(own,))))

    async def told(self, job: Job) -> list[tuple[str, float, float | None, str]]:
        workers = await self.core.store.workers(job.id, limit=9)
        return [(one.id, one.current, one.total, one.desc) for one in workers]


@pytest.fixture
def scene(core: Core, clock: FakeClock, executor: FakeExecutor) -> Scene:
    return Scene(core, clock, executor)


@pytest.fixture
async def job(scene: Scene, dispatch: Dispatch, alice: Principal) -> Job:
    """A job that runs."""
    return await begun(scene, dispatch, alice)


async def begun(scene: Scene, dispatch: Dispatch, alice: Principal) -> Job:
    submission = Submission(spec=Spec(command=("train",)))
    job = (await submit(scene.core, actor=alice, protocol="rest", submission=submission)).job
    await dispatch.send()
    await dispatch.observe([running(job.tag, at=scene.clock.now())])
    return await scene.core.store.job(job.id)


async def test_the_bar_that_a_job_draws_on_standard_error_is_its_progress(
    scene: Scene, job: Job
) -> None:
    scene.writes(job, BAR)
    assert await scene.later(SOON_S) == 1
    assert await scene.told(job) == [("main", 450, 1000, "events")]
    scene.writes(job, FURTHER)
    assert await scene.later() == 1
    assert await scene.told(job) == [("main", 600, 1000, "events")]


async def test_what_it_counts_on_standard_output_is_too(scene: Scene, job: Job) -> None:
    scene.writes(job, b"hello\nstep 120/500\n", Stream.STDOUT)
    await scene.later(SOON_S)
    assert await scene.told(job) == [("main", 120, 500, "step")]


async def test_of_two_outputs_that_tell_of_progress_one_is_believed(scene: Scene, job: Job) -> None:
    scene.writes(job, BAR)
    scene.writes(job, b"file 1/2\n", Stream.STDOUT)
    await scene.later(SOON_S)
    scene.writes(job, b"file 2/2\n", Stream.STDOUT)
    await scene.later()
    assert await scene.told(job) == [("main", 450, 1000, "events")]


async def test_a_job_that_is_soon_over_is_not_looked_at(
    scene: Scene, job: Job, dispatch: Dispatch
) -> None:
    scene.writes(job, BAR)
    assert await scene.later(SOON_S - 1) == 0
    await dispatch.observe([exited(job.tag, at=scene.clock.now())])
    assert await scene.later() == 0
    assert await scene.told(job) == []


async def test_how_far_a_job_came_is_read_once_more_when_it_has_ended(
    scene: Scene, job: Job, dispatch: Dispatch
) -> None:
    scene.writes(job, BAR)
    await scene.later(SOON_S)
    scene.writes(job, FURTHER)
    await dispatch.observe([exited(job.tag, exit_code=1, at=scene.clock.now())])
    assert await scene.later(1.0) == 1
    assert await scene.told(job) == [("main", 600, 1000, "events")]
    scene.writes(job, BAR)
    assert await scene.later(100.0) == 0


@pytest.mark.parametrize("worker", ["main", "copy"])
async def test_a_job_that_reports_itself_is_left_alone(scene: Scene, job: Job, worker: str) -> None:
    await scene.reports(job, worker, 3)
    scene.writes(job, BAR)
    await scene.later(SOON_S)
    scene.clock.advance(seconds=1)
    await scene.reports(job, worker, 4)
    for _ in range(4):
        scene.writes(job, FURTHER)
        await scene.later()
        scene.writes(job, BAR)
        await scene.later()
    assert await scene.told(job) == [(worker, 4, 10, "")]


async def test_a_job_that_begins_to_report_has_the_last_word(scene: Scene, job: Job) -> None:
    scene.writes(job, BAR)
    await scene.later(SOON_S)
    scene.clock.advance(seconds=1)
    await scene.reports(job, "main", 7)
    scene.writes(job, FURTHER)
    for _ in range(4):
        await scene.later()
    assert [one[:2] for one in await scene.told(job)] == [("main", 7)]


async def test_the_next_server_goes_on_reading(scene: Scene, job: Job) -> None:
    scene.writes(job, BAR)
    await scene.later(SOON_S)
    scene.server()
    scene.writes(job, FURTHER)
    for _ in range(3):
        await scene.later()
    assert await scene.told(job) == [("main", 600, 1000, "events")]


async def test_a_job_that_ended_while_a_server_took_up_the_others_is_not_read_for_ever(
    scene: Scene, job: Job, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfinished = await scene.core.store.unfinished(Cluster("local"))

    async def late(_: Cluster) -> list[Job]:
        await dispatch.observe([exited(job.tag, at=scene.clock.now())])
        return unfinished

    scene.server()
    monkeypatch.setattr(scene.core.store, "unfinished", late)
    scene.writes(job, BAR)
    await scene.later()
    assert scene.logs.running(scene.clock.now()) == {}


async def test_the_next_attempt_is_read_anew(
    scene: Scene, job: Job, dispatch: Dispatch, alice: Principal
) -> None:
    scene.writes(job, FURTHER)
    await scene.later(SOON_S)
    await dispatch.observe([exited(job.tag, exit_code=1, at=scene.clock.now())])
    await scene.later()
    again = await retry(scene.core, actor=alice, protocol="rest", job_id=job.id)
    await dispatch.send()
    await dispatch.observe([running(again.tag, at=scene.clock.now())])
    scene.writes(again, BAR)
    for _ in range(3):
        await scene.later()
    assert [one[:2] for one in await scene.told(job)] == [("main", 450)]


async def test_logs_are_read_more_often_while_somebody_looks(scene: Scene, job: Job) -> None:
    scene.watched = True
    scene.writes(job, BAR)
    await scene.later(SOON_S)
    scene.writes(job, FURTHER)
    assert [await scene.later(2.0), await scene.later(3.0)] == [0, 1]


async def test_what_was_read_before_the_cluster_went_away_is_said(
    scene: Scene, dispatch: Dispatch, alice: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [await begun(scene, dispatch, alice) for _ in range(2)]
    for job in jobs:
        scene.writes(job, BAR)
    read, count = scene.executor.read_log, 0

    async def once(*args: object, **more: object) -> object:
        nonlocal count
        count += 1
        if count > 1:
            raise ExecutorUnavailable("away")
        return await read(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(scene.executor, "read_log", once)
    with pytest.raises(ExecutorUnavailable):
        await scene.later(SOON_S)
    assert len([*await scene.told(jobs[0]), *await scene.told(jobs[1])]) == 1


async def test_what_there_was_no_space_for_is_said_later(
    scene: Scene, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(changes: Sequence[Change]) -> Sequence[Written | HeadwayError]:
        return [StorageFull("no space") for _ in changes]

    scene.writes(job, BAR)
    with monkeypatch.context() as full:
        full.setattr(scene.core.store, "write_many", refuse)
        with pytest.raises(StorageFull):
            await scene.later(SOON_S)
    assert await scene.later() == 1


async def test_functions_have_reports_of_their_own(scene: Scene, job: Job) -> None:
    scene.logs.noticed(msgspec.structs.replace(job, kind=Kind.FUNCTION))
    assert scene.logs.running(scene.clock.advance(seconds=60)) == {}
