"""What can be read of adopted jobs: their logs, why they wait, and all that their scheduler says of them."""

from typing import Final

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.job import Job
from headway.core.ports.executor import Explanation, LogPart, Stream
from headway.core.ports.foreign import LOG, ForeignJobs, key_of_job

_NOTHING: Final = LogPart(data=b"", size=0)


async def read_adopted_log(
    core: Core, job: Job, stream: Stream, *, attempt: int, offset: int, limit: int
) -> LogPart:
    """Read what an adopted job wrote, from where its scheduler says that it writes; all of it counts as standard output.

    Raises:
        NotFound: the scheduler has not said where, or there is nothing that can be read.
        ExecutorUnavailable: it cannot be reached now.
    """
    foreign = _foreign_of(core, job)
    if stream is Stream.STDERR:
        return _NOTHING
    attempts = await core.store.attempts(job.id)
    told = next((one.native_info for one in attempts if one.no == attempt), {})
    path = str(told.get(LOG, ""))
    if not path:
        raise NotFound(f"job {job.number}: its scheduler has not told where it writes")
    part = await foreign.read_log(path, offset=offset, limit=limit)
    return LogPart(data=part.data, size=part.size)


def explain_adopted(core: Core, job: Job) -> Explanation | None:
    """Tell what the newest listing said of an adopted job; None when it is not listed."""
    executor = None if job.cluster is None else core.executors.get(job.cluster)
    foreign = None if executor is None else executor.foreign()
    listing = None if foreign is None else foreign.listing()
    if listing is None or job.native_id is None:
        return None
    seen = listing.jobs.get(job.native_id)
    if seen is None or seen.key != key_of_job(job):
        return None
    return Explanation(
        native_id=seen.id,
        word=seen.word,
        why=seen.why,
        expected_start=seen.expected_start,
        position=seen.position,
        queue=seen.queue,
        host=seen.host,
        at=listing.at,
    )


async def adopted_detail(core: Core, job: Job) -> str:
    """Ask an adopted job's scheduler for all that it has to say of it.

    Raises:
        NotFound: it has nothing (any more).
        ExecutorUnavailable: it cannot be asked now.
    """
    if job.native_id is None or job.state.is_final:
        raise NotFound(f"job {job.number} has ended: its id may be another job's by now")
    return await _foreign_of(core, job).native_detail(job.native_id)


def _foreign_of(core: Core, job: Job) -> ForeignJobs:
    executor = None if job.cluster is None else core.executors.get(job.cluster)
    foreign = None if executor is None else executor.foreign()
    if foreign is None:
        raise NotFound(f"job {job.number} runs on no cluster of this server")
    return foreign
