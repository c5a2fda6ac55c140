"""The pass settle: ends jobs that only report, when their workers' reports say that they have ended.

Such a job has succeeded when every known worker (and as many as were announced) is at its total and ok, and has been quiet
for the settle time; it has failed when all have finished or stalled and one is not ok; it has expired when nobody reported
for its max age. A job that will say itself when it has ended is left to it, until it expires.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from headway.core.core import Core
from headway.core.errors import HeadwayError, NotFound
from headway.core.model.change import Change, Written
from headway.core.model.event import Event, of_state
from headway.core.model.job import Job, JobError
from headway.core.model.names import JobId, WorkerId
from headway.core.model.principal import SYSTEM
from headway.core.model.state import Reason, State
from headway.core.model.worker import NO_TALLY, Tally

logger = logging.getLogger(__name__)

_PAGE: Final = 500


class Settle:
    """Rounds over the jobs that only report: those heard of since the last round, and those that are due.

    It hears of every commit from when it is made until ``close``; what was live before is read in the first round.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._heard: set[JobId] = set()  # committed or reported on since the last round
        self._silent: set[JobId] = set()  # of those, made since then and not reported on
        self._due: dict[JobId, datetime] = {}
        self._has_begun = False
        self._unlisten = core.store.listen(self._hear)

    def close(self) -> None:
        """Hear no more."""
        self._unlisten()

    def _hear(self, commits: Sequence[Written]) -> None:
        for written in commits:
            for job in written.jobs:
                if job.only_reports and not _can_only_wait(job):
                    if job.rev == 1:
                        self._silent.add(job.id)
                    self._heard.add(job.id)
            for worker in written.workers:
                self._silent.discard(worker.job)
                self._heard.add(worker.job)

    async def round(self) -> int:
        """Look at what changed and what is due; gives how many jobs ended.

        Raises:
            StorageFull: no space to end jobs; they are looked at again in the next round.
        """
        now = self._core.clock.now()
        heard, self._heard = self._heard, set()
        silent, self._silent = self._silent, set()
        wanted = heard | {job_id for job_id, at in self._due.items() if at <= now}
        try:
            jobs = {job_id: job for job_id in wanted if (job := await self._reporting(job_id))}
            if not self._has_begun:
                jobs |= {job.id: job for job in await self._core.store.reporting()}
                silent = set()
            ended = await self._end_some(jobs, now, silent=silent)
        except BaseException:
            self._due |= dict.fromkeys(wanted, now)  # no job is forgotten for another's trouble
            raise
        self._has_begun = True
        return ended

    async def _reporting(self, job_id: JobId) -> Job | None:
        """Give a job, if it is there, lives and only reports."""
        try:
            job = await self._core.store.job(job_id)
        except NotFound:
            job = None  # it ended, and retention has let it go
        if job is None or job.state.is_final or not job.only_reports:
            self._due.pop(job_id, None)
            return None
        return job

    async def _end_some(
        self, jobs: Mapping[JobId, Job], now: datetime, *, silent: Collection[JobId]
    ) -> int:
        core = self._core
        tallies = await core.store.tallies([job_id for job_id in jobs if job_id not in silent])
        changes = []
        for job_id, job in jobs.items():
            change = await self._look(job, tallies.get(job_id, NO_TALLY), now)
            if change is not None:
                changes.append(change)
        for change, answer in zip(changes, await core.store.write_many(changes), strict=True):
            if isinstance(answer, HeadwayError):  # reported on meanwhile: seen again next round
                logger.info("job %s does not end yet: %s", change.jobs[0].id, answer)
                self._due[change.jobs[0].id] = now
        return len(changes)

    async def _look(self, job: Job, tally: Tally, now: datetime) -> Change | None:
        """Give the job's end if it is due, and remember when to look again if not."""
        self._due.pop(job.id, None)
        settings = self._core.settings
        last = max(job.created, tally.last or job.created)
        expiry = _expiry(last, job.max_age_s)
        if expiry is not None and expiry <= now:
            words = f"nobody reported for {job.max_age_s:g} s"
            return self._ended(job, State.FAILED, Reason.EXPIRED, words, now)
        if not job.will_finish and tally.workers >= max(1, job.worker_count or 1):
            quiet_at = last + settings.settle
            if tally.finished == tally.workers:
                if quiet_at <= now:
                    return self._all_done(job, tally, now)
                expiry = min(expiry or quiet_at, quiet_at)
            elif tally.not_ok:
                if await self._all_finished_or_stalled(job, now):
                    return self._all_done(job, tally, now)
                again = now + timedelta(seconds=settings.stalled_floor_s / 4)
                expiry = min(expiry or again, again)
        if expiry is not None:
            self._due[job.id] = expiry
        return None

    async def _all_finished_or_stalled(self, job: Job, now: datetime) -> bool:
        floor_s = self._core.settings.stalled_floor_s
        after: WorkerId | None = None
        while page := await self._core.store.workers(job.id, limit=_PAGE, after=after):
            if not all(one.finished or one.stalled(at=now, floor_s=floor_s) for one in page):
                return False
            after = page[-1].id
        return True

    def _all_done(self, job: Job, tally: Tally, now: datetime) -> Change:
        if tally.not_ok:
            words = f"{tally.not_ok} of {tally.workers} workers reported a problem"
            return self._ended(job, State.FAILED, Reason.WORKER_NOT_OK, words, now)
        return self._ended(job, State.SUCCEEDED, None, "", now)

    def _ended(
        self, job: Job, state: State, reason: Reason | None, words: str, now: datetime
    ) -> Change:
        event = Event(
            job=job.id,
            time=now,
            type=of_state(state),
            actor=SYSTEM.name,
            protocol="",
            data={"reason": reason, "message": words},
        )
        error = JobError(type=str(reason), message=words) if words else None
        ended = job.moved_to(state, at=now, reason=reason, error=error)
        return Change(jobs=(ended,), events=(event,))


def _can_only_wait(job: Job) -> bool:
    """Tell whether a job is new and nothing but a report can bring its end nearer."""
    return job.rev == 1 and job.max_age_s is None


def _expiry(last: datetime, max_age_s: float | None) -> datetime | None:
    """Tell when a job has been silent for too long; None for never, as when the calendar ends before."""
    if max_age_s is None:
        return None
    try:
        return last + timedelta(seconds=max_age_s)
    except OverflowError:
        return None
