"""Grid Engine's letters, all those of its manual page, in our words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.model.state import REASONS, Reason, State
from headway.executors.sge.states import read_state

KNOWN = {
    "qw": (State.QUEUED, None),
    "Rq": (State.QUEUED, None),
    "t": (State.QUEUED, None),
    "Rt": (State.QUEUED, None),
    "dt": (State.QUEUED, None),
    "dqw": (State.QUEUED, None),
    "hqw": (State.QUEUED, Reason.HELD),
    "hRwq": (State.QUEUED, Reason.HELD),
    "hRq": (State.QUEUED, Reason.HELD),
    "Eqw": (State.QUEUED, Reason.HELD),
    "Ehqw": (State.QUEUED, Reason.HELD),
    "EhRqw": (State.QUEUED, Reason.HELD),
    "r": (State.RUNNING, None),
    "hr": (State.RUNNING, None),
    "Rr": (State.RUNNING, None),
    "s": (State.RUNNING, Reason.SUSPENDED),
    "ts": (State.RUNNING, Reason.SUSPENDED),
    "S": (State.RUNNING, Reason.SUSPENDED),
    "tS": (State.RUNNING, Reason.SUSPENDED),
    "T": (State.RUNNING, Reason.SUSPENDED),
    "tT": (State.RUNNING, Reason.SUSPENDED),
    "Rs": (State.RUNNING, Reason.SUSPENDED),
    "RtS": (State.RUNNING, Reason.SUSPENDED),
    "P": (State.RUNNING, Reason.SUSPENDED),
    "dr": (State.RUNNING, Reason.COMPLETING),
    "dRr": (State.RUNNING, Reason.COMPLETING),
    "ds": (State.RUNNING, Reason.COMPLETING),
    "dRS": (State.RUNNING, Reason.COMPLETING),
    "rx": (State.RUNNING, Reason.COMPLETING),
}


@pytest.mark.parametrize("word", KNOWN)
def test_a_known_state_is_ours(word: str) -> None:
    read = read_state(word)
    assert (read.state, read.reason) == KNOWN[word]


@pytest.mark.parametrize("word", ["", "z", "qwz", "rq", "d", "E", "h", "RUNNING", "ü", "sqw"])
def test_nothing_is_guessed_of_other_letters(word: str) -> None:
    assert read_state(word) == (None, None, None, "")


def test_a_held_job_that_waits_for_others_says_for_which() -> None:
    read = read_state("hqw", waits_for="job 7")
    assert (read.reason, read.why) == (Reason.DEPENDENCY, "it waits for job 7 to end")


def test_a_job_that_could_not_be_started_is_no_failed_one_for_it_is_still_in_the_queue() -> None:
    assert "qmod -cj" in read_state("Eqw").why


def test_a_restart_is_told_and_how_often_is_not() -> None:
    assert read_state("Rr").restarts == 1
    assert read_state("r").restarts == 0


@given(st.text(alphabet="dEhRqwtrsSTPxz"))
def test_no_letters_make_an_end_or_a_pair_that_is_not_allowed(word: str) -> None:
    read = read_state(word)
    assert read.state is None or (read.reason in REASONS[read.state] and not read.state.is_final)
