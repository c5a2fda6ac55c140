"""What the owner of a job may do next, with the command that does it. Pure."""

import math
import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from headway.core.model.job import Job
from headway.core.model.spec import Resources
from headway.core.model.state import Reason, State
from headway.views.scheduler_hints import Hint, filled, native_advice, release_of
from headway.views.signals import SIGKILL, shells_signal
from headway.views.standing import Known

_Pair: TypeAlias = tuple[State, Reason | None]
_MUCH: Final = 0.5  #: of what was asked
_MUCH_BYTES: Final = 256 << 20  #: where nothing was
_MIB: Final = 1 << 20
_GIB: Final = 1 << 30
_MINUTE_S: Final = 60
_HERE: Final = re.compile(r"headway (retry|clone|kill)")  #: for jobs that Headway itself runs
_BY_ITSELF: Final = frozenset({Reason.NONZERO_EXIT, Reason.SIGNAL})

_AGAIN: Final = "Run it again: headway retry {n}"
_MEND: Final = (
    "Mend what is said above and run it again (headway retry {n}), or submit it with something changed:"
    " headway clone {n} --set KEY=VALUE"
)
_READ: Final = (
    "See what it wrote (headway logs {n}), mend that, and run it again: headway retry {n}"
)
_ELEMENTS: Final = "See which (headway jobs parent:{n} state:failed), mend that, and run those again: headway retry {n}"
_DOCTOR: Final = "Nothing of it is lost; headway doctor says how the cluster is."

#: What a job can ask for, in the order in which it is likelier to be more than there is.
_SIZES: Final[Mapping[str, str]] = {
    "node_count": "N",
    "gpu_cores_per_process": "N",
    "process_count": "N",
    "processes_per_node": "N",
    "cpu_cores_per_process": "N",
    "memory": "SIZE",
}

#: What to do next, where it is the same whatever else is known.
_ADVICE: Final[Mapping[_Pair, str]] = {
    (State.ACCEPTED, None): "It starts when others there have ended; headway clusters says how full it is.",
    (State.ACCEPTED, Reason.EXECUTOR_DOWN): _DOCTOR,
    (State.ACCEPTED, Reason.EXECUTOR_SLOW): _DOCTOR,
    (State.ACCEPTED, Reason.UNREACHABLE): _DOCTOR,
    (State.QUEUED, Reason.EXECUTOR_SLOW): _DOCTOR,
    (State.QUEUED, Reason.UNREACHABLE): _DOCTOR,
    (State.RUNNING, Reason.UNREACHABLE): _DOCTOR,
    (State.FAILED, Reason.NONZERO_EXIT): _READ,
    (State.FAILED, Reason.SIGNAL): _READ,
    (State.FAILED, Reason.NODE_FAIL): f"It was not its own fault. {_AGAIN}",
    (State.FAILED, Reason.PREEMPTED): _AGAIN,
    (State.FAILED, Reason.NOT_STARTED): _MEND,
    (State.FAILED, Reason.STAGING_FAILED): _MEND,
    (State.FAILED, Reason.EXCEPTION): (
        "headway job {n} shows where; mend it, and submit it again: headway retry {n} runs it as it was submitted."
    ),
    (State.FAILED, Reason.LOST): (
        "It may have done its work all the same: look at its results before you run it again (headway retry {n})."
    ),
    (State.CANCELLED, Reason.BY_USER): _AGAIN,
    (State.CANCELLED, Reason.BY_ADMIN): f"Ask why before you do. {_AGAIN}",
}  # fmt: skip
#: The same, for a job that runs elsewhere and only reports.
_ADVICE_TO_REPORTERS: Final[Mapping[_Pair, str]] = {
    (State.FAILED, Reason.WORKER_NOT_OK): "headway job {n} shows which worker, and what it said.",
    (State.FAILED, Reason.EXPIRED): "If it still runs, its next report opens it again.",
}


def advice_of(known: Known, hint: Hint | None) -> str | None:
    """Say what to do next; None when there is nothing."""
    job = known.job
    if job.cancel is not None and not job.state.is_final:
        return None
    advice = _own_advice(known) if hint is None else hint.advice
    is_not_ours = job.only_reports or job.is_adopted
    if advice is not None and is_not_ours and _HERE.search(advice):
        advice = None if hint is None else native_advice(hint, known.kind)
    if advice is None:
        return None
    advice = advice.replace("{less}", _less(job.spec.resources))
    return filled(advice, kind=known.kind, number=job.number, native_id=job.native_id)


def _own_advice(known: Known) -> str | None:
    job = known.job
    if job.only_reports:
        return _ADVICE_TO_REPORTERS.get((job.state, job.reason))
    if job.is_adopted and job.state.is_final:
        return _adopted_advice(job)
    if known.elements and job.state is State.FAILED:
        return _ELEMENTS
    return _advice_by_reason(known)


def _advice_by_reason(known: Known) -> str | None:
    job = known.job
    if job.reason in {Reason.HELD, Reason.SUSPENDED}:
        return release_of(known.kind, suspended=job.reason is Reason.SUSPENDED)
    if job.state is State.FAILED and may_be_memory(job):
        return (
            f"Ask for more memory: headway clone {{n}} --set resources.memory={_more_memory(job)}"
        )
    if job.reason is Reason.TIMEOUT:
        return f"Give it more time: headway clone {{n}} --set attributes.duration={_more_time(job)}"
    return _ADVICE.get((job.state, job.reason))


def _adopted_advice(job: Job) -> str | None:
    """Advise on a job that can be run again only where it was submitted."""
    if job.state is State.FAILED and may_be_memory(job):
        return "Submit it again with more memory."
    if job.reason is Reason.TIMEOUT:
        return "Submit it again with more wall time."
    return "See what it wrote: headway logs {n}" if job.reason in _BY_ITSELF else None


def _less(resources: Resources) -> str:
    """Name what is asked for and may be too much: what else there is beside, too."""
    asked = [f"{name}={value}" for name, value in _SIZES.items() if getattr(resources, name)]
    first, *more = asked or [f"memory={_SIZES['memory']}"]
    others = " (or another of resources.*)" if more or not asked else ""
    return f"resources.{first}{others}"


def _more_memory(job: Job) -> str:
    """Give twice of what was asked, or of what was used if nothing was: ``8G``."""
    used = job.usage.max_memory_bytes if job.usage is not None else None
    known = job.spec.resources.memory or used
    if known is None:
        return "SIZE"
    wanted = 2 * known
    if wanted >= _GIB:
        return f"{math.ceil(wanted / _GIB)}G"
    return f"{math.ceil(wanted / _MIB)}M"


def _more_time(job: Job) -> str:
    """Give twice of what was asked, in whole minutes."""
    asked = job.spec.attributes.duration
    return "TIME" if asked is None else f"{math.ceil(2 * asked / _MINUTE_S)}m"


def may_be_memory(job: Job) -> bool:
    """Tell whether the job ended for want of memory: somebody says so, or it was killed as such jobs are and had used much."""
    if job.reason is Reason.OUT_OF_MEMORY:
        return True
    asked = job.spec.resources.memory
    used = job.usage.max_memory_bytes if job.usage is not None else None
    much = _MUCH_BYTES if asked is None else asked * _MUCH
    return was_killed(job) and (used is None or used >= much)


def was_killed(job: Job) -> bool:
    """Tell whether SIGKILL ended it, or what it ran."""
    return job.reason in _BY_ITSELF and SIGKILL in {job.signal, shells_signal(job.exit_code)}
