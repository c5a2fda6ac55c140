"""The dialect and a real Slurm."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.executors.batch.transports.login import over_ssh
from tests.rigs.slurm import Slurm
from tests.rigs.sshd import Sshd

from headway.core.errors import ExecutorRejected, ExecutorSlow, ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.core.model.spec import Attributes, Resources
from headway.core.model.state import Reason, State
from headway.executors.batch.here import Here
from headway.executors.batch.native import NativeJob
from headway.executors.batch.pinging import telling_dead_from_slow
from headway.executors.batch.request import Elements, Request
from headway.executors.slurm.dialect import SlurmDialect

DIALECT = SlurmDialect()


class Jobs:
    """Jobs of one test, submitted and asked about through the dialect."""

    def __init__(self, slurm: Slurm, place: Path) -> None:
        self.slurm = slurm
        self.place = place
        self.count = 0

    def request(self, script: str, **more: Any) -> Request:
        self.count += 1
        values: dict[str, Any] = {
            "mark": DIALECT.mark(f"{self.place.name}-{self.count}.1"),
            "name": "a job",
            "script": str(self.place / "script"),
            "text": f"#!/bin/sh\n{script}\n".encode(),
            "output": str(self.place / "scheduler"),
            "directory": str(self.place),
        }
        return Request(**{**values, **more})

    def submit(self, script: str, **more: Any) -> NativeId:
        return DIALECT.submitted(self.slurm.answer(DIALECT.submit(self.request(script, **more))))

    def listed(self) -> Mapping[str, NativeJob]:
        return {job.id: job for job in DIALECT.listed(self.slurm.answer(DIALECT.listing()))}

    def until(self, native_id: str, *states: State) -> NativeJob:
        return self._until(native_id, lambda job: job.state in states, f"be {states}")

    def until_why(self, native_id: str, word: str) -> NativeJob:
        return self._until(native_id, lambda job: job.why.startswith(word), f"wait for {word}")

    def _until(self, native_id: str, holds: Callable[[NativeJob], bool], what: str) -> NativeJob:
        """Give the job as it was listed when this held: soon it may not be so any more, or be forgotten."""
        found: list[NativeJob] = []

        def is_so() -> bool:
            job = self.listed().get(native_id)
            found[:] = [job] if job is not None and holds(job) else []
            return bool(found)

        self.slurm.wait(is_so, f"{native_id} to {what}")
        return found[0]

    def cancel(self, *ids: NativeId) -> None:
        DIALECT.cancelled(self.slurm.answer(DIALECT.cancel(ids)))

    def asked(self, number: int, ids: Sequence[NativeId]) -> Sequence[NativeJob]:
        source = DIALECT.sources[number]
        return source.read(self.slurm.answer(source.ask(ids)))

    def detail(self, number: int, native_id: NativeId) -> str:
        detail = DIALECT.details[number]
        return detail.read(self.slurm.answer(detail.ask(native_id)))


def after(native_id: NativeId) -> dict[str, str]:
    """Give the options of a job that Slurm itself has wait for another one's success."""
    return {"dependency": f"afterok:{native_id}"}


@pytest.fixture
def jobs(slurm: Slurm, tmp_path: Path) -> Iterator[Jobs]:
    yield Jobs(slurm, tmp_path)
    slurm.clear()


def test_the_version_is_that_of_the_program(slurm: Slurm) -> None:
    assert DIALECT.read_version(slurm.answer(DIALECT.version()))[0].isdecimal()


def test_a_job_is_found_by_its_mark_and_its_end_is_known(jobs: Jobs) -> None:
    native_id = jobs.submit("exit 3", name="odd | name\nwith\x1e lines")
    job = jobs.until(native_id, State.FAILED)
    assert job.mark == DIALECT.mark(f"{jobs.place.name}-1.1")
    assert (job.reason, job.exit_code, job.restarts) == (Reason.NONZERO_EXIT, 3, 0)
    assert job.name == "odd | name with  lines"
    assert job.log == str(jobs.place / "scheduler")
    assert None not in (job.submitted, job.started, job.ended)


