"""How an attempt ended, by its record, by its scheduler, and by both."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from headway.core.model.job import Usage
from headway.core.model.names import NativeId
from headway.core.model.state import FINAL, REASONS, Reason, State
from headway.executors.batch.native import NativeJob
from headway.executors.batch.record import Ended
from headway.executors.batch.verdict import (
    by_both,
    by_record,
    by_scheduler,
    is_enough,
    may_be_memory,
    of_memory,
    without_record,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
RECORD = Ended(
    native_id="1",
    host="n1",
    run=0,
    started=NOON,
    at=NOON,
    exit_code=0,
    signal=None,
    interrupted=False,
    timed_out=False,
    usage=Usage(),
    not_started="",
)
NATIVE = NativeJob(id=NativeId("1"), word="WORD", why="its reason")
SCHEDULERS_OWN = (Reason.TIMEOUT, Reason.OUT_OF_MEMORY, Reason.NODE_FAIL, Reason.PREEMPTED)

RECORDS = st.builds(
    lambda end, interrupted, timed_out, not_started: replace(
        RECORD,
        exit_code=end[0],
        signal=end[1],
        interrupted=interrupted,
        timed_out=timed_out,
        not_started=not_started,
    ),
    st.integers(0, 255).map(lambda code: (code, None))
    | st.integers(1, 64).map(lambda number: (None, number)),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "its program is not there"]),
)
NATIVES = st.builds(
    lambda state, reason, code, number, word: replace(
        NATIVE,
        state=state,
        reason=reason if reason in REASONS[state] else None,
        exit_code=code,
        signal=None if code is not None else number,
        word=word,
    ),
    st.sampled_from(sorted(FINAL)),
    st.sampled_from([None, *Reason]),
    st.none() | st.integers(0, 255),
    st.none() | st.integers(1, 64),
    st.sampled_from(["", "WORD"]),
)


@given(RECORDS, NATIVES)
def test_every_verdict_is_one_that_a_job_can_have(record: Ended, native: NativeJob) -> None:
    for judged in (by_record(record), by_scheduler(native), by_both(record, native)):
        assert judged.state in FINAL
        assert judged.reason in REASONS[judged.state]
        assert judged.exit_code is None or judged.signal is None
        if judged.state is State.FAILED:
            assert judged.message
        if judged.state is State.SUCCEEDED:
            assert judged.exit_code == 0


@given(RECORDS, NATIVES)
def test_a_record_that_is_enough_is_the_whole_truth(record: Ended, native: NativeJob) -> None:
    if is_enough(record):
        assert by_both(record, native) == by_record(record)


@pytest.mark.parametrize(
    ("changes", "state", "reason", "code", "number"),
    [
        ({}, State.SUCCEEDED, None, 0, None),
        ({"exit_code": 3}, State.FAILED, Reason.NONZERO_EXIT, 3, None),
        ({"exit_code": 126}, State.FAILED, Reason.NONZERO_EXIT, 126, None),
        ({"exit_code": None, "signal": 9}, State.FAILED, Reason.SIGNAL, None, 9),
        ({"exit_code": 0, "timed_out": True}, State.FAILED, Reason.TIMEOUT, 0, None),
        (
            {"exit_code": None, "signal": 15, "timed_out": True},
            State.FAILED,
            Reason.TIMEOUT,
            None,
            15,
        ),
        ({"exit_code": 127, "not_started": "words"}, State.FAILED, Reason.NOT_STARTED, 127, None),
    ],
)
def test_the_record_alone(
    changes: dict[str, object], state: State, reason: Reason | None, code: int, number: int
) -> None:
    judged = by_record(replace(RECORD, **changes))
    assert (judged.state, judged.reason, judged.exit_code, judged.signal) == (
        state,
        reason,
        code,
        number,
    )


@pytest.mark.parametrize(
    ("changes", "enough"),
    [
        ({}, True),
        ({"exit_code": 3}, True),
        ({"interrupted": True}, False),
        ({"exit_code": None, "signal": 9}, False),
        ({"exit_code": None, "signal": 15, "timed_out": True}, True),
        ({"exit_code": 127, "not_started": "words", "interrupted": True}, True),
    ],
)
def test_a_record_is_enough_when_nobody_interfered(
    changes: dict[str, object], *, enough: bool
) -> None:
    assert is_enough(replace(RECORD, **changes)) is enough


@pytest.mark.parametrize(
    ("reason", "killed"),
    list(
        product(
            SCHEDULERS_OWN,
            [{"exit_code": None, "signal": 9}, {"exit_code": 1, "interrupted": True}],
        )
    ),
)
def test_why_somebody_ended_it_is_the_schedulers_to_say(
    reason: Reason, killed: dict[str, object]
) -> None:
    record = replace(RECORD, **killed)
    judged = by_both(record, replace(NATIVE, state=State.FAILED, reason=reason))
    assert (judged.state, judged.reason) == (State.FAILED, reason)
    assert (judged.exit_code, judged.signal) == (record.exit_code, record.signal)
    assert "WORD" in judged.message
    assert "its reason" in judged.message


def test_a_killed_job_that_was_cancelled_is_cancelled() -> None:
    record = replace(RECORD, exit_code=None, signal=15)
    judged = by_both(record, replace(NATIVE, state=State.CANCELLED))
    assert (judged.state, judged.reason, judged.signal) == (State.CANCELLED, Reason.BY_USER, 15)


def test_a_job_that_ended_well_before_the_cancel_came_has_succeeded() -> None:
    judged = by_both(RECORD, replace(NATIVE, state=State.CANCELLED))
    assert judged.state is State.SUCCEEDED


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({"state": State.SUCCEEDED}, State.SUCCEEDED, None),
        ({"state": State.CANCELLED}, State.CANCELLED, Reason.BY_USER),
        ({"state": State.FAILED, "exit_code": 2}, State.FAILED, Reason.NONZERO_EXIT),
        ({"state": State.FAILED, "signal": 11}, State.FAILED, Reason.SIGNAL),
        ({"state": State.FAILED, "reason": Reason.NODE_FAIL}, State.FAILED, Reason.NODE_FAIL),
        (
            {"state": State.FAILED, "reason": Reason.TIMEOUT, "signal": 15},
            State.FAILED,
            Reason.TIMEOUT,
        ),
    ],
)
def test_the_scheduler_alone(
    changes: dict[str, object], state: State, reason: Reason | None
) -> None:
    judged = by_scheduler(replace(NATIVE, **changes))
    assert (judged.state, judged.reason) == (state, reason)


def test_a_success_whose_exit_code_is_not_0_is_none() -> None:
    judged = by_scheduler(replace(NATIVE, state=State.SUCCEEDED, exit_code=4))
    assert (judged.state, judged.reason, judged.exit_code) == (
        State.FAILED,
        Reason.NONZERO_EXIT,
        4,
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            (
                "28 > 104857600), being killed slurmstepd-n3: error: Exceeded job memory limit slurmstepd-n3: error: "
                "StepId=21.batch exceeded memory limit (128892928 > 104857600), being killed"
            ),
            "StepId=21.batch exceeded memory limit (128892928 > 104857600)",
        ),
        (
            "slurmstepd: error: Detected 1 oom_kill event in StepId=7.batch. Some of the step tasks were killed.",
            "Detected 1 oom_kill event in StepId=7.batch",
        ),
        (
            "=>> PBS: job killed: mem 2097152kb exceeded limit 1048576kb",
            "job killed: mem 2097152kb exceeded limit 1048576kb",
        ),
        ("Cgroup memsw limit exceeded: Killed process", "Cgroup memsw limit exceeded"),
        (
            "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit. Exited with exit code 143.",
            "TERM_MEMLIMIT: job killed after reaching LSF memory usage limit",
        ),
    ],
)
def test_of_the_schedulers_last_words_only_those_about_memory_are_told(
    said: str, told: str
) -> None:
    killed = by_record(replace(RECORD, exit_code=None, signal=9))
    judged = of_memory(killed, said)
    assert judged.reason is Reason.OUT_OF_MEMORY
    assert judged.message.endswith(f" ({told})")
    assert of_memory(killed, "slurmstepd: error: *** JOB 21 CANCELLED ***") == killed


def test_what_a_shell_says_of_sigkill_is_not_believed_before_the_scheduler_was_asked() -> None:
    killed = replace(RECORD, exit_code=137, signal=None)
    assert not is_enough(killed)
    assert may_be_memory(by_record(killed))
    native = replace(NATIVE, state=State.FAILED, reason=Reason.OUT_OF_MEMORY, exit_code=0)
    judged = by_both(killed, native)
    assert (judged.reason, judged.exit_code) == (Reason.OUT_OF_MEMORY, 137)
    own = by_both(killed, replace(native, reason=Reason.NONZERO_EXIT, exit_code=137))
    assert (own.reason, own.exit_code) == (Reason.NONZERO_EXIT, 137)
    assert is_enough(replace(killed, exit_code=136))


def test_a_job_without_a_record_says_whose_word_its_code_is() -> None:
    native = replace(NATIVE, state=State.FAILED, word="FAILED", exit_code=1)
    judged = without_record(by_scheduler(native), native)
    assert (judged.reason, judged.exit_code) == (Reason.NONZERO_EXIT, 1)
    assert judged.message.startswith("exit code 1: that is the scheduler's word (FAILED)")
    timeout = replace(NATIVE, state=State.FAILED, reason=Reason.TIMEOUT, word="TIMEOUT")
    assert without_record(by_scheduler(timeout), timeout) == by_scheduler(timeout)
