"""A job as a status object: this protocol's words for every state and reason.

A client judges by ``done``, ``exitCode`` and ``exception``, never by the word alone: DONE says that the job ran to its end, and
only the exit code how. Sources: joblauncher's README; osmium, which wrote ``schedulerSpecficInformation`` to its last day.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from headway.core.model.job import Job
from headway.core.model.state import Reason, State, pairs
from headway.lib.jsonvalue import JsonObject
from headway.views.words import REASON_WORDS

INITIAL: Final = "INITIAL"
CANCELLED: Final = "Process cancelled by user."
TIMED_OUT: Final = "Process timed out."
_SIGNAL_BASE: Final = 128  # as Java and shells show a death by signal

_STATES: Final[Mapping[State, str]] = {
    State.ACCEPTED: INITIAL,
    State.QUEUED: "PENDING",
    State.RUNNING: "RUNNING",
    State.SUCCEEDED: "DONE",
    State.FAILED: "ERROR",
    State.CANCELLED: "KILLED",
}
#: The word for every state and reason that a job can have.
WORDS: Final[Mapping[tuple[State, Reason | None], str]] = {
    pair: _STATES[pair[0]] for pair in pairs()
} | {
    (State.ACCEPTED, Reason.EXECUTOR_SLOW): "PENDING",  # the executor has it, most likely
    (State.FAILED, Reason.NONZERO_EXIT): "DONE",
    (State.FAILED, Reason.SIGNAL): "DONE",
    (State.FAILED, Reason.TIMEOUT): "KILLED",
}


class Status(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={
        "exit_code": "exitCode",
        "scheduler_information": "schedulerSpecficInformation",
        "scheduler_information_well_spelled": "schedulerSpecificInformation",
    },
):
    """A status object. What the scheduler says of the job is in it twice, once in the spelling that clients know."""

    state: str
    exit_code: int | None
    exception: str | None
    running: bool
    done: bool
    scheduler_information: Mapping[str, str] | None
    scheduler_information_well_spelled: Mapping[str, str] | None


def status_of(job: Job, native_info: JsonObject = MappingProxyType({})) -> Status:
    """Tell a job's status; ``native_info`` is what its newest attempt's scheduler says beside it."""
    told = {name: _text(value) for name, value in native_info.items()} or None
    exit_code = _exit_code(job)
    return Status(
        state=WORDS[job.state, job.reason],
        exit_code=exit_code,
        exception=_exception(job, exit_code),
        running=job.state is State.RUNNING,
        done=job.state.is_final,
        scheduler_information=told,
        scheduler_information_well_spelled=told,
    )


def _exit_code(job: Job) -> int | None:
    if job.state is State.SUCCEEDED:
        return 0
    if job.reason is Reason.NONZERO_EXIT:
        return job.exit_code
    if job.reason is Reason.SIGNAL:
        return None if job.signal is None else _SIGNAL_BASE + job.signal
    return None


def _exception(job: Job, exit_code: int | None) -> str | None:
    """Say what went wrong where no exit code says it: no client must take a failure for a success."""
    if job.state is State.CANCELLED:
        return CANCELLED
    if job.state is not State.FAILED or exit_code is not None:
        return None
    if job.reason is Reason.TIMEOUT:
        return TIMED_OUT
    if job.error is not None and job.error.message:
        return job.error.message
    return "The job failed." if job.reason is None else f"Failed: {REASON_WORDS[job.reason]}."


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
