"""The operation read_log: the bytes that a job wrote."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

import msgspec

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.job import Job, Kind
from headway.core.model.names import JobId, Tag, tag_of
from headway.core.model.principal import Principal
from headway.core.operations.adopted import read_adopted_log
from headway.core.operations.find import find_one
from headway.core.ports.executor import Executor, LogPart, Stream

#: Reads at most so many bytes from an offset on; see ``Executor.read_log``.
Read: TypeAlias = Callable[[int, int], Awaitable[LogPart]]


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """One stream of one attempt, found and allowed to be read.

    Attributes:
        is_over: nothing more will be written.
    """

    read_part: Read
    job: Job
    tag: Tag
    stream: Stream
    is_over: bool

    async def read(self, offset: int, limit: int) -> LogPart:
        """Read at most ``limit`` bytes. A log that may still come is empty.

        Raises:
            NotFound: there never was a log, or it is gone.
            ExecutorUnavailable: it cannot be reached now.
        """
        try:
            return await self.read_part(offset, limit)
        except NotFound:
            if self.is_over:
                raise
            return LogPart(data=b"", size=0)

    async def pieces(self, start: int, *, piece_bytes: int) -> AsyncIterator[tuple[int, bytes]]:
        """Read from ``start`` to the present end, piece by piece, each with its offset."""
        while data := (await self.read(start, piece_bytes)).data:
            yield start, data
            start += len(data)


async def open_log(
    core: Core, *, actor: Principal, job_id: JobId, stream: Stream, attempt: int | None
) -> Log:
    """Find one attempt's stream, the present attempt's when None is given.

    Raises:
        NotFound: no such job, it only reports, it is an array, or there never was such an attempt.
    """
    job = await find_one(core, actor=actor, ref=job_id)
    no = job.attempt if attempt is None else attempt
    read_part = _reader(core, job, stream, no)
    if not 1 <= no <= job.attempt:
        raise NotFound(f"job {job.number} has no attempt {no}; the newest is {job.attempt}")
    is_over = job.state.is_final or no < job.attempt
    tag = tag_of(job.id, no)
    return Log(read_part=read_part, job=job, tag=tag, stream=stream, is_over=is_over)


def _reader(core: Core, job: Job, stream: Stream, attempt: int) -> Read:
    executor = None if job.cluster is None else core.executors.get(job.cluster)
    if executor is None or job.only_reports:
        raise NotFound(f"job {job.number} has no log here: nothing of Headway's runs it")
    if job.is_array:
        raise NotFound(
            f"job {job.number} is an array: it has no log of its own, its elements have; "
            f"headway jobs parent:{job.number} lists them"
        )
    if job.is_adopted:
        return lambda offset, limit: read_adopted_log(
            core, job, stream, attempt=attempt, offset=offset, limit=limit
        )
    tag = tag_of(job.id, attempt)
    never_began = attempt == job.attempt and job.state.is_final and job.started is None
    if job.kind is Kind.FUNCTION or never_began:
        return lambda offset, limit: _if_any(executor, tag, stream, offset=offset, limit=limit)
    return lambda offset, limit: executor.read_log(tag, stream, offset=offset, limit=limit)


async def _if_any(
    executor: Executor, tag: Tag, stream: Stream, *, offset: int, limit: int
) -> LogPart:
    """Read what need not be there: most functions print nothing, and a job that ended before it began wrote nothing.

    Neither has a file then. Logs go with their jobs, and the job is there.
    """
    try:
        return await executor.read_log(tag, stream, offset=offset, limit=limit)
    except NotFound:
        return LogPart(data=b"", size=0)


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
    log = await open_log(core, actor=actor, job_id=job_id, stream=stream, attempt=attempt)
    return await log.read_part(offset, limit)
