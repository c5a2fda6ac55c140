"""Slurm's words for states, reasons and exit codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.model.state import REASONS, Reason, State
from headway.executors.slurm.ends import Exit, exit_of, standing_of
from headway.executors.slurm.words import STATES, meaning_of_state, why_it_waits, why_of

#: squeue(1), "JOB STATE CODES", and those of sacct(1), 20.02 to 25.11.
LONG = [
    "BOOT_FAIL",
    "CANCELLED",
    "COMPLETED",
    "CONFIGURING",
    "COMPLETING",
    "DEADLINE",
    "EXPEDITING",
    "FAILED",
    "LAUNCH_FAILED",
    "NODE_FAIL",
    "OUT_OF_MEMORY",
    "PENDING",
    "POWER_UP_NODE",
    "PREEMPTED",
    "RUNNING",
    "RESV_DEL_HOLD",
    "REQUEUE_FED",
    "REQUEUE_HOLD",
    "REQUEUED",
    "RESIZING",
    "REVOKED",
    "SIGNALING",
    "SPECIAL_EXIT",
    "STAGE_OUT",
    "STOPPED",
    "SUSPENDED",
    "TIMEOUT",
    "UPDATE_DB",
]
SHORT = {
    "BF": "BOOT_FAIL",
    "CA": "CANCELLED",
    "CD": "COMPLETED",
    "CF": "CONFIGURING",
    "CG": "COMPLETING",
    "DL": "DEADLINE",
    "F": "FAILED",
    "NF": "NODE_FAIL",
    "OOM": "OUT_OF_MEMORY",
    "PD": "PENDING",
    "PR": "PREEMPTED",
    "R": "RUNNING",
    "RD": "RESV_DEL_HOLD",
    "RF": "REQUEUE_FED",
    "RH": "REQUEUE_HOLD",
    "RQ": "REQUEUED",
    "RS": "RESIZING",
    "RV": "REVOKED",
    "S": "SUSPENDED",
    "SE": "SPECIAL_EXIT",
    "SI": "SIGNALING",
    "SO": "STAGE_OUT",
    "ST": "STOPPED",
    "TO": "TIMEOUT",
}
REASON_WORDS = [
    "None",
    "Priority",
    "Resources",
    "Dependency",
    "JobHeldUser",
    "JobHeldAdmin",
    "BeginTime",
    "NonZeroExitCode",
    "JobLaunchFailure",
    "RaisedSignal",
    "TimeLimit",
    "NodeDown",
    "OutOfMemory",
    "DependencyNeverSatisfied",
    "BadConstraints",
    "PartitionConfig",
    "AssocMaxJobsLimit",
]


@pytest.mark.parametrize("word", LONG)
def test_every_long_word_of_slurms_is_known(word: str) -> None:
    state, _ = meaning_of_state(word)
    assert state is not None


@pytest.mark.parametrize(("short", "long"), SHORT.items())
def test_a_short_word_means_what_the_long_one_means(short: str, long: str) -> None:
    assert meaning_of_state(short) == meaning_of_state(long)
    assert short in STATES


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("CANCELLED by 1000", State.CANCELLED),
        ("CANCELLED+", State.CANCELLED),
        ("COMPLETED+", State.SUCCEEDED),
    ],
)
def test_a_word_with_more_behind_it_is_known(word: str, state: State) -> None:
    assert meaning_of_state(word)[0] is state


@given(st.text())
def test_a_word_that_is_not_known_means_nothing(word: str) -> None:
    first = word.partition(" ")[0].rstrip("+")
    known = first in STATES
    assert (meaning_of_state(word) == (None, None)) is not known


@pytest.mark.parametrize(
    ("text", "exit_"),
    [
        ("0:0", Exit(0, 0)),
        ("3:0", Exit(3, 0)),
        ("0:9", Exit(0, 9)),
        ("9:15", Exit(0, 15)),
        ("768", Exit(3, 0)),
        ("139", Exit(0, 11)),  # SIGSEGV with a core file
        ("4021", Exit(0, 53)),
        ("0", Exit(0, 0)),
        ("4294967294", None),
        ("", None),
        ("N/A", None),
        ("²", None),
    ],
)
def test_an_exit_code_is_read_in_both_ways_that_slurm_writes_it(
    text: str, exit_: Exit | None
) -> None:
    assert exit_of(text) == exit_


@given(
    word=st.sampled_from(sorted({*LONG, *SHORT})),
    why=st.sampled_from(REASON_WORDS) | st.text(max_size=20),
    exit_text=st.sampled_from(["0:0", "3:0", "0:9", "0:53", "768", "15", "4021", "", "N/A"]),
    ever_started=st.booleans(),
)
def test_where_a_job_stands_is_always_a_pair_of_the_one_table(
    word: str, why: str, exit_text: str, *, ever_started: bool
) -> None:
    standing = standing_of(word, why, exit_text, ever_started=ever_started)
    assert standing.state is not None
    if standing.state is not State.CANCELLED or standing.reason is not None:
        assert standing.reason in REASONS[standing.state]
    assert standing.exit_code is None or standing.signal is None
    if not standing.state.is_final:
        assert (standing.exit_code, standing.signal) == (None, None)
    assert (standing.state is State.SUCCEEDED) == (standing.exit_code == 0)


@pytest.mark.parametrize(
    ("word", "why", "exit_text", "reason", "exit_code", "signal"),
    [
        ("FAILED", "NonZeroExitCode", "3:0", Reason.NONZERO_EXIT, 3, None),
        ("FAILED", "JobLaunchFailure", "0:11", Reason.SIGNAL, None, 11),
        ("FAILED", "RaisedSignal", "0:9", Reason.SIGNAL, None, 9),
        ("FAILED", "JobLaunchFailure", "0:53", Reason.NOT_STARTED, None, None),
        ("FAILED", "None", "1:0", Reason.NONZERO_EXIT, 1, None),
        ("TIMEOUT", "TimeLimit", "0:15", Reason.TIMEOUT, None, 15),
        ("OUT_OF_MEMORY", "OutOfMemory", "0:125", Reason.OUT_OF_MEMORY, None, 125),
        ("NODE_FAIL", "NodeDown", "0:0", Reason.NODE_FAIL, None, None),
        ("PREEMPTED", "None", "0:15", Reason.PREEMPTED, None, 15),
        ("BOOT_FAIL", "None", "0:0", Reason.NODE_FAIL, None, None),
        ("DEADLINE", "DeadLine", "0:15", Reason.TIMEOUT, None, 15),
        ("REVOKED", "None", "0:0", Reason.NOT_STARTED, None, None),
    ],
)
def test_a_failure_has_its_reason(
    word: str, why: str, exit_text: str, reason: Reason, exit_code: int | None, signal: int | None
) -> None:
    standing = standing_of(word, why, exit_text, ever_started=True)
    assert standing.state is State.FAILED
    assert (standing.reason, standing.exit_code, standing.signal) == (reason, exit_code, signal)


def test_a_job_that_was_refused_has_no_signal_though_its_record_has_one() -> None:
    standing = standing_of("FAILED", "BadConstraints", "1", ever_started=False)
    assert (standing.reason, standing.signal) == (Reason.NOT_STARTED, None)


def test_a_job_cancelled_by_slurm_for_its_dependency_has_failed_to_start() -> None:
    standing = standing_of("CANCELLED", "DependencyNeverSatisfied", "0:0", ever_started=False)
    assert (standing.state, standing.reason) == (State.FAILED, Reason.NOT_STARTED)


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("Priority", None),
        ("Resources", None),
        ("BeginTime", None),
        ("Licenses", None),
        ("QOSNotAllowed", None),
        ("ReqNodeNotAvail, UnavailableNodes:n2", None),
        ("Dependency", Reason.DEPENDENCY),
        ("JobArrayTaskLimit,Dependency", Reason.DEPENDENCY),
        ("Dependency,JobHeldUser", Reason.HELD),
        ("JobArrayTaskLimit,PartitionTimeLimit", None),
        ("DependencyNeverSatisfied", None),
        ("JobHeldUser", Reason.HELD),
        ("job requeued in held state", Reason.HELD),
        ("PartitionConfig", None),
        ("QOSMaxJobsPerUserLimit", Reason.LIMIT),
        ("QOSGrpCpuLimit", Reason.LIMIT),
        ("AssocGrpCPURunMinutesLimit", Reason.LIMIT),
        ("AssocMaxGRESPerJob", None),
        ("MaxMemPerLimit", None),
        ("something new", None),
    ],
)
def test_why_a_job_waits_is_told_in_our_words(why: str, reason: Reason | None) -> None:
    assert why_it_waits(why) is reason


def test_slurms_own_reason_stays_before_what_it_means() -> None:
    assert why_of(State.QUEUED, "PartitionConfig").startswith("PartitionConfig: it asks for more")
    assert why_of(State.QUEUED, "something new") == "something new"
    assert why_of(State.RUNNING, "None") == ""


def test_what_a_job_once_waited_for_is_not_told_after_its_end() -> None:
    assert why_of(State.CANCELLED, "JobHeldUser") == ""
    assert why_of(State.FAILED, "JobArrayTaskLimit") == ""
    assert why_of(State.FAILED, "NodeDown") == "NodeDown: its node went down"