def test_a_path_with_odd_signs_is_taken_as_it_is(slurm: Slurm, tmp_path: Path) -> None:
    for number, name in enumerate(("100%j %%x", "back\\slash %j", "quo\"te's é")):
        place = tmp_path / name
        place.mkdir()
        jobs = Jobs(slurm, place)
        mark = DIALECT.mark(f"odd-{number}.1")
        native_id = jobs.submit("pwd", mark=mark)
        job = jobs.until(native_id, State.SUCCEEDED)
        slurm.wait(lambda p=place: (p / "scheduler").exists(), "the output")  # type: ignore[misc]
        assert (place / "scheduler").read_text(encoding="utf-8") == f"{place}\n"
        assert job.directory == str(place)
        assert job.log == str(place / "scheduler")


def test_a_running_job_is_ended(jobs: Jobs) -> None:
    native_id = jobs.submit("exec sleep 600")
    jobs.until(native_id, State.RUNNING)
    jobs.cancel(native_id)
    job = jobs.until(native_id, State.CANCELLED)
    assert job.exit_code is None


def test_jobs_that_are_not_there_can_be_cancelled(jobs: Jobs) -> None:
    native_id = jobs.submit("true")
    jobs.until(native_id, State.SUCCEEDED)
    jobs.cancel(native_id, NativeId("4000000"), NativeId(f"{native_id}_7"))


def test_a_held_job_says_who_holds_it(jobs: Jobs) -> None:
    native_id = jobs.submit("true", native={"hold": "", "nice": "5"})
    job = jobs.until_why(native_id, "JobHeldUser")
    assert (job.state, job.reason) == (State.QUEUED, Reason.HELD)


def test_a_job_waits_for_another_and_starts_after_it(jobs: Jobs) -> None:
    first = jobs.submit("exec sleep 600")
    second = jobs.submit("true", native=after(first) | {"kill-on-invalid-dep": "yes"})
    assert jobs.until_why(second, "Dependency").reason is Reason.DEPENDENCY
    jobs.cancel(first)
    # It was cancelled, so what waits for its success never starts, and is not left waiting for ever.
    job = jobs.until(second, State.FAILED)
    assert job.reason is Reason.NOT_STARTED
    assert job.why.startswith("DependencyNeverSatisfied")


def test_a_job_after_one_that_succeeded_runs(jobs: Jobs) -> None:
    first = jobs.submit("true")
    second = jobs.submit("true", native=after(first))
    jobs.until(second, State.SUCCEEDED)


def test_a_job_too_big_for_any_node_says_that_it_can_never_start(jobs: Jobs) -> None:
    native_id = jobs.submit("true", resources=Resources(cpu_cores_per_process=9999))
    job = jobs.until_why(native_id, "PartitionConfig")
    assert job.reason is None  # it waits for nothing
    assert job.asked["cores"] == "9999"


def test_a_job_longer_than_its_partition_allows_says_so(jobs: Jobs) -> None:
    attributes = Attributes(queue_name="short", duration=36_000.0)
    job = jobs.until_why(jobs.submit("true", attributes=attributes), "PartitionTimeLimit")
    assert job.reason is None
    assert job.queue == "short"


def test_memory_that_no_node_has_is_refused_in_slurms_words(jobs: Jobs) -> None:
    with pytest.raises(ExecutorRejected, match="Memory specification"):
        jobs.submit("true", resources=Resources(memory=1 << 50))


@pytest.mark.parametrize(
    "more",
    [
        {"attributes": Attributes(queue_name="none")},
        {"native": {"constraint": "none"}},
        {"native": {"no-such-option": ""}},
        {"native": {"constraint": ""}},
        {"elements": Elements(indices=(3_000_000,))},
    ],
)
def test_what_slurm_refuses_is_refused(jobs: Jobs, more: Mapping[str, Any]) -> None:
    with pytest.raises(ExecutorRejected):
        jobs.submit("true", **more)


def test_a_script_of_which_nothing_arrives_is_refused(jobs: Jobs) -> None:
    """Whoever was to send it may have been killed."""
    request = jobs.request("true", text=b"")
    with pytest.raises(ExecutorRejected, match="empty"):
        DIALECT.submitted(jobs.slurm.answer(DIALECT.submit(request)))


