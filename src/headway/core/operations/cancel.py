"""The operation cancel: somebody wants a job to end."""

from headway.core.core import Core
from headway.core.model.change import Change
from headway.core.model.event import Event, EventType
from headway.core.model.job import CancelRequest, Job
from headway.core.model.names import JobId
from headway.core.model.principal import Principal
from headway.core.model.schedulers import ENDS
from headway.core.model.state import Reason, State
from headway.core.operations.apply import Decide, apply
from headway.core.policy.access import require
from headway.core.policy.rights import Right, check_own, needed


async def cancel(
    core: Core, *, actor: Principal, protocol: str, job_id: JobId, keep_outputs: bool = True
) -> Job:
    """Store the wish that a job ends; the pass ``dispatch`` sees to it, also after a restart. Durable on return.

    A job that nothing of ours runs has ended on return. A job that has ended already, or ends by itself before the wish
    took effect, keeps its true end.

    Args:
        keep_outputs: False has its sandbox go with it; its logs stay in any case.

    Raises:
        NotFound: no such job, or none that the actor may see.
        Forbidden: the actor may not run jobs (or report, for one that only reports).
        StorageFull: no space; the wish was not kept.
    """
    decide = cancelling(core, actor=actor, protocol=protocol, keep_outputs=keep_outputs)
    return await apply(core, job_id=job_id, decide=decide)


def cancelling(core: Core, *, actor: Principal, protocol: str, keep_outputs: bool = True) -> Decide:
    """Give what cancels a job; see ``cancel``."""

    def decide(job: Job) -> Change | None:
        require(actor, needed(Right.CANCEL, job), job)
        if job.state.is_final or job.cancel is not None:
            return None
        scheduler = core.kinds.get(job.cluster, "") if job.cluster is not None else ""
        check_own(job, own_command=ENDS.get(scheduler, ""))
        now = core.clock.now()
        theirs = bool(job.owner) and job.owner != actor.name
        wish = CancelRequest(
            by=actor.name,
            at=now,
            reason=Reason.BY_ADMIN if theirs else Reason.BY_USER,
            keep_outputs=keep_outputs,
        )
        if job.only_reports:
            changed = job.moved_to(State.CANCELLED, at=now, reason=wish.reason, cancel=wish)
            kind = EventType.CANCELLED
        else:
            changed = job.changed(at=now, cancel=wish)
            kind = EventType.CANCEL_REQUESTED
        event = Event(job=job.id, time=now, type=kind, actor=actor.name, protocol=protocol)
        return Change(jobs=(changed,), events=(event,))

    return decide
