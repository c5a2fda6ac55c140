"""A job with a sandbox starts when its files are there, and has ended when its results are."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from headway.core.core import Core
from headway.core.errors import InvalidRequest, StagingFailed, StorageFull
from headway.core.model.change import Change, Written
from headway.core.model.job import Job
from headway.core.model.names import Cluster, Tag
from headway.core.model.principal import Principal
from headway.core.model.spec import Deletion, Sandbox, Spec, Transfer
from headway.core.model.state import Reason, State
from headway.core.operations.cancel import cancel
from headway.core.operations.retry import retry
from headway.core.operations.submit import Submission, submit
from headway.core.passes.dispatch import Dispatch
from headway.core.passes.staging import WORKER, Staging
from headway.core.ports.executor import Observation, Stream
from headway.testing.fake_files import FakeFiles
from headway.testing.fakes import FakeClock, FakeExecutor, exited, running

pytestmark = pytest.mark.anyio

LOCAL = Cluster("local")
SANDBOX = Sandbox(
    stage_in=(Transfer(source="/home/in.txt", target="in.txt"),),
    stage_out=(Transfer(source="out.txt", target="/home/out.txt"),),
    stdout="/home/stdout.txt",
)


class Scene:
    """A cluster with its two passes, as the server runs them."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.staging = Staging(core, cluster=LOCAL)
        self.dispatch = Dispatch(core, cluster=LOCAL, staging=self.staging)
        core.store.listen(self._heard)

    def _heard(self, batch: Sequence[Written]) -> None:
        for written in batch:
            for job in written.jobs:
                self.dispatch.noticed(job)

    async def go_on(self) -> None:
        """Do what there is to do, until nothing is."""
        while True:
            sent = await self.dispatch.send()
            work = self.staging.next()
            if work is not None:
                await work()
            ended = self.staging.released()
            if ended:
                await self.dispatch.observe(ended)
            if not (sent or work or ended):
                return


@pytest.fixture
def files() -> FakeFiles:
    return FakeFiles({"/home/in.txt": b"lorem"})


@pytest.fixture
async def scene(core: Core, files: FakeFiles) -> Scene:
    scene = Scene(replace(core, files=files))
    await scene.dispatch.start()
    return scene


async def a_job(scene: Scene, actor: Principal, sandbox: Sandbox = SANDBOX) -> Job:
    submission = Submission(spec=Spec(command=("/bin/true",), sandbox=sandbox))
    return (await submit(scene.core, actor=actor, protocol="rest", submission=submission)).job


async def now_of(scene: Scene, job: Job) -> Job:
    return await scene.core.store.job(job.id)


def result_of(files: FakeFiles, tag: Tag, data: bytes = b"1 line") -> None:
    files.disk[f"{files.place(tag)}/out.txt"] = data


