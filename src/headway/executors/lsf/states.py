"""LSF's states and reasons of termination in ours. Pure.

Words: "Job states" and "Termination reasons displayed by bacct, bhist, and bjobs", IBM Spectrum LSF 10.1.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from headway.core.model.state import Reason, State

#: Columns STAT and Status. EXIT is split by what ended the job.
STATES: Final[Mapping[str, tuple[State, Reason | None]]] = {
    "PEND": (State.QUEUED, None),
    "PROV": (State.QUEUED, None),
    "WAIT": (State.QUEUED, None),
    "PSUSP": (State.QUEUED, Reason.HELD),
    "RUN": (State.RUNNING, None),
    "USUSP": (State.RUNNING, Reason.SUSPENDED),
    "SSUSP": (State.RUNNING, Reason.SUSPENDED),
    "UNKWN": (State.RUNNING, Reason.UNREACHABLE),
    "ZOMBI": (State.RUNNING, Reason.UNREACHABLE),
    "DONE": (State.SUCCEEDED, None),
    "EXIT": (State.FAILED, None),
}
#: Why LSF itself ended a job. What is missing here is judged by the exit code.
TERMINATIONS: Final[Mapping[str, tuple[State, Reason]]] = {
    "TERM_OWNER": (State.CANCELLED, Reason.BY_USER),
    "TERM_FORCE_OWNER": (State.CANCELLED, Reason.BY_USER),
    "TERM_BUCKET_KILL": (State.CANCELLED, Reason.BY_USER),
    "TERM_ADMIN": (State.CANCELLED, Reason.BY_ADMIN),
    "TERM_FORCE_ADMIN": (State.CANCELLED, Reason.BY_ADMIN),
    "TERM_RUNLIMIT": (State.FAILED, Reason.TIMEOUT),
    "TERM_CPULIMIT": (State.FAILED, Reason.TIMEOUT),
    "TERM_DEADLINE": (State.FAILED, Reason.TIMEOUT),
    "TERM_MEMLIMIT": (State.FAILED, Reason.OUT_OF_MEMORY),
    "TERM_SWAP": (State.FAILED, Reason.OUT_OF_MEMORY),
    "TERM_PREEMPT": (State.FAILED, Reason.PREEMPTED),
    "TERM_LOAD": (State.FAILED, Reason.PREEMPTED),
    "TERM_WINDOW": (State.FAILED, Reason.PREEMPTED),
    "TERM_RC_RECLAIM": (State.FAILED, Reason.PREEMPTED),
    "TERM_ZOMBI": (State.FAILED, Reason.NODE_FAIL),
    "TERM_CWD_NOTEXIST": (State.FAILED, Reason.NOT_STARTED),
    "TERM_PRE_EXEC_FAIL": (State.FAILED, Reason.NOT_STARTED),
    "TERM_ORPHAN_SYSTEM": (State.FAILED, Reason.NOT_STARTED),
    "TERM_CSM_ALLOC": (State.FAILED, Reason.NOT_STARTED),
    "TERM_DATA": (State.FAILED, Reason.STAGING_FAILED),
}
_TERM: Final = re.compile(r"\bTERM_[A-Z_]+\b")
_SIGNALS: Final = range(1, 65)


class End(NamedTuple):
    """How a job ended."""

    state: State
    reason: Reason | None
    exit_code: int | None
    signal: int | None


def state_of(word: str) -> tuple[State | None, Reason | None]:
    """Give our word; nothing for one that is not known."""
    return STATES.get(word, (None, None))


def ended(exit_code: int | None, why: str, signal: int | None = None) -> End:
    """Judge an EXIT. A code above 128 is a signal's number and 128 (IBM, "How LSF translates events into exit codes").

    Args:
        exit_code: None where it is not told.
        why: the text that may name a TERM_ reason.
        signal: where it is told apart from the code.
    """
    if signal is None and exit_code is not None and exit_code - 128 in _SIGNALS:
        signal = exit_code - 128
        exit_code = None
    named = _TERM.search(why)
    if named and named[0] in TERMINATIONS:
        state, reason = TERMINATIONS[named[0]]
        return End(state, reason, exit_code, signal)
    if signal is not None:
        return End(State.FAILED, Reason.SIGNAL, None, signal)
    if exit_code is not None:
        return End(State.FAILED, Reason.NONZERO_EXIT, exit_code, None)
    return End(State.FAILED, None, None, None)
