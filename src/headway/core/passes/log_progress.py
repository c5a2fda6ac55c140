"""The pass log_progress: reads in the logs of adopted jobs how far they are, and reports it as their worker ``main``.

Nobody asked these jobs to report, so it is done gently: some logs at a time, each every quarter of a minute at most, more rarely
where nothing was found, and of each only what its end has.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from headway.core.core import Core
from headway.core.errors import HeadwayError, NotFound, StorageFull
from headway.core.model.change import Change, Reports
from headway.core.model.names import JobId, WorkerId
from headway.core.model.state import State
from headway.core.model.worker import Report
from headway.core.passes.adopt import Adopt
from headway.core.ports.foreign import ForeignJobs
from headway.lib.log_progress import TAIL_BYTES, Progress, progress_in

_MAIN: Final = WorkerId("main")
_AT_ONCE: Final = 30
_EVERY: Final = timedelta(seconds=15)
_WATCHED_EVERY: Final = timedelta(seconds=5)
_MOST: Final = timedelta(minutes=2)


class _Log:
    """A log that is read again and again, and how it was."""

    __slots__ = ("due", "every", "found", "is_last", "path", "size")

    def __init__(self, path: str, due: datetime) -> None:
        self.path = path
        self.due = due
        self.every = _EVERY
        self.size = -1
        self.found: Progress | None = None
        self.is_last = False


class LogProgress:
    """One cluster's rounds."""

    def __init__(self, core: Core, *, adopt: Adopt, foreign: ForeignJobs) -> None:
        self._core = core
        self._adopt = adopt
        self._foreign = foreign
        self._logs: dict[JobId, _Log] = {}

    async def round(self) -> int:
        """Read the logs that are due; gives how many jobs had come further.

        Raises:
            ExecutorUnavailable: logs cannot be reached now.
            StorageFull: no space to report; it is read again.
        """
        now = self._core.clock.now()
        self._follow(now)
        news: list[tuple[JobId, Progress]] = []
        for job_id, log in self._due(now):
            progress = await self._look(log, now)
            if log.is_last:
                del self._logs[job_id]
            if progress is not None:
                news.append((job_id, progress))
        await self._report(news, now)
        return len(news)

    def _due(self, now: datetime) -> list[tuple[JobId, _Log]]:
        """Give the logs that are read now: what is due for the longest, the newest jobs first."""
        due = [(job_id, log) for job_id, log in reversed(self._logs.items()) if log.due <= now]
        return sorted(due, key=lambda one: one[1].due)[:_AT_ONCE]

    def _follow(self, now: datetime) -> None:
        """Take up the logs of jobs that run by now; those of jobs that do not any more are read once again."""
        running = {
            job_id: seen.log
            for job_id, seen in self._adopt.followed()
            if seen.state is State.RUNNING and seen.log
        }
        for job_id, path in running.items():
            known = self._logs.get(job_id)
            if known is None or known.path != path:
                self._logs[job_id] = _Log(path, now)
        for job_id, log in self._logs.items():
            if job_id not in running and not log.is_last:
                log.is_last, log.due = True, now

    async def _look(self, log: _Log, now: datetime) -> Progress | None:
        """Read a log's end; gives how far its job is, if that is new."""
        every = min(log.every, _WATCHED_EVERY) if self._foreign.is_watched(now) else log.every
        log.due = now + every
        try:
            tail, size = await self._tail(log)
        except NotFound:  # not written yet, or nothing to be read so
            log.every = min(2 * log.every, _MOST)
            return None
        if size == log.size:
            return None
        log.size = size
        found = progress_in(tail, is_cut=size > len(tail))
        log.every = _EVERY if found is not None else min(2 * log.every, _MOST)
        if found is None or found == log.found:
            return None
        log.found = found
        return found

    async def _tail(self, log: _Log) -> tuple[bytes, int]:
        """Read the end of a log, in one go if it has not grown by much."""
        offset = max(0, log.size - TAIL_BYTES)
        part = await self._foreign.read_log(log.path, offset=offset, limit=4 * TAIL_BYTES)
        if part.size not in {log.size, offset + len(part.data)}:
            offset = max(0, part.size - TAIL_BYTES)
            part = await self._foreign.read_log(log.path, offset=offset, limit=TAIL_BYTES)
        return part.data[-TAIL_BYTES:], part.size

    async def _report(self, news: Sequence[tuple[JobId, Progress]], now: datetime) -> None:
        changes = [
            Change(reports=Reports(job=job_id, reports=(_report(progress, now),)))
            for job_id, progress in news
        ]
        answers: Sequence[object | HeadwayError] = await self._core.store.write_many(changes)
        for (job_id, _), answer in zip(news, answers, strict=True):
            if isinstance(answer, StorageFull):
                if job_id in self._logs:
                    self._logs[job_id].size, self._logs[job_id].found = -1, None
                raise answer


def _report(progress: Progress, at: datetime) -> Report:
    return Report(
        worker=_MAIN, current=progress.current, total=progress.total, desc=progress.words, at=at
    )
