"""What Slurm's controller and its accounting tell of single jobs."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rigs.recorded import output

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, InvalidRequest
from headway.core.model.job import Usage
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Output
from headway.executors.batch.native import NativeJob
from headway.executors.slurm.dialect import SlurmDialect

RECORDED = Path(__file__).parent / "recorded"
FENCE = "\x1erecorded."
DIALECT = SlurmDialect(fence="recorded.")
SQUEUE, SACCT = DIALECT.sources


def accounted() -> dict[str, NativeJob]:
    return {job.id: job for job in SACCT.read(output(RECORDED, "sacct-many"))}


def by_mark(name: str) -> NativeJob:
    return next(job for job in accounted().values() if job.mark == f"headway:{name}.1")


def test_several_jobs_are_asked_about_in_one_command() -> None:
    ids = [NativeId("1"), NativeId("20_3")]
    assert "--jobs=1,20_3" in SQUEUE.ask(ids).argv
    assert "--jobs=1,20_3" in SACCT.ask(ids).argv


@pytest.mark.parametrize("native_id", ["", "-x", "1,2", "12 13", "1_", "a", "1\n"])
def test_what_is_no_id_is_not_asked_about(native_id: str) -> None:
    for source in DIALECT.sources:
        with pytest.raises(InvalidRequest):
            source.ask([NativeId(native_id)])
    for detail in DIALECT.details:
        with pytest.raises(InvalidRequest):
            detail.ask(NativeId(native_id))
    with pytest.raises(InvalidRequest):
        DIALECT.cancel([NativeId(native_id)])


def test_jobs_that_the_controller_does_not_know_are_left_out() -> None:
    assert [job.id for job in SQUEUE.read(output(RECORDED, "squeue-two"))] == ["1"]
    assert SQUEUE.read(output(RECORDED, "squeue-unknown")) == []


def test_a_controller_that_is_away_does_not_know_nothing() -> None:
    with pytest.raises(ExecutorUnavailable):
        SQUEUE.read(output(RECORDED, "squeue-unreached"))


def test_elements_of_an_array_are_asked_about_by_their_places() -> None:
    jobs = SQUEUE.read(output(RECORDED, "squeue-elements"))
    assert [(job.id, job.state) for job in jobs] == [
        ("14_0", State.SUCCEEDED),
        ("14_7", State.QUEUED),
    ]


def test_a_site_without_accounting_knows_nothing_rather_than_no_jobs() -> None:
    with pytest.raises(ExecutorRejected, match="accounting storage is disabled"):
        SACCT.read(output(RECORDED, "sacct-disabled"))


def test_jobs_that_accounting_does_not_know_are_left_out() -> None:
    assert SACCT.read(output(RECORDED, "sacct-none")) == []
    assert "4242" not in accounted()


def test_steps_are_no_jobs() -> None:
    assert f"1.batch{FENCE}" in output(RECORDED, "sacct-many").text
    assert all("." not in native_id for native_id in accounted())


@pytest.mark.parametrize(
    ("name", "state", "reason", "exit_code", "signal"),
    [
        ("ok", State.SUCCEEDED, None, 0, None),
        ("segv", State.FAILED, Reason.SIGNAL, None, 11),
        ("cancelled", State.CANCELLED, Reason.BY_USER, None, None),
        ("held", State.CANCELLED, Reason.BY_USER, None, None),
        ("never", State.CANCELLED, None, None, None),
        ("running", State.RUNNING, None, None, None),
    ],
)
def test_each_job_stands_where_accounting_says(
    name: str, state: State, reason: Reason | None, exit_code: int | None, signal: int | None
) -> None:
    job = by_mark(name)
    assert (job.state, job.reason, job.exit_code, job.signal) == (state, reason, exit_code, signal)


def test_elements_of_an_array_are_told_apart() -> None:
    jobs = accounted()
    assert {key: (jobs[key].state, jobs[key].index) for key in jobs if "_" in key} == {
        "6_0": (State.SUCCEEDED, 0),
        "6_1": (State.FAILED, 1),
        "6_5": (State.FAILED, 5),
        "7_0": (State.QUEUED, 0),
        "7_1": (State.QUEUED, 1),
        "7_5": (State.QUEUED, 5),
    }


def test_usage_has_the_memory_of_its_steps() -> None:
    usage = accounted()["1"].usage
    assert usage == Usage(cpu_s=0.001, max_memory_bytes=82296832, wall_s=1.0)


def test_who_cancelled_a_job_is_told() -> None:
    text = output(RECORDED, "sacct-many").text
    other = text.replace("CANCELLED by 0", "CANCELLED by 501")
    jobs = SACCT.read(Output(stdout=other.encode()))
    assert {job.reason for job in jobs if job.word == "CANCELLED by 501"} == {Reason.BY_ADMIN}


def test_a_mark_is_found_in_the_command_line_where_comments_are_not_kept() -> None:
    text = output(RECORDED, "sacct-many").text
    bare = text.replace(FENCE + "sbatch --comment=", FENCE + "/usr/local/bin/sbatch --comment=")
    for name in ("ok", "segv", "array"):
        bare = bare.replace(f"{FENCE}headway:{name}.1{FENCE}", FENCE * 2)
    marks: dict[str, str] = {job.id: job.mark for job in SACCT.read(Output(stdout=bare.encode()))}
    assert marks["2"] == "headway:segv.1"
    assert marks["6_5"] == "headway:array.1"


def test_a_long_command_line_of_anybodys_is_read_in_time_that_grows_with_it() -> None:
    text = output(RECORDED, "sacct-many").text
    bare = text.replace(FENCE + "sbatch --comment=", FENCE + "sbatch" * 200_000 + " --comment=")
    bare = bare.replace(f"{FENCE}headway:ok.1{FENCE}", FENCE * 2)
    assert SACCT.read(Output(stdout=bare.encode()))


@given(st.data())
def test_an_answer_of_accounting_that_was_cut_has_no_wrong_state(data: st.DataObject) -> None:
    whole = output(RECORDED, "sacct-many").stdout
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    try:
        jobs = SACCT.read(Output(stdout=cut))
    except ExecutorUnavailable:
        return
    states = {job.id: job.state for job in SACCT.read(Output(stdout=whole))}
    assert all(states[job.id] is job.state for job in jobs)


def test_times_that_took_days_are_read() -> None:
    text = output(RECORDED, "sacct-many").text.replace("00:00.001", "2-03:04:05")
    jobs: dict[str, NativeJob] = {job.id: job for job in SACCT.read(Output(stdout=text.encode()))}
    usage = jobs["1"].usage
    assert usage is not None
    assert usage.cpu_s == ((2 * 24 + 3) * 60 + 4) * 60 + 5
