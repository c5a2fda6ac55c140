"""When files are fetched from a job's sandbox, and when the sandbox goes: pure."""

from datetime import datetime, timedelta
from typing import Final

from headway.core.model.job import Job
from headway.core.model.spec import Deletion, Sandbox
from headway.core.model.state import Reason, State

_OWN_ENDS: Final[frozenset[tuple[State, Reason | None]]] = frozenset(
    {
        (State.SUCCEEDED, None),
        (State.FAILED, Reason.NONZERO_EXIT),
        (State.FAILED, Reason.SIGNAL),
        (State.FAILED, Reason.OUT_OF_MEMORY),
    }
)
#: Something may still be wanted from a sandbox whose job ended so, whatever was asked for.
_KEEPING: Final = frozenset({Reason.STAGING_FAILED, Reason.LOST})


def is_fetched_from(state: State, reason: Reason | None) -> bool:
    """Tell whether a process that ended so has results to be fetched: it was not ended by anybody."""
    return (state, reason) in _OWN_ENDS


def delete_at(job: Job, *, attempt: int) -> datetime | None:
    """Tell when the sandbox of one of a job's attempts goes; None while nobody can say, or not before the job itself does."""
    sandbox = job.spec.sandbox
    if sandbox is None:
        return None
    if attempt < job.attempt:
        return job.created if sandbox.delete is Deletion.ALWAYS else None
    ended = job.ended or job.updated
    if _gives_up_outputs(job):
        return ended
    if not job.state.is_final or job.reason in _KEEPING or not _is_wanted_gone(job, sandbox):
        return None
    try:
        return ended + timedelta(seconds=sandbox.keep_s)
    except OverflowError:
        return None


def _is_wanted_gone(job: Job, sandbox: Sandbox) -> bool:
    if sandbox.delete is Deletion.ON_SUCCESS:
        return job.state is State.SUCCEEDED
    return sandbox.delete is Deletion.ALWAYS


def _gives_up_outputs(job: Job) -> bool:
    return job.state is State.CANCELLED and job.cancel is not None and not job.cancel.keep_outputs