async def test_a_job_runs_in_its_sandbox_with_its_files(
    scene: Scene, files: FakeFiles, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(scene, alice)
    await scene.dispatch.send()
    assert executor.launches == {}
    await scene.go_on()
    place = executor.launches[job.tag].spec.directory
    assert place == files.place(job.tag)
    assert files.disk[f"{place}/in.txt"] == b"lorem"


async def test_a_job_without_a_sandbox_does_not_wait_for_others_files(
    scene: Scene, executor: FakeExecutor, alice: Principal
) -> None:
    await a_job(scene, alice)
    submission = Submission(spec=Spec(command=("/bin/true",)))
    plain = (await submit(scene.core, actor=alice, protocol="rest", submission=submission)).job
    assert await scene.dispatch.send() == 1
    assert list(executor.launches) == [plain.tag]


async def test_a_file_that_cannot_be_brought_fails_the_job_before_it_is_sent(
    scene: Scene, files: FakeFiles, executor: FakeExecutor, alice: Principal
) -> None:
    del files.disk["/home/in.txt"]
    job = await a_job(scene, alice)
    await scene.go_on()
    after = await now_of(scene, job)
    assert (after.state, after.reason) == (State.FAILED, Reason.STAGING_FAILED)
    assert after.error is not None
    assert "/home/in.txt" in after.error.message
    assert executor.launches == {}
    assert await files.tags() == []


async def test_the_end_is_told_when_the_results_are_there_and_not_before(
    scene: Scene, files: FakeFiles, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(scene, alice)
    await scene.go_on()
    executor.logs[job.tag, Stream.STDOUT] = b"hello\n"
    result_of(files, job.tag)
    executor.tell(exited(job.tag))
    await scene.dispatch.observe([exited(job.tag)])
    assert not (await now_of(scene, job)).state.is_final
    assert executor.unsettled == {job.tag}
    await scene.go_on()
    assert (await now_of(scene, job)).state is State.SUCCEEDED
    assert files.disk["/home/out.txt"] == b"1 line"
    assert files.disk["/home/stdout.txt"] == b"hello\n"
    assert executor.unsettled == set()
    assert await files.tags() == []


async def test_a_result_that_is_missing_makes_a_success_none_and_keeps_the_sandbox(
    scene: Scene, files: FakeFiles, alice: Principal
) -> None:
    job = await a_job(scene, alice, replace(SANDBOX, delete=Deletion.ALWAYS))
    await scene.go_on()
    await scene.dispatch.observe([exited(job.tag)])
    await scene.go_on()
    after = await now_of(scene, job)
    assert (after.state, after.reason, after.exit_code) == (
        State.FAILED,
        Reason.STAGING_FAILED,
        0,
    )
    assert after.error is not None
    assert "out.txt" in after.error.message
    assert await files.tags() == [job.tag]


async def test_a_failed_jobs_results_are_fetched_too(
    scene: Scene, files: FakeFiles, alice: Principal
) -> None:
    job = await a_job(scene, alice)
    await scene.go_on()
    result_of(files, job.tag)
    await scene.dispatch.observe([running(job.tag), exited(job.tag, exit_code=3)])
    await scene.go_on()
    after = await now_of(scene, job)
    assert (after.state, after.reason, after.exit_code) == (
        State.FAILED,
        Reason.NONZERO_EXIT,
        3,
    )
    assert files.disk["/home/out.txt"] == b"1 line"


@pytest.mark.parametrize(
    ("state", "reason"),
    [(State.CANCELLED, Reason.BY_USER), (State.FAILED, Reason.TIMEOUT)],
)
async def test_nothing_is_fetched_from_a_job_that_was_ended(
    scene: Scene,
    files: FakeFiles,
    clock: FakeClock,
    alice: Principal,
    state: State,
    reason: Reason,
) -> None:
    job = await a_job(scene, alice)
    await scene.go_on()
    result_of(files, job.tag)
    seen = Observation(tag=job.tag, state=state, reason=reason, signal=15, at=clock.now())
    await scene.dispatch.observe([seen])
    await scene.go_on()
    assert (await now_of(scene, job)).state is state
    assert "/home/out.txt" not in files.disk


async def test_a_job_that_is_cancelled_before_its_files_are_there_leaves_nothing(
    scene: Scene, files: FakeFiles, executor: FakeExecutor, alice: Principal
) -> None:
    files.tells = [(1, 2)]
    job = await a_job(scene, alice)
    await scene.dispatch.send()
    await cancel(scene.core, actor=alice, protocol="rest", job_id=job.id)
    await scene.dispatch.cancel()
    await scene.go_on()
    assert (await now_of(scene, job)).state is State.CANCELLED
    assert executor.launches == {}
    assert await files.tags() == []


@pytest.mark.parametrize("keep", [True, False])
async def test_a_cancel_that_gives_up_the_outputs_has_the_sandbox_go(
    scene: Scene, files: FakeFiles, executor: FakeExecutor, alice: Principal, keep: bool
) -> None:
    job = await a_job(scene, alice, replace(SANDBOX, delete=Deletion.NEVER))
    await scene.go_on()
    await cancel(scene.core, actor=alice, protocol="rest", job_id=job.id, keep_outputs=keep)
    await scene.dispatch.cancel()
    await scene.dispatch.observe(await anext(executor.observations()))
    await scene.go_on()
    assert (await now_of(scene, job)).state is State.CANCELLED
    assert (await files.tags() == [job.tag]) is keep


async def test_a_long_copy_is_shown_while_it_goes_on(
    scene: Scene, files: FakeFiles, alice: Principal
) -> None:
    files.tells = [(1_000, 4_000), (4_000, 4_000)]
    job = await a_job(scene, alice)
    await scene.dispatch.send()
    work = scene.staging.next()
    assert work is not None
    await work()
    shown = await now_of(scene, job)
    assert (shown.state, shown.reason) == (State.ACCEPTED, Reason.STAGING_IN)
    worker = await scene.core.store.worker(job.id, WORKER)
    assert worker is not None
    assert (worker.current, worker.total) == (4_000, 4_000)
    await scene.go_on()
    result_of(files, job.tag)
    await scene.dispatch.observe([exited(job.tag)])
    work = scene.staging.next()
    assert work is not None
    await work()
    shown = await now_of(scene, job)
    assert (shown.state, shown.reason) == (State.RUNNING, Reason.STAGING_OUT)
    await scene.go_on()
    assert (await now_of(scene, job)).state is State.SUCCEEDED


async def test_a_short_job_with_a_long_fetching_began_before_it_ended(
    scene: Scene, files: FakeFiles, clock: FakeClock, alice: Principal
) -> None:
    job = await a_job(scene, alice)
    await scene.go_on()
    began = clock.now()
    over = clock.advance(seconds=1)
    clock.advance(seconds=30)
    files.tells = [(1_000, 4_000)]
    result_of(files, job.tag)
    seen = replace(exited(job.tag, at=over), started=began)
    await scene.dispatch.observe([running(job.tag, at=began), seen])
    await scene.go_on()
    after = await now_of(scene, job)
    assert (after.state, after.started, after.ended) == (State.SUCCEEDED, began, over)


async def test_after_a_crash_the_results_are_fetched_again_and_the_job_is_not_sent_again(
    scene: Scene, files: FakeFiles, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(scene, alice)
    await scene.go_on()
    result_of(files, job.tag)
    executor.tell(exited(job.tag))
    await scene.dispatch.observe([exited(job.tag)])
    again = Scene(scene.core)
    await again.dispatch.start()
    await again.dispatch.observe(await anext(executor.observations()))
    await again.go_on()
    assert (await now_of(again, job)).state is State.SUCCEEDED
    assert files.disk["/home/out.txt"] == b"1 line"
    assert executor.sent == [job.tag]


async def test_a_sandbox_that_stays_for_a_time_goes_when_it_is_over(
    scene: Scene, files: FakeFiles, clock: FakeClock, alice: Principal
) -> None:
    job = await a_job(scene, alice, replace(SANDBOX, keep_s=60))
    await scene.go_on()
    result_of(files, job.tag)
    await scene.dispatch.observe([exited(job.tag, at=clock.now())])
    await scene.go_on()
    await scene.staging.tidy()
    assert await files.tags() == [job.tag]
    clock.advance(seconds=61)
    await Scene(scene.core).staging.tidy()
    assert await files.tags() == []


async def test_a_sandbox_that_cannot_be_deleted_holds_up_no_other(
    scene: Scene, files: FakeFiles, alice: Principal
) -> None:
    jobs = [await a_job(scene, alice) for _ in range(3)]
    await scene.go_on()
    files.stuck = {jobs[0].tag}
    for job in jobs:
        result_of(files, job.tag)
        await scene.dispatch.observe([exited(job.tag)])
    await scene.go_on()
    assert await files.tags() == [jobs[0].tag]


async def test_sandboxes_are_tidied_beside_one_that_cannot_be_and_that_is_said(
    scene: Scene, files: FakeFiles, clock: FakeClock, alice: Principal
) -> None:
    jobs = [await a_job(scene, alice, replace(SANDBOX, keep_s=60)) for _ in range(3)]
    await scene.go_on()
    for job in jobs:
        result_of(files, job.tag)
        await scene.dispatch.observe([exited(job.tag, at=clock.now())])
    await scene.go_on()
    clock.advance(seconds=61)
    files.stuck = {jobs[0].tag}
    with pytest.raises(StagingFailed, match=str(jobs[0].id)):
        await scene.staging.tidy()
    assert await files.tags() == [jobs[0].tag]
    files.stuck = set()
    await scene.staging.tidy()
    assert await files.tags() == []


async def test_each_attempt_has_a_sandbox_of_its_own(
    scene: Scene, files: FakeFiles, executor: FakeExecutor, alice: Principal
) -> None:
    job = await a_job(scene, alice)
    await scene.go_on()
    await scene.dispatch.observe([exited(job.tag, exit_code=1)])
    await scene.go_on()
    second = await retry(scene.core, actor=alice, protocol="rest", job_id=job.id)
    await scene.go_on()
    assert executor.launches[second.tag].spec.directory == files.place(second.tag)
    assert await files.tags() == [job.tag, second.tag]


async def test_a_path_outside_is_refused_when_the_job_is_submitted(
    scene: Scene, alice: Principal
) -> None:
    bad = Sandbox(stage_in=(Transfer(source="/etc/shadow", target="x"),))
    with pytest.raises(InvalidRequest, match="/etc/shadow"):
        await a_job(scene, alice, bad)


async def test_staging_first_tells_the_caller_what_cannot_be_brought(
    scene: Scene, files: FakeFiles, alice: Principal
) -> None:
    del files.disk["/home/in.txt"]
    submission = Submission(spec=Spec(command=("/bin/true",), sandbox=SANDBOX))
    with pytest.raises(StagingFailed, match=r"/home/in\.txt"):
        await submit(
            scene.core, actor=alice, protocol="rest", submission=submission, stage_first=True
        )
    assert await scene.core.store.unfinished(LOCAL) == []


async def test_staging_first_brings_once(
    scene: Scene, files: FakeFiles, executor: FakeExecutor, alice: Principal
) -> None:
    submission = Submission(spec=Spec(command=("/bin/true",), sandbox=SANDBOX))
    made = await submit(
        scene.core, actor=alice, protocol="rest", submission=submission, stage_first=True
    )
    del files.disk["/home/in.txt"]
    await scene.go_on()
    assert list(executor.launches) == [made.job.tag]


async def test_a_sandbox_made_first_goes_when_its_job_cannot_be_stored(
    scene: Scene, files: FakeFiles, alice: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_change: Change) -> Written:
        raise StorageFull("no space")

    monkeypatch.setattr(scene.core.store, "write", full)
    submission = Submission(spec=Spec(command=("/bin/true",), sandbox=SANDBOX))
    with pytest.raises(StorageFull):
        await submit(
            scene.core, actor=alice, protocol="rest", submission=submission, stage_first=True
        )
    assert await files.tags() == []