def test_resources_are_what_the_job_gets(jobs: Jobs) -> None:
    resources = Resources(
        node_count=2, processes_per_node=2, cpu_cores_per_process=3, memory=200 << 20
    )
    native_id = jobs.submit(
        "true", resources=resources, attributes=Attributes(queue_name="batch", duration=90)
    )
    assert jobs.listed()[native_id].asked == {
        "cores": "12",
        "memory": "400M",
        "nodes": "2",
        "wall time": "2:00",
    }


def test_elements_of_an_array_are_listed_each(jobs: Jobs) -> None:
    script = 'test "$SLURM_ARRAY_TASK_ID" -gt 1 && exec sleep 600; exit "$SLURM_ARRAY_TASK_ID"'
    array = jobs.submit(script, elements=Elements(indices=(0, 1, 2, 3, 7, 1000), at_once=2))
    jobs.until(f"{array}_3", State.RUNNING)
    jobs.until(f"{array}_0", State.SUCCEEDED)  # it may still be completing
    jobs.until(f"{array}_1", State.FAILED)
    jobs.until_why(f"{array}_1000", "JobArrayTaskLimit")
    found = jobs.listed()
    assert {job.index for job in found.values() if job.array == array} == {0, 1, 2, 3, 7, 1000}
    assert found[f"{array}_0"].state is State.SUCCEEDED
    assert found[f"{array}_1"].exit_code == 1
    assert found[f"{array}_1000"].reason is Reason.LIMIT
    assert {job.mark for job in found.values() if job.array == array} == {
        DIALECT.mark(f"{jobs.place.name}-1.1")
    }
    assert [job.id for job in jobs.asked(0, [NativeId(f"{array}_7")])] == [f"{array}_7"]


def test_an_element_cancelled_while_it_waits_is_gone_from_every_listing(jobs: Jobs) -> None:
    array = jobs.submit("true", elements=Elements(indices=(0, 1, 2)), native={"hold": ""})
    jobs.cancel(NativeId(f"{array}_1"))
    jobs.slurm.wait(lambda: f"{array}_1" not in jobs.listed(), "the element to go")
    assert jobs.listed()[f"{array}_2"].state is State.QUEUED
    assert f"{array}_1" not in {job.id for job in jobs.asked(0, [NativeId(f"{array}_1")])}


def test_the_last_element_to_start_has_an_id_of_its_own_all_the_same(jobs: Jobs) -> None:
    script = 'echo "$SLURM_ARRAY_JOB_ID $SLURM_JOB_ID" >> ids'
    array = jobs.submit(script, elements=Elements(indices=(0, 1, 2), at_once=1))
    for index in range(3):
        jobs.until(f"{array}_{index}", State.SUCCEEDED)
    ids = (jobs.place / "ids").read_text(encoding="utf-8").split()
    assert ids[::2] == [array] * 3
    assert array in ids[1::2]  # the trap: one of them has the array's
    assert array not in jobs.listed()


def test_a_large_array_that_waits_is_one_short_row(jobs: Jobs) -> None:
    array = jobs.submit(
        "true", elements=Elements(indices=tuple(range(0, 2000, 3))), native={"hold": ""}
    )
    answer = jobs.slurm.answer(DIALECT.listing())
    mine = [job for job in DIALECT.listed(answer) if job.array == array]
    assert [job.index for job in mine] == list(range(0, 2000, 3))
    rows = [line for line in answer.text.split("\n") if line.startswith(f"{array}\x1f")]
    assert len(rows) == 1


def test_a_site_without_accounting_says_so(jobs: Jobs) -> None:
    with pytest.raises(ExecutorRejected, match="accounting storage is disabled"):
        jobs.asked(1, [NativeId("1")])


def test_a_forgotten_job_and_one_that_never_was_look_the_same(jobs: Jobs) -> None:
    assert jobs.asked(0, [NativeId("4000000")]) == []
    assert jobs.asked(0, [NativeId("4000000"), NativeId("4000001")]) == []


