"""What sbatch and scancel answer."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rigs.recorded import Recording, each_recording, output

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.executors.batch.command import Output
from headway.executors.slurm.dialect import SlurmDialect

RECORDED = Path(__file__).parent / "recorded"
DIALECT = SlurmDialect()
POLICY = (
    "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy "
    "(job submit limit, user's size and/or time limits)"
)


def test_an_accepted_job_has_its_id() -> None:
    accepted = output(RECORDED, "sbatch-accepted")
    assert accepted.stdout == b"%s\n" % DIALECT.submitted(accepted).encode()
    assert DIALECT.submitted(output(RECORDED, "sbatch-accepted-cluster")) == "12"


@each_recording(RECORDED, "sbatch-refused-*")
def test_a_refusal_is_for_good_and_in_slurms_words(recorded: Recording) -> None:
    with pytest.raises(ExecutorRejected) as caught:
        DIALECT.submitted(recorded.output)
    assert "sbatch" not in str(caught.value)
    assert "Try " not in str(caught.value)


@pytest.mark.parametrize("name", ["unreached", "no-munge", "no-settings"])
def test_a_controller_that_was_not_reached_has_refused_nothing(name: str) -> None:
    with pytest.raises(ExecutorUnavailable):
        DIALECT.submitted(output(RECORDED, f"sbatch-{name}"))
    with pytest.raises(ExecutorUnavailable):
        DIALECT.listed(output(RECORDED, f"squeue-{name}"))


def test_both_lines_of_a_refusal_are_told() -> None:
    with pytest.raises(ExecutorRejected, match=r"Memory specification .*; Requested node config"):
        DIALECT.submitted(output(RECORDED, "sbatch-refused-memory"))


@pytest.mark.parametrize(
    "words",
    [
        # slurm_errno.c; of these nobody knows whether the job was taken
        "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
        "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received",
        "sbatch: error: Batch job submission failed: Slurm backup controller in standby mode",
        "sbatch: error: Batch job submission failed: Connection refused",
        "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.",
        f"sbatch: error: AssocMaxSubmitJobLimit\n{POLICY}",
        f"sbatch: error: QOSMaxSubmitJobPerUserLimit\n{POLICY}",
        "sbatch: fatal: Unable to process configuration file",
        "bash: sbatch: command not found",
        "Killed",
        "",
    ],
)
def test_what_may_go_well_later_is_no_refusal(words: str) -> None:
    code = 127 if "not found" in words else 1
    with pytest.raises(ExecutorUnavailable):
        DIALECT.submitted(Output(stderr=words.encode(), exit_code=code))


def test_a_site_s_own_words_for_a_refusal_are_told() -> None:
    said = b"sbatch: error: You must name a project, see https://hpc.example/projects\nsbatch: error: Batch job submission failed: Unspecified error\n"
    with pytest.raises(ExecutorRejected, match="You must name a project"):
        DIALECT.submitted(Output(stderr=said, exit_code=1))


@given(st.integers(1, 10**12), st.integers(0, 20))
def test_half_an_id_is_no_id(number: int, cut: int) -> None:
    whole = f"{number}\n".encode()
    assert DIALECT.submitted(Output(stdout=whole)) == str(number)
    if cut < len(whole):
        with pytest.raises(ExecutorUnavailable):
            DIALECT.submitted(Output(stdout=whole[:cut]))


@given(st.binary())
def test_nothing_but_an_id_is_read_as_one(stdout: bytes) -> None:
    line = stdout.removesuffix(b"\n").partition(b";")[0]
    if line.isdigit() and stdout.endswith(b"\n"):
        return
    with pytest.raises(ExecutorUnavailable):
        DIALECT.submitted(Output(stdout=stdout))


def test_cancelling_what_is_not_there_is_no_error() -> None:
    DIALECT.cancelled(output(RECORDED, "scancel-unknown"))
    said = (
        b"scancel: error: Kill job error on job id 13: Job/step already completing or completed\n"
        b"scancel: error: Kill job error on job id 14: Invalid job id specified\n"
    )
    DIALECT.cancelled(Output(stderr=said, exit_code=1))


def test_somebody_elses_job_is_not_ours_to_cancel() -> None:
    with pytest.raises(ExecutorRejected, match="permission denied"):
        DIALECT.cancelled(output(RECORDED, "scancel-denied"))


@pytest.mark.parametrize("name", ["scancel-unreached", "scancel-no-munge"])
def test_a_cancel_that_was_not_heard_is_asked_for_again(name: str) -> None:
    with pytest.raises(ExecutorUnavailable):
        DIALECT.cancelled(output(RECORDED, name))


def test_a_cancel_that_died_without_a_word_is_asked_for_again() -> None:
    with pytest.raises(ExecutorUnavailable):
        DIALECT.cancelled(Output(exit_code=137))


def test_the_version_is_told() -> None:
    assert DIALECT.read_version(output(RECORDED, "version")) == "22.05.8"
    assert DIALECT.read_version(Output(stdout=b"slurm 23.02.7-1\n")) == "23.02.7-1"


def test_another_program_of_that_name_is_told_from_slurms() -> None:
    with pytest.raises(ExecutorRejected, match="Maui"):
        DIALECT.read_version(Output(stdout=b"Maui 3.3.1\n"))
    with pytest.raises(ExecutorUnavailable):
        DIALECT.read_version(Output(stderr=b"sh: squeue: not found\n", exit_code=127))


def test_a_controller_is_dead_when_none_of_those_there_are_answers() -> None:
    assert "slurmctld" in DIALECT.dead(output(RECORDED, "scontrol-ping-down"))
    assert DIALECT.dead(output(RECORDED, "scontrol-ping-up")) == ""
    backup = b"Slurmctld(primary) at a is DOWN\nSlurmctld(backup) at b is UP\n"
    assert DIALECT.dead(Output(stdout=backup)) == ""
    assert DIALECT.dead(Output(stdout=backup.replace(b"UP", b"DOWN"), exit_code=1)) != ""
    assert DIALECT.dead(Output(stderr=b"scontrol: fatal: no configuration", exit_code=1)) == ""
