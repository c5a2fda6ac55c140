"""The operation retry: an ended job is run again, as itself."""

from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import Conflict
from headway.core.model.change import Change, CounterPatch
from headway.core.model.event import Event, EventType
from headway.core.model.job import Job
from headway.core.model.names import JobId
from headway.core.model.principal import Principal, Scope
from headway.core.model.state import Reason
from headway.core.operations.apply import Decide, apply
from headway.core.policy.access import require
from headway.core.policy.rights import check_own

MOST_ATTEMPTS: Final = 1_000  #: all of them stand in the job's document


async def retry(core: Core, *, actor: Principal, protocol: str, job_id: JobId) -> Job:
    """Give an ended job its next attempt: it is accepted again, and the pass ``dispatch`` hands it over. Durable on return.

    The attempt that is over stays in the job's attempts, with how it ended and with its own log. Its workers and counters
    go: progress begins anew. Two calls at once make one attempt; the second is refused. Of an array those elements are
    tried again that did not succeed, or all when all did; the pass ``arrays`` sees to it.

    Raises:
        NotFound: no such job, or none that the actor may see.
        Forbidden: the actor may not run jobs.
        Conflict: the job has not ended, was tried often enough, or nothing of Headway's ran it.
        InvalidRequest: its cluster is not configured any more.
        StorageFull: no space; nothing was changed.
    """
    return await apply(core, job_id=job_id, decide=retrying(core, actor=actor, protocol=protocol))


def retrying(core: Core, *, actor: Principal, protocol: str) -> Decide:
    """Give what gives a job its next attempt; see ``retry``."""

    def decide(job: Job) -> Change | None:
        require(actor, Scope.RUN, job)
        _check(core, job)
        now = core.clock.now()
        after = job.next_attempt(at=now)
        if job.is_array:
            after = msgspec.structs.replace(after, reason=Reason.SENDING)
        event = Event(
            job=job.id,
            time=now,
            type=EventType.REQUEUED,
            actor=actor.name,
            protocol=protocol,
            data={"attempt": after.attempt, "state": job.state, "reason": job.reason},
        )
        return Change(
            jobs=(after,),
            workers_gone=job.id,
            counters=CounterPatch(job=job.id, values=(), replace=True, at=now),
            events=(event,),
        )

    return decide


def _check(core: Core, job: Job) -> None:
    check_own(job)
    if job.only_reports or job.cluster is None:
        raise Conflict(
            f"job {job.number} only reports: nothing of Headway's ran it, so nothing can run it again"
        )
    if not job.state.is_final:
        raise Conflict(
            f"job {job.number} is {job.state} (attempt {job.attempt}): only a job that has ended is tried again"
        )
    if job.attempt >= MOST_ATTEMPTS:
        raise Conflict(f"job {job.number} was tried {job.attempt} times; clone it to go on")
    core.executor(job.cluster)
