"""How far jobs are is read from their logs, gently; here from those of adopted ones."""

from datetime import timedelta

import pytest
from typing_extensions import override

from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable
from headway.core.model.job import Job
from headway.core.model.names import Cluster, NativeId
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import State
from headway.core.model.worker import Worker
from headway.core.passes.adopt import Adopt
from headway.core.passes.log_progress import LogProgress
from headway.core.passes.running_logs import AdoptedLogs
from headway.core.ports.foreign import FilePart, ForeignJob
from headway.testing.fake_foreign import FakeForeignJobs
from headway.testing.fakes import NOON, FakeClock

pytestmark = pytest.mark.anyio

LOG = "/home/alice/1.log"


class CountedFiles(FakeForeignJobs):
    """Logs that tell how often they were read.

    Attributes:
        reads: path and offset of each.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[tuple[str, int]] = []

    @override
    async def read_log(self, path: str, *, offset: int, limit: int) -> FilePart:
        """Read, and count."""
        self.reads.append((path, offset))
        return await super().read_log(path, offset=offset, limit=limit)


class Scene:
    """Jobs of a cluster whose logs are read."""

    def __init__(self, core: Core, clock: FakeClock) -> None:
        self.core = core
        self.clock = clock
        self.foreign = CountedFiles()
        self.adopt = Adopt(core, cluster=Cluster("local"), foreign=self.foreign)
        self.progress = LogProgress(core, AdoptedLogs(self.adopt, self.foreign))

    async def see(self, *rows: ForeignJob) -> None:
        self.foreign.lists(*rows, at=self.clock.now())
        while await self.adopt.round():
            pass

    async def later(self, seconds: float = 16.0) -> int:
        self.clock.advance(seconds=seconds)
        return await self.progress.round()

    async def job(self) -> Job:
        (job,) = await self.core.store.jobs(Selection(), Visibility(everything=True), limit=2)
        return job

    async def worker(self) -> Worker | None:
        workers = await self.core.store.workers((await self.job()).id, limit=2)
        assert [one.id for one in workers] in ([], ["main"])
        return workers[0] if workers else None

    async def told(self) -> tuple[float, float | None] | None:
        worker = await self.worker()
        return None if worker is None else (worker.current, worker.total)


@pytest.fixture
def scene(core: Core, clock: FakeClock) -> Scene:
    return Scene(core, clock)


def a_row(number: int = 1, state: State = State.RUNNING) -> ForeignJob:
    return ForeignJob(
        id=NativeId(str(number)),
        submitted=NOON - timedelta(hours=1),
        state=state,
        word=state.upper(),
        log=f"/home/alice/{number}.log",
    )


async def test_what_a_log_says_becomes_the_progress_of_the_job(scene: Scene) -> None:
    scene.foreign.files[LOG] = b"hello\nstep 120/500\n"
    await scene.see(a_row())
    assert await scene.later(0) == 1
    worker = await scene.worker()
    assert worker is not None
    assert (worker.current, worker.total, worker.desc) == (120, 500, "step")
    scene.foreign.files[LOG] += b"step 240/500\n"
    assert await scene.later() == 1
    assert await scene.told() == (240, 500)


async def test_only_running_jobs_are_read(scene: Scene) -> None:
    scene.foreign.files[LOG] = b"step 120/500\n"
    await scene.see(a_row(state=State.QUEUED))
    await scene.later()
    assert scene.foreign.reads == []


async def test_a_log_is_not_read_more_often_than_it_should_be(scene: Scene) -> None:
    scene.foreign.files[LOG] = b"step 1/500\n"
    await scene.see(a_row())
    for _ in range(60):
        await scene.later(1.0)
    assert len(scene.foreign.reads) in {4, 5}


async def test_a_log_that_says_nothing_of_progress_is_read_ever_more_rarely(scene: Scene) -> None:
    await scene.see(a_row())
    for n in range(600):
        scene.foreign.files[LOG] = b"hello\n" * (n + 1)
        await scene.later(1.0)
    assert len(scene.foreign.reads) < 10
    assert await scene.told() is None


async def test_of_a_long_log_only_the_end_is_read(scene: Scene) -> None:
    scene.foreign.files[LOG] = b"x" * 1_000_000 + b"\nstep 7/9\n"
    await scene.see(a_row())
    await scene.later(0)
    assert await scene.told() == (7, 9)
    scene.foreign.files[LOG] += b"step 8/9\n"
    scene.foreign.reads.clear()
    await scene.later()
    assert await scene.told() == (8, 9)
    (read,) = scene.foreign.reads
    assert read[1] > 900_000


async def test_a_log_that_was_begun_anew_is_read_from_its_end_too(scene: Scene) -> None:
    scene.foreign.files[LOG] = b"x" * 100_000 + b"\nstep 7/9\n"
    await scene.see(a_row())
    await scene.later(0)
    scene.foreign.files[LOG] = b"step 1/9\n"
    await scene.later()
    assert await scene.told() == (1, 9)


async def test_the_log_of_a_job_that_has_ended_is_read_once_more(scene: Scene) -> None:
    scene.foreign.files[LOG] = b"step 7/9\n"
    await scene.see(a_row())
    await scene.later(0)
    scene.foreign.files[LOG] += b"step 9/9\n"
    await scene.see(a_row(state=State.SUCCEEDED))
    await scene.later(1.0)
    assert await scene.told() == (9, 9)
    assert (await scene.job()).state is State.SUCCEEDED
    scene.foreign.reads.clear()
    await scene.later(100)
    assert scene.foreign.reads == []


async def test_many_logs_are_read_a_few_at_a_time_and_all_come_up(scene: Scene) -> None:
    rows = [a_row(number) for number in range(1, 101)]
    for row in rows:
        scene.foreign.files[row.log] = b"step 1/9\n"
    await scene.see(*rows)
    for _ in range(4):
        before = len(scene.foreign.reads)
        await scene.later(1.0)
        assert len(scene.foreign.reads) - before <= 30
    assert {path for path, _ in scene.foreign.reads} == set(scene.foreign.files)


async def test_a_cluster_that_cannot_be_reached_is_tried_again(scene: Scene) -> None:
    scene.foreign.files[LOG] = b"step 7/9\n"
    await scene.see(a_row())
    scene.foreign.fails_with = ExecutorUnavailable("away")
    with pytest.raises(ExecutorUnavailable):
        await scene.later(0)
    scene.foreign.fails_with = None
    assert await scene.later() == 1


async def test_a_log_that_is_not_there_is_no_trouble(scene: Scene) -> None:
    await scene.see(a_row())
    assert await scene.later(0) == 0
    scene.foreign.files[LOG] = b"step 7/9\n"
    assert await scene.later(100) == 1


async def test_a_log_is_read_more_often_while_somebody_looks(scene: Scene) -> None:
    scene.foreign.files[LOG] = b"step 1/500\n"
    scene.foreign.watched = True
    await scene.see(a_row())
    for _ in range(60):
        await scene.later(1.0)
    assert len(scene.foreign.reads) in {12, 13}
