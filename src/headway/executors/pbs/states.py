"""PBS's states and exit statuses in ours. Pure.

Letters: qstat(1B); substates and negative exit statuses: job.h of OpenPBS 23.06; above 256 an exit status is a signal's number and 256.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from headway.core.model.state import Reason, State

#: Attribute job_state, but for H, F and X, which need more than a table. M (moved to another server) is not known to us.
STATES: Final[Mapping[str, tuple[State, Reason | None]]] = {
    "Q": (State.QUEUED, None),
    "T": (State.QUEUED, None),
    "W": (State.QUEUED, None),
    "H": (State.QUEUED, Reason.HELD),
    "B": (State.RUNNING, None),
    "R": (State.RUNNING, None),
    "E": (State.RUNNING, Reason.COMPLETING),
    "S": (State.RUNNING, Reason.SUSPENDED),
    "U": (State.RUNNING, Reason.SUSPENDED),
}
ENDED: Final = frozenset({"F", "X"})
_TERMINATED: Final = 91
_FINISHED: Final = 92
_FAILED: Final = 93
#: JOB_EXEC_…: why MoM did not run it to its end.
_EXECUTION: Final[Mapping[int, Reason]] = {
    -4: Reason.NODE_FAIL,
    -5: Reason.NODE_FAIL,
    -6: Reason.NODE_FAIL,
    -20: Reason.NODE_FAIL,
    -24: Reason.SIGNAL,
    -25: Reason.SIGNAL,
    -26: Reason.OUT_OF_MEMORY,
    -27: Reason.OUT_OF_MEMORY,
    -28: Reason.TIMEOUT,
    -29: Reason.TIMEOUT,
}
_SIGNAL_BASE: Final = 256
_BY: Final = re.compile(r"\bterminated by ([^@\s]+)")
_EXCEEDED: Final = (
    (re.compile(r"exceeded resource (?:walltime|cput)\b"), Reason.TIMEOUT),
    (re.compile(r"exceeded resource v?mem\b"), Reason.OUT_OF_MEMORY),
)


class End(NamedTuple):
    """How a job ended."""

    state: State
    reason: Reason | None
    exit_code: int | None = None
    signal: int | None = None


class Facts(NamedTuple):
    """What PBS tells of a job that ended.

    Attributes:
        exit_status: None where there is none: it never ran, or it is an element of which only the substate is kept.
        owner: without the host.
        is_over_time: it used at least the wall time that it had.
        has_run: it was started once.
    """

    exit_status: int | None
    substate: int | None
    comment: str
    owner: str
    is_over_time: bool
    has_run: bool


def ended(facts: Facts) -> End:
    """Judge a job in the state F or X."""
    status = facts.exit_status
    if status is None:
        return _without_status(facts)
    if status < 0:
        return End(State.FAILED, _EXECUTION.get(status, Reason.NOT_STARTED))
    code, signal = (status, None) if status < _SIGNAL_BASE else (None, status - _SIGNAL_BASE)
    if facts.substate == _TERMINATED:
        return _terminated(facts, code, signal)
    reason = next((each for pattern, each in _EXCEEDED if pattern.search(facts.comment)), None)
    if reason is None and signal is not None:
        reason = Reason.TIMEOUT if facts.is_over_time else Reason.SIGNAL
    if reason is None and code:
        reason = Reason.NONZERO_EXIT
    return End(State.FAILED if reason else State.SUCCEEDED, reason, code, signal)


def _without_status(facts: Facts) -> End:
    if facts.substate == _TERMINATED:
        return _terminated(facts, None, None)
    if facts.substate == _FINISHED:
        return End(State.SUCCEEDED, None)
    if facts.substate == _FAILED or facts.has_run:
        return End(State.FAILED, None)
    return End(State.FAILED, Reason.NOT_STARTED)


def _terminated(facts: Facts, code: int | None, signal: int | None) -> End:
    """Judge a job that was deleted, which is also what PBS calls one that it ended for its wall time itself."""
    if facts.is_over_time and not _BY.search(facts.comment):
        return End(State.FAILED, Reason.TIMEOUT, code, signal)
    who = _BY.search(facts.comment)
    by_other = who is not None and facts.owner != "" and who[1] != facts.owner
    return End(State.CANCELLED, Reason.BY_ADMIN if by_other else Reason.BY_USER, code, signal)
