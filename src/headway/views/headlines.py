"""How a job stands and why, in one sentence for each pair of state and reason. Pure."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from headway.core.model.state import Reason, State
from headway.views.clean import clean
from headway.views.scheduler_hints import Hint
from headway.views.standing import Known
from headway.views.words import count, duration, ending, size

_Pair: TypeAlias = tuple[State, Reason | None]

#: One for each pair of the model's table. {cluster} is the cluster's name.
HEADLINES: Final[Mapping[_Pair, str]] = {
    (State.ACCEPTED, None): "It waits for room on the cluster {cluster}.",
    (State.ACCEPTED, Reason.SENDING): "It is being handed over to the cluster {cluster}.",
    (
        State.ACCEPTED,
        Reason.EXECUTOR_DOWN,
    ): "The cluster {cluster} does not answer; it is sent there as soon as it does.",
    (
        State.ACCEPTED,
        Reason.EXECUTOR_SLOW,
    ): "The cluster {cluster} is too slow to answer; it is sent there again.",
    (State.ACCEPTED, Reason.HELD): "It is held back until somebody releases it.",
    (State.ACCEPTED, Reason.DEPENDENCY): "It waits for another job to end.",
    (State.ACCEPTED, Reason.LIMIT): "It has to wait: as much runs as a limit allows.",
    (State.ACCEPTED, Reason.STAGING_IN): "Its files are being brought in before it starts.",
    (
        State.ACCEPTED,
        Reason.UNREACHABLE,
    ): "The cluster {cluster} cannot be asked at present whether it has the job.",
    (State.QUEUED, None): "It waits in the queue of the cluster {cluster}.",
    (
        State.QUEUED,
        Reason.EXECUTOR_SLOW,
    ): "It waits in the queue; the cluster {cluster} is slow to answer.",
    (State.QUEUED, Reason.HELD): "It is held in the queue until somebody releases it.",
    (State.QUEUED, Reason.DEPENDENCY): "It waits in the queue for another job to end.",
    (State.QUEUED, Reason.LIMIT): "It waits in the queue: as much runs as a limit allows.",
    (
        State.QUEUED,
        Reason.CANNOT_START,
    ): "It waits in the queue, and cannot start as it is: somebody has to do something first.",
    (
        State.QUEUED,
        Reason.PREEMPTED,
    ): "It had to make room for another job, and waits in the queue to run again.",
    (
        State.QUEUED,
        Reason.UNREACHABLE,
    ): "It waited in the queue when the cluster {cluster} was last heard; it cannot be asked at present.",
    (State.RUNNING, None): "It is running.",
    (State.RUNNING, Reason.STAGING_IN): "Its files are being brought in.",
    (State.RUNNING, Reason.SUSPENDED): "It is suspended: it has begun, and stands still.",
    (State.RUNNING, Reason.COMPLETING): "It has done its work; the cluster is finishing it up.",
    (State.RUNNING, Reason.STAGING_OUT): "It has done its work; its results are being fetched.",
    (
        State.RUNNING,
        Reason.UNREACHABLE,
    ): "It ran when the cluster {cluster} was last heard; it cannot be asked at present.",
    (State.SUCCEEDED, None): "It has succeeded.",
    (State.FAILED, Reason.NONZERO_EXIT): "It ended with an exit code other than 0.",
    (State.FAILED, Reason.SIGNAL): "It was killed by a signal.",
    (State.FAILED, Reason.TIMEOUT): "It did not end within its wall time, and was ended.",
    (State.FAILED, Reason.OUT_OF_MEMORY): "It ran out of memory and was killed.",
    (State.FAILED, Reason.NODE_FAIL): "The node that it ran on failed.",
    (State.FAILED, Reason.PREEMPTED): "It was ended to make room for another job.",
    (State.FAILED, Reason.NOT_STARTED): "It could not be started.",
    (State.FAILED, Reason.STAGING_FAILED): "Not all its files could be copied.",
    (State.FAILED, Reason.EXCEPTION): "An exception ended it.",
    (State.FAILED, Reason.WORKER_NOT_OK): "A worker reported a problem.",
    (State.FAILED, Reason.LOST): "It was lost: how it ended is not known.",
    (State.FAILED, Reason.EXPIRED): "Nothing was heard of it for too long.",
    (State.CANCELLED, Reason.BY_USER): "It was cancelled by its user.",
    (State.CANCELLED, Reason.BY_ADMIN): "It was cancelled by an administrator.",
    (State.CANCELLED, Reason.SUPERSEDED): "Another job took its name.",
}


def headline_of(known: Known, hint: Hint | None) -> str:
    """Say in one sentence how the job stands."""
    job = known.job
    if job.cancel is not None and not job.state.is_final:
        who = clean(job.cancel.by) or "Somebody"
        return f"{who} asked for its end; it is {job.state} until the cluster has ended it."
    if job.only_reports and job.state is State.ACCEPTED:
        return "Nobody has reported on it yet."
    if hint is not None:
        return hint.headline
    if known.elements and job.state is State.FAILED:
        bad, all_of_them = known.elements.get(State.FAILED, 0), sum(known.elements.values())
        return f"{bad:,} of its {count(all_of_them, 'element')} failed."
    dynamic = _DYNAMIC.get((job.state, job.reason))
    said = dynamic(known) if dynamic is not None else ""
    return said or HEADLINES[(job.state, job.reason)].format(cluster=clean(job.cluster or ""))


def _by_its_end(known: Known) -> str:
    how = ending(exit_code=known.job.exit_code, signal=known.job.signal)
    if known.job.signal is not None:
        return f"It was {how}."
    return f"It ended with {how}." if how else ""


def _by_timeout(known: Known) -> str:
    asked = known.job.spec.attributes.duration
    return "" if asked is None else f"It did not end within its wall time of {duration(asked)}."


def _by_memory(known: Known) -> str:
    asked = known.job.spec.resources.memory
    return (
        "" if asked is None else f"It used more than its {size(asked)} of memory, and was killed."
    )


def _by_exception(known: Known) -> str:
    error = known.job.error
    return f"{clean(error.type)} ended it." if error is not None and error.type else ""


def _by_whom(known: Known) -> str:
    by = known.job.cancel.by if known.job.cancel is not None else ""
    return f"It was cancelled by {clean(by)}." if by else ""


def _on_node(known: Known) -> str:
    host = known.host
    return f"It is running on {host}." if host and not known.elements else ""


#: Headlines that know more than those of the table; "" where they do not.
_DYNAMIC: Final[Mapping[_Pair, Callable[[Known], str]]] = {
    (State.RUNNING, None): _on_node,
    (State.FAILED, Reason.NONZERO_EXIT): _by_its_end,
    (State.FAILED, Reason.SIGNAL): _by_its_end,
    (State.FAILED, Reason.TIMEOUT): _by_timeout,
    (State.FAILED, Reason.OUT_OF_MEMORY): _by_memory,
    (State.FAILED, Reason.EXCEPTION): _by_exception,
    (State.CANCELLED, Reason.BY_USER): _by_whom,
    (State.CANCELLED, Reason.BY_ADMIN): _by_whom,
}
