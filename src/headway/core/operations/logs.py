"""The operation read_log: the bytes that a job wrote."""

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.names import JobId, tag_of
from headway.core.model.principal import Principal
from headway.core.operations.find import find_one
from headway.core.ports.executor import LogPart, Stream


async def read_log(
    core: Core,
    *,
    actor: Principal,
    job_id: JobId,
    stream: Stream,
    attempt: int | None,
    offset: int,
    limit: int,
) -> LogPart:
    """Read at most ``limit`` bytes of one attempt's stream from ``offset``, the present attempt's when None is given.

    Raises:
        NotFound: no such job, it only reports, or there never was such an attempt.
        ExecutorUnavailable: the log cannot be reached now.
    """
    job = await find_one(core, actor=actor, ref=job_id)
    executor = None if job.cluster is None else core.executors.get(job.cluster)
    if executor is None or job.only_reports:
        raise NotFound(f"job {job.number} has no log here: nothing of Headway's runs it")
    no = job.attempt if attempt is None else attempt
    if not 1 <= no <= job.attempt:
        raise NotFound(f"job {job.number} has no attempt {no}; the newest is {job.attempt}")
    return await executor.read_log(tag_of(job.id, no), stream, offset=offset, limit=limit)
