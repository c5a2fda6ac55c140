"""What qsub, qdel and ``qstat -help`` say in words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rigs.recorded import output

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.executors.batch.command import Output
from headway.executors.sge.dialect import SgeDialect

RECORDED = Path(__file__).parent / "recorded"

dialect = SgeDialect()


def test_a_job_that_was_taken_has_an_id() -> None:
    assert dialect.submitted(output(RECORDED, "qsub-job")).isdigit()


def test_an_array_that_was_taken_has_one_id_for_all_its_tasks() -> None:
    raw = output(RECORDED, "qsub-array")
    assert dialect.submitted(raw) == raw.text.partition(".")[0]


def test_what_a_site_says_round_the_id_is_passed_over() -> None:
    raw = b"Welcome to the cluster!\n2 jobs are yours\n4711\nGood luck.\n"
    assert dialect.submitted(Output(stdout=raw)) == "4711"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("qsub-no-queue", 'unknown queue "nosuch"'),
        ("qsub-no-resource", 'unknown resource "nosuch"'),
        ("qsub-no-environment", 'parallel environment "nosuch" does not exist'),
        ("qsub-no-project", 'project "nosuch" does not exist'),
        ("qsub-no-reservation", "advance reservation id 5 is invalid"),
        ("qsub-no-option", 'invalid option argument "-nosuch"'),
        ("qsub-bad-name", "not a valid object name"),
        ("qsub-too-many-tasks", "more than 75000 tasks"),
    ],
)
def test_a_refusal_is_for_good_and_has_grid_engines_words(name: str, words: str) -> None:
    with pytest.raises(ExecutorRejected, match=words) as refused:
        dialect.submitted(output(RECORDED, name))
    assert "Exiting" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("qsub-unreachable", "qmaster"),
        ("qsub-no-root", "SGE_ROOT"),
        ("qsub-no-script", "script file"),
        ("qsub-odd-name", "answer list"),
        ("qsub-limit", "takes no more jobs now.*only 2 jobs are allowed per user"),
    ],
)
def test_what_may_be_otherwise_later_is_no_refusal(name: str, words: str) -> None:
    with pytest.raises(ExecutorUnavailable, match=words):
        dialect.submitted(output(RECORDED, name))


def test_a_users_words_do_not_make_a_refusal_look_like_a_lost_connection() -> None:
    words = b'Unable to run job: Job was rejected because job requests unknown queue "qmaster"\nExiting.\n'
    with pytest.raises(ExecutorRejected):
        dialect.submitted(Output(stderr=words, exit_code=1))


@pytest.mark.parametrize(
    "raw",
    [
        Output(stdout=b"471"),
        Output(stdout=b""),
        Output(stdout=b"Your job 4711 has been submitted\n"),
        Output(stdout=b"4711\n", exit_code=1),
        Output(stderr=b"qsub: command not found\n", exit_code=127),
        Output(stderr=b"sh: 1: qsub: not found", exit_code=127),
        Output(exit_code=137),
    ],
)
def test_half_an_answer_is_not_known_to_be_taken(raw: Output) -> None:
    with pytest.raises(ExecutorUnavailable):
        dialect.submitted(raw)


@given(st.binary(max_size=60), st.binary(max_size=60), st.integers(1, 255))
def test_no_words_with_an_exit_code_make_an_id(out: bytes, err: bytes, code: int) -> None:
    with pytest.raises((ExecutorUnavailable, ExecutorRejected)):
        dialect.submitted(Output(stdout=out, stderr=err, exit_code=code))


@pytest.mark.parametrize("name", ["qdel-mixed", "qdel-again", "qdel-unknown"])
def test_a_job_that_has_ended_or_is_not_known_is_no_error_of_qdels(name: str) -> None:
    dialect.cancelled(output(RECORDED, name))


def test_somebody_elses_job_is_not_ours_to_end() -> None:
    with pytest.raises(ExecutorRejected, match="necessary privileges"):
        dialect.cancelled(output(RECORDED, "qdel-forbidden"))


def test_a_qmaster_that_is_away_has_ended_nothing() -> None:
    with pytest.raises(ExecutorUnavailable, match="qmaster"):
        dialect.cancelled(output(RECORDED, "qdel-unreachable"))


@pytest.mark.parametrize("raw", [Output(exit_code=1), Output(stderr=b"?\n", exit_code=127)])
def test_a_qdel_that_says_nothing_has_ended_nothing(raw: Output) -> None:
    with pytest.raises(ExecutorUnavailable):
        dialect.cancelled(raw)


def test_the_version_is_told() -> None:
    assert dialect.read_version(output(RECORDED, "version")) == "8.1.9"


@pytest.mark.parametrize(
    ("first", "version"),
    [
        ("GE 6.2u5", "6.2u5 (GE)"),
        ("UGE 8.6.3", "8.6.3 (UGE)"),
        ("OGS/GE 2011.11p1", "2011.11p1 (OGS/GE)"),
        ("AGE 2023.1.0", "2023.1.0 (AGE)"),
    ],
)
def test_its_kin_are_told_by_their_names(first: str, version: str) -> None:
    raw = f"{first}\nusage: qstat [options]\n"
    assert dialect.read_version(Output(stdout=raw.encode())) == version


# As their manual pages have it; none of the three was at hand.
PBS = """qstat: invalid option -- 'h'
usage:
qstat [-f] [-J] [-p] [-t] [-x] [-E] [-F format] [-D delim] [ job_identifier... | destination... ]
qstat --version
"""
SLURMS = """Usage:
    qstat [-f] [-a|-i|-r] [-n [-1]] [-G|-M] [-u *user_list*] [-? | --help] [--man] [*job_id*...]
"""


@pytest.mark.parametrize(("words", "whose"), [(PBS, "PBS"), (SLURMS, "Slurm")])
def test_another_schedulers_qstat_is_recognised(words: str, whose: str) -> None:
    with pytest.raises(ExecutorRejected, match=f"not Grid Engine's but {whose}'s"):
        dialect.read_version(Output(stderr=words.encode(), exit_code=2))


def test_a_qstat_that_does_not_answer_has_no_version() -> None:
    with pytest.raises(ExecutorUnavailable, match="SGE_ROOT"):
        dialect.read_version(output(RECORDED, "version-no-root"))
    with pytest.raises(ExecutorUnavailable):
        dialect.read_version(Output(exit_code=127, stderr=b"not found"))
