"""The end of a job that its executor says nothing of: it was refused, cancelled before it was sent, lost, or not prepared."""

from datetime import datetime

from headway.core.model.change import Change
from headway.core.model.event import Event, EventType, of_state
from headway.core.model.job import Attempt, Job, JobError
from headway.core.model.names import Cluster
from headway.core.model.principal import SYSTEM
from headway.core.model.state import Reason, State

PROTOCOL = ""  #: passes come by no protocol


def ended(
    job: Job, cluster: Cluster, state: State, reason: Reason, *, message: str, at: datetime
) -> Change:
    """Give the Change that ends a job and its present attempt.

    Raises:
        Conflict: the job has ended already.
    """
    error = JobError(type=reason, message=message) if message else None
    after = job.moved_to(state, at=at, reason=reason, error=error)
    attempt = Attempt(
        job=job.id,
        no=job.attempt,
        cluster=cluster,
        native_id=job.native_id,
        started=job.started,
        ended=after.ended,
        state=state,
        reason=reason,
        message=message,
    )
    return Change(
        jobs=(after,), attempts=(attempt,), events=(of_reason(after, of_state(state), reason, at),)
    )


def of_reason(job: Job, kind: EventType, reason: Reason, at: datetime) -> Event:
    """Give the event of something that happened to a job for a reason, and by nobody's wish."""
    return Event(
        job=job.id,
        time=at,
        type=kind,
        actor=SYSTEM.name,
        protocol=PROTOCOL,
        data={"reason": reason},
    )
