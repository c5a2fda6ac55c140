"""The pass log_progress: reads in jobs' logs how far they are, and reports it as their worker ``main``.

Nobody asked these jobs to report, so it is done gently: some logs at a time, each every quarter of a minute at most, more rarely
where nothing was found, and of each only what its end has. A job of which anybody else says how far it is, itself above all, is
left alone; so is the other output of one that draws its bar on one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from heapq import nsmallest
from operator import itemgetter
from typing import Final, NamedTuple

from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable, HeadwayError, NotFound, StorageFull
from headway.core.model.change import Change, Reports
from headway.core.model.names import JobId, WorkerId
from headway.core.model.worker import Report
from headway.core.passes.running_logs import LogName, Logs
from headway.lib.log_progress import TAIL_BYTES, Progress, progress_in

AT_ONCE: Final = 30
_MAIN: Final = WorkerId("main")
_EVERY: Final = timedelta(seconds=15)
_WATCHED_EVERY: Final = timedelta(seconds=5)
_MOST: Final = timedelta(minutes=2)
_NOT_THERE: Final = -1  #: in place of a log's size


class _Log:
    """A log that is read again and again, and how it was."""

    __slots__ = ("due", "every", "found", "size")

    def __init__(self, due: datetime) -> None:
        self.due = due
        self.every = _EVERY
        self.found: Progress | None = None
        self.size = _NOT_THERE

    def unread(self) -> None:
        """Have what it says be news again."""
        self.size, self.found = _NOT_THERE, None


class _Job:
    """A job whose logs are read.

    Attributes:
        logs: those that are still read; none of a job that is left alone.
        said: when its worker was reported last, as far as that may have been here.
        is_over: it does not run any more; each log is read once again.
    """

    __slots__ = ("is_over", "logs", "names", "said")

    def __init__(self, names: Sequence[LogName], due: datetime) -> None:
        self.names = names
        self.logs = {name: _Log(due) for name in names}
        self.said: datetime | None = None
        self.is_over = False


class _Due(NamedTuple):
    """A log whose turn it is."""

    job_id: JobId
    job: _Job
    name: LogName
    log: _Log


class LogProgress:
    """One cluster's rounds.

    Args:
        at_once: how many logs a round reads at most.
    """

    def __init__(self, core: Core, logs: Logs, *, at_once: int = AT_ONCE) -> None:
        self._core = core
        self._source = logs
        self._at_once = at_once
        self._jobs: dict[JobId, _Job] = {}

    async def round(self) -> int:
        """Read the logs that are due; gives how many jobs had come further.

        Raises:
            ExecutorUnavailable: logs cannot be reached now; what was read before is reported.
            StorageFull: no space to report; it is read again.
        """
        now = self._core.clock.now()
        self._follow(now)
        news: list[tuple[_Due, Progress]] = []
        trouble: ExecutorUnavailable | None = None
        for due in self._due(now):
            try:
                progress = await self._look(due, now)
            except ExecutorUnavailable as error:
                trouble = error
                break
            if progress is not None and await self._is_to_be_said(due):
                news.append((due, progress))
        await self._report(news, now)
        if trouble is not None:
            raise trouble
        return len(news)

    def _due(self, now: datetime) -> list[_Due]:
        """Give the logs that are read now: what is due for the longest, the newest jobs first."""
        due = (
            (log.due, job_id, name)
            for job_id, job in reversed(self._jobs.items())
            for name, log in job.logs.items()
            if log.due <= now
        )
        first = nsmallest(self._at_once, due, key=itemgetter(0))
        jobs = self._jobs
        return [_Due(each, jobs[each], name, jobs[each].logs[name]) for _, each, name in first]

    def _follow(self, now: datetime) -> None:
        """Take up the logs of jobs that run by now; those of jobs that do not any more are read once again."""
        running = self._source.running(now)
        for job_id, names in running.items():
            known = self._jobs.get(job_id)
            if known is None or known.names != names:
                self._jobs[job_id] = _Job(names, now)
        for job_id in self._jobs.keys() - running.keys():
            job = self._jobs[job_id]
            if not job.logs:
                del self._jobs[job_id]
            elif not job.is_over:
                job.is_over = True
                for log in job.logs.values():
                    log.due = now

    async def _look(self, due: _Due, now: datetime) -> Progress | None:
        """Read a log's end; gives how far its job is, if that is new."""
        log, logs = due.log, due.job.logs
        if due.name not in logs:  # in this round its other output has turned out to be the one
            return None
        every = min(log.every, _WATCHED_EVERY) if self._source.is_watched(now) else log.every
        log.due = now + every
        try:
            tail, size = await self._tail(due)
        except NotFound:  # not written yet, or nothing to be read so
            tail, size = b"", _NOT_THERE
        if due.job.is_over:
            del logs[due.name]
        if size == log.size != _NOT_THERE:
            return None
        log.size = size
        found = progress_in(tail, is_cut=size > len(tail))
        log.every = _EVERY if found is not None else min(2 * log.every, _MOST)
        if found is None or found == log.found:
            return None
        log.found = found
        return found

    async def _tail(self, due: _Due) -> tuple[bytes, int]:
        """Read the end of a log, in one go if it has not grown by much."""
        name, known = due.name, due.log.size
        offset = max(0, known - TAIL_BYTES)
        part = await self._source.read(name, offset=offset, limit=4 * TAIL_BYTES)
        if part.size not in {known, offset + len(part.data)}:
            offset = max(0, part.size - TAIL_BYTES)
            part = await self._source.read(name, offset=offset, limit=TAIL_BYTES)
        return part.data[-TAIL_BYTES:], part.size

    async def _is_to_be_said(self, due: _Due) -> bool:
        """Tell whether nobody else says how far a job is, and have only this log of it read from now on.

        Who has reported before the first look may have been the server before this one: it is not, if there is news by the next.
        """
        job = due.job
        workers = await self._core.store.workers(due.job_id, limit=2)
        last = workers[0].updated if [one.id for one in workers] == [_MAIN] else None
        if workers and (last is None or job.said not in {None, last}):
            job.logs = {}
            return False
        job.logs = {name: log for name, log in job.logs.items() if name == due.name}
        if job.said != last:
            job.said = last
            due.log.unread()
            return False
        return True

    async def _report(self, news: Sequence[tuple[_Due, Progress]], now: datetime) -> None:
        if not news:
            return
        changes = [
            Change(reports=Reports(job=due.job_id, reports=(_report(progress, now),)))
            for due, progress in news
        ]
        full: StorageFull | None = None
        answers: Sequence[object | HeadwayError] = await self._core.store.write_many(changes)
        for (due, _), answer in zip(news, answers, strict=True):
            if isinstance(answer, StorageFull):
                due.log.unread()
                full = answer
            else:
                due.job.said = now
        if full is not None:
            raise full


def _report(progress: Progress, at: datetime) -> Report:
    return Report(
        worker=_MAIN, current=progress.current, total=progress.total, desc=progress.words, at=at
    )
