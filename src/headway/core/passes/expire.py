"""The pass expire: forgets what retention no longer keeps, a little at a time."""

from typing import Final

from headway.core.core import Core
from headway.core.model.job import Job
from headway.core.model.names import Cluster, Tag, tag_of

_AT_ONCE: Final = 1000


async def expire(core: Core) -> int:
    """Delete what is too old, in small transactions so that others are not held up; gives how many rows went.

    The logs and sandboxes of a job go before the job itself: after a crash in between, the next round finds it again.

    Raises:
        StorageFull: no space to note a deletion; what went before stays gone.
    """
    retention = core.settings.retention
    gone = 0
    while True:
        now = core.clock.now()
        if retention.jobs is not None:
            await _forget_logs(
                core, await core.store.ended(before=now - retention.jobs, limit=_AT_ONCE)
            )
        went = await core.store.forget(retention, at=now, limit=_AT_ONCE)
        gone += went
        if went < _AT_ONCE:
            return gone


async def _forget_logs(core: Core, jobs: list[Job]) -> None:
    tags: dict[Cluster, list[Tag]] = {}
    for job in jobs:
        if job.cluster is not None and not (job.only_reports or job.is_adopted):
            attempts = (tag_of(job.id, no) for no in range(1, job.attempt + 1))
            tags.setdefault(job.cluster, []).extend(attempts)
            if core.files is not None and job.spec.sandbox is not None:
                for tag in tags[job.cluster][-job.attempt :]:
                    await core.files.delete(tag)
    for cluster, theirs in tags.items():
        executor = core.executors.get(cluster)
        if executor is not None:
            await executor.forget(theirs)