def test_a_controller_that_is_away_is_no_empty_queue(jobs: Jobs) -> None:
    jobs.slurm.kill_controller()
    with pytest.raises(ExecutorUnavailable):
        jobs.listed()
    jobs.slurm.start_controller()
    assert jobs.listed() is not None


@pytest.mark.anyio
async def test_a_dead_controller_is_not_called_slow_and_a_frozen_one_is(jobs: Jobs) -> None:
    here = Here({}, {**os.environ, **jobs.slurm.environment}, timeout_s=0.3)  # noqa: TID251
    telling = telling_dead_from_slow(here, DIALECT)
    try:
        jobs.slurm.freeze_controller()
        with pytest.raises(ExecutorSlow):
            await telling.run(DIALECT.listing())
        jobs.slurm.kill_controller()
        with pytest.raises(ExecutorUnavailable, match="slurmctld does not answer") as caught:
            await telling.run(DIALECT.listing())
        assert not isinstance(caught.value, ExecutorSlow)
    finally:
        await here.close()
        jobs.slurm.mend()


@pytest.mark.anyio
async def test_variables_of_the_server_hide_no_jobs(jobs: Jobs) -> None:
    native_id = jobs.submit("true", native={"hold": ""})
    variables = dict.fromkeys(DIALECT.listing().without, "nowhere") | {"SQUEUE_PARTITION": ""}
    here = Here({}, {**os.environ, **jobs.slurm.environment, **variables})  # noqa: TID251
    try:
        found = DIALECT.listed(await here.run(DIALECT.listing()))
    finally:
        await here.close()
    assert native_id in {job.id for job in found}


@pytest.mark.anyio
async def test_variables_of_a_login_hide_no_jobs(
    jobs: Jobs, login_node: Sshd, tmp_path: Path
) -> None:
    native_id = jobs.submit("true", native={"hold": ""})
    login = over_ssh(login_node, tmp_path, prelude="export SQUEUE_PARTITION= SQUEUE_NAMES=x")
    try:
        found = DIALECT.listed(await login.run(DIALECT.listing()))
    finally:
        await login.close()
    assert native_id in {job.id for job in found}


@pytest.mark.anyio
async def test_a_server_that_runs_in_a_job_itself_hands_none_of_that_on(jobs: Jobs) -> None:
    variables = {"SLURM_ARRAY_TASK_ID": "77", "SLURM_RESTART_COUNT": "5", "SBATCH_WAIT": "1"}
    variables |= {"SBATCH_ARRAY_INX": "1-5", "SLURM_JOB_ID": "4"}
    here = Here({}, {**os.environ, **jobs.slurm.environment, **variables})  # noqa: TID251
    try:
        request = jobs.request("env > variables")
        native_id = DIALECT.submitted(await here.run(DIALECT.submit(request)))
    finally:
        await here.close()
    jobs.until(native_id, State.SUCCEEDED)
    lines = (jobs.place / "variables").read_text(encoding="utf-8").splitlines()
    assert f"SLURM_JOB_ID={native_id}" in lines
    assert not [line for line in lines if line.startswith(("SLURM_ARRAY", "SLURM_RESTART"))]


def test_the_names_of_variables_are_those_that_a_job_finds(jobs: Jobs) -> None:
    names = DIALECT.variables
    script = f'echo "${names.array_id} ${names.index} ${names.job_id}" > found'
    array = jobs.submit(script, elements=Elements(indices=(5,)))
    jobs.until(f"{array}_5", State.SUCCEEDED)
    found = (jobs.place / "found").read_text(encoding="utf-8").split()
    assert found[:2] == [array, "5"]
    plain = jobs.submit('echo "$' + f'{names.job_id}" "${{{names.index}-none}}" > plain')
    jobs.until(plain, State.SUCCEEDED)
    assert (jobs.place / "plain").read_text(encoding="utf-8").split() == [plain, "none"]


