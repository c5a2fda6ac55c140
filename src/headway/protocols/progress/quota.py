"""How much of the store callers may fill whom nobody knows."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from headway.core.core import Core
from headway.core.errors import StorageFull, TooLarge, TooMany
from headway.core.model.job import Job
from headway.core.model.names import JobId, WorkerId
from headway.core.model.principal import Principal
from headway.core.operations.find import tally_of
from headway.core.policy.access import OPEN_NETWORK
from headway.protocols.http.context import OpenQuota
from headway.protocols.progress.limits import Buckets

_HOUR_S: Final = 3600.0
_MOST_JOBS: Final = 10_000  # whose workers are kept count of
_COUNTED_FOR: Final = timedelta(minutes=10)  # what was deleted meanwhile is room again


class Quota:
    """Keeps count of what nobody owns. Known callers, on jobs of their own, are not counted."""

    def __init__(self, core: Core, quota: OpenQuota) -> None:
        self._core = core
        self._quota = quota
        self._jobs = Buckets(per_s=quota.jobs_per_hour / _HOUR_S, burst=quota.jobs_per_hour)
        self._workers: OrderedDict[JobId, int] = OrderedDict()
        self._rows = 0
        self._counted: datetime | None = None

    async def check_job(self, actor: Principal, source: str) -> None:
        """Check that a caller may make one more job, and count it.

        Raises:
            TooMany: it has made as many within the hour as it may.
            StorageFull: nobody's jobs fill what there is for them.
        """
        if actor.via != OPEN_NETWORK:
            return
        await self._check_rows()
        wait_s = self._jobs.take(source, at=self._core.clock.now())
        if wait_s:
            raise TooMany(
                f"more than {self._quota.jobs_per_hour} jobs an hour from {source}; use fewer names, or a token",
                retry_s=wait_s,
            )
        self._rows += 1

    async def check_worker(self, actor: Principal, job: Job, worker: WorkerId) -> None:
        """Check that a worker may report: one that the job has may, one more only where there is room.

        Raises:
            TooLarge: the job has as many workers as it may.
            StorageFull: nobody's jobs fill what there is for them.
        """
        if not _counts(actor, job):
            return
        count = self._workers.get(job.id)
        if count is None:
            count = (await tally_of(self._core, job_id=job.id)).workers
            self._keep(job.id, count)
        full = count >= self._quota.workers_per_job
        if not full and not self._may_be_full():
            return
        if await self._core.store.worker(job.id, worker) is not None:
            return
        if full:
            raise TooLarge(
                f"job {job.number} has {count} workers, the most without a token; use fewer workid, or a token",
                field="workid",
            )
        await self._check_rows()

    def added(self, actor: Principal, job: Job) -> None:
        """Count a worker that a job has now."""
        if _counts(actor, job):
            self._rows += 1
            self._keep(job.id, self._workers.get(job.id, 0) + 1)

    async def _check_rows(self) -> None:
        if not self._may_be_full():
            return
        now = self._core.clock.now()
        if self._counted is None or now - self._counted >= _COUNTED_FOR:
            self._counted = now
            self._rows = await self._core.store.nobodys()
        if self._rows >= self._quota.rows:
            raise StorageFull(
                f"jobs that nobody owns and their workers are {self._rows}, the most of them that are kept; "
                "use a token, or have old ones forgotten sooner (--keep-jobs, --keep-detail)"
            )

    def _may_be_full(self) -> bool:
        return self._counted is None or self._rows >= self._quota.rows

    def _keep(self, job_id: JobId, count: int) -> None:
        self._workers[job_id] = count
        self._workers.move_to_end(job_id)
        if len(self._workers) > _MOST_JOBS:
            self._workers.popitem(last=False)


def _counts(actor: Principal, job: Job) -> bool:
    """Tell whether it is nobody's doing: of a caller unknown, or by the key of a job that such a one made."""
    return actor.via == OPEN_NETWORK or not job.owner
