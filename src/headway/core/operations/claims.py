"""The operation by which an attempt's worker asks whether it may go on, and tells its end, where that is to be answered."""

from headway.core.core import Core
from headway.core.errors import Conflict, Forbidden, NotFound
from headway.core.model.names import JobId, tag_of
from headway.core.model.principal import Principal, Scope
from headway.core.policy.access import require


async def claim_attempt(
    core: Core, *, actor: Principal, job_id: JobId, attempt: int, record: bytes
) -> None:
    """Have the executor note what an attempt's worker says: it is the one that runs it, or it has ended.

    What the executor noted is durable on return.

    Raises:
        NotFound: no such job, none that the actor may report on, or it runs nowhere.
        Forbidden: the actor is not the job itself.
        Conflict: the attempt is over, is to be cancelled, or is another worker's: it is not to be run, or not further.
    """
    job = await core.store.job(job_id)
    require(actor, Scope.REPORT, job)
    if actor.job is None:
        raise Forbidden("a job itself says that it has begun or ended, with its own token only")
    if job.state.is_final or job.attempt != attempt:
        raise Conflict(f"attempt {attempt} of job {job.number} is over")
    if job.cluster is None or job.only_reports or job.cluster not in core.executors:
        raise NotFound(f"job {job.number} runs on no cluster of this server")
    await core.executors[job.cluster].heard(tag_of(job.id, attempt), record)