def test_what_is_left_of_an_array_looks_like_a_job_of_its_mark_and_is_none(jobs: Jobs) -> None:
    array = jobs.submit("exec sleep 600", elements=Elements(indices=(0, 1, 2), at_once=1))
    jobs.until(f"{array}_0", State.RUNNING)
    jobs.cancel(NativeId(f"{array}_1"), NativeId(f"{array}_2"))
    # Its waiting elements leave one row, cancelled, with the array's id and mark, while another element runs.
    rest = jobs.until(array, State.CANCELLED)
    assert (rest.mark, rest.index) == (DIALECT.mark(f"{jobs.place.name}-1.1"), None)
    assert jobs.listed()[f"{array}_0"].state is State.RUNNING


def test_a_job_after_one_that_slurm_has_forgotten_runs_whatever_became_of_that(
    slurm_forgetful: Slurm, tmp_path: Path
) -> None:
    jobs = Jobs(slurm_forgetful, tmp_path)
    failed = jobs.submit("exit 1")
    jobs.until(failed, State.FAILED)
    jobs.slurm.wait(lambda: failed not in jobs.listed(), "the job to be forgotten")
    second = jobs.submit("true", native=after(failed))
    jobs.until(second, State.SUCCEEDED)  # the trap: whoever submits must know how that one ended


def test_details_of_a_job_that_slurm_has_forgotten_are_nowhere_without_accounting(
    slurm_forgetful: Slurm, tmp_path: Path
) -> None:
    jobs = Jobs(slurm_forgetful, tmp_path)
    native_id = jobs.submit("true")
    assert f"JobId={native_id} " in jobs.detail(0, native_id)
    jobs.slurm.wait(lambda: not jobs.detail(0, native_id), "the job to be forgotten")
    assert jobs.detail(1, native_id) == ""


class TestAccounting:
    """What sacct tells, and for how long."""

    @pytest.fixture
    def jobs(self, slurm_dbd: Slurm, tmp_path: Path) -> Iterator[Jobs]:
        yield Jobs(slurm_dbd, tmp_path)
        slurm_dbd.clear()

    def until_accounted(self, jobs: Jobs, native_id: NativeId) -> NativeJob:
        def is_so() -> bool:
            found = jobs.asked(1, [native_id])
            return bool(found and found[0].ended and found[0].directory)

        jobs.slurm.wait(is_so, f"{native_id} in the accounting")
        return jobs.asked(1, [native_id])[0]

    def test_an_ended_job_is_known_with_its_mark(self, jobs: Jobs) -> None:
        native_id = jobs.submit("exit 3", name="two\nlines")
        job = self.until_accounted(jobs, native_id)
        assert job.mark == DIALECT.mark(f"{jobs.place.name}-1.1")
        assert (job.state, job.reason, job.exit_code) == (State.FAILED, Reason.NONZERO_EXIT, 3)
        assert job.usage is not None

    def test_all_that_it_has_on_a_job_and_its_steps_is_told_in_lines(self, jobs: Jobs) -> None:
        native_id = jobs.submit("exit 3", name="two\nlines | one")
        self.until_accounted(jobs, native_id)
        words = jobs.detail(1, native_id)
        job, step = words.split("\n\n")
        assert job.startswith(f"JobID={native_id}\n   ")
        assert "\n   JobName=two lines | one\n" in job
        assert "\n   ExitCode=3:0\n" in job
        assert step.startswith(f"JobID={native_id}.batch\n   ")
        assert jobs.detail(1, NativeId("4242")) == ""

    def test_who_cancelled_a_job_is_known(self, jobs: Jobs) -> None:
        native_id = jobs.submit("true", native={"hold": ""})
        jobs.cancel(native_id)
        job = self.until_accounted(jobs, native_id)
        assert (job.state, job.reason) == (State.CANCELLED, Reason.BY_USER)

    def test_elements_are_known_each(self, jobs: Jobs) -> None:
        array = jobs.submit('exit "$SLURM_ARRAY_TASK_ID"', elements=Elements(indices=(0, 4)))
        self.until_accounted(jobs, NativeId(f"{array}_0"))
        self.until_accounted(jobs, NativeId(f"{array}_4"))
        found = {job.index: job.exit_code for job in jobs.asked(1, [array])}
        assert found == {0: 0, 4: 4}
