"""A job's six states, the closed list of reasons, and which steps are allowed."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from headway.core.errors import Conflict


class State(StrEnum):
    """Where a job is in its life. The three last ones are final."""

    ACCEPTED = "accepted"  #: durably recorded; nobody has it yet
    QUEUED = "queued"  #: an executor has it and has not started it
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Tell whether a job in this state has ended."""
        return self in FINAL


FINAL: Final = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})


class Reason(StrEnum):
    """Why a job is where it is, when the state alone does not say."""

    SENDING = "sending"
    EXECUTOR_DOWN = "executor_down"
    EXECUTOR_SLOW = "executor_slow"
    HELD = "held"
    DEPENDENCY = "dependency"
    LIMIT = "limit"
    CANNOT_START = "cannot_start"
    STAGING_IN = "staging_in"
    SUSPENDED = "suspended"
    COMPLETING = "completing"
    STAGING_OUT = "staging_out"
    UNREACHABLE = "unreachable"
    NONZERO_EXIT = "nonzero_exit"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    NODE_FAIL = "node_fail"
    PREEMPTED = "preempted"
    NOT_STARTED = "not_started"
    STAGING_FAILED = "staging_failed"
    EXCEPTION = "exception"
    WORKER_NOT_OK = "worker_not_ok"
    LOST = "lost"
    BY_USER = "by_user"
    BY_ADMIN = "by_admin"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


#: The one table of (state, reason) pairs. Protocols map every pair of it to a word of theirs.
REASONS: Final[Mapping[State, frozenset[Reason | None]]] = {
    State.ACCEPTED: frozenset(
        {
            None,
            Reason.SENDING,
            Reason.EXECUTOR_DOWN,
            Reason.EXECUTOR_SLOW,
            Reason.HELD,
            Reason.DEPENDENCY,
            Reason.LIMIT,
            Reason.STAGING_IN,
            Reason.UNREACHABLE,
        }
    ),
    State.QUEUED: frozenset(
        {
            None,
            Reason.EXECUTOR_SLOW,
            Reason.HELD,
            Reason.DEPENDENCY,
            Reason.LIMIT,
            Reason.CANNOT_START,
            Reason.PREEMPTED,
            Reason.UNREACHABLE,
        }
    ),
    State.RUNNING: frozenset(
        {
            None,
            Reason.STAGING_IN,
            Reason.SUSPENDED,
            Reason.COMPLETING,
            Reason.STAGING_OUT,
            Reason.UNREACHABLE,
        }
    ),
    State.SUCCEEDED: frozenset({None}),
    State.FAILED: frozenset(
        {
            Reason.NONZERO_EXIT,
            Reason.SIGNAL,
            Reason.TIMEOUT,
            Reason.OUT_OF_MEMORY,
            Reason.NODE_FAIL,
            Reason.PREEMPTED,
            Reason.NOT_STARTED,
            Reason.STAGING_FAILED,
            Reason.EXCEPTION,
            Reason.WORKER_NOT_OK,
            Reason.LOST,
            Reason.EXPIRED,
        }
    ),
    State.CANCELLED: frozenset({Reason.BY_USER, Reason.BY_ADMIN, Reason.SUPERSEDED}),
}

_ORDER: Final = {State.ACCEPTED: 0, State.QUEUED: 1, State.RUNNING: 2} | dict.fromkeys(FINAL, 3)


def pairs() -> list[tuple[State, Reason | None]]:
    """List every allowed (state, reason), in the order of the enums."""
    order: dict[Reason | None, int] = {reason: n for n, reason in enumerate(Reason)}
    return [
        (state, reason)
        for state in State
        for reason in sorted(REASONS[state], key=lambda r: -1 if r is None else order[r])
    ]


def check_step(before: State, after: State, reason: Reason | None) -> None:
    """Check one ordinary step: forward (steps may be skipped) or within a state that is not final.

    Raises:
        Conflict: backwards, out of a final state, or a reason that the state does not have. Going back needs a new
            attempt; leaving a final state needs an explicit correction or reopening (see Job).
    """
    if reason not in REASONS[after]:
        raise Conflict(f"a job that is {after} cannot have the reason {reason}")
    if before.is_final or _ORDER[after] < _ORDER[before]:
        raise Conflict(f"the job is {before}; it cannot become {after}")
