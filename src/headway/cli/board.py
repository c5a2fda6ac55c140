"""The jobs that are watched, kept up to date by frames, and what to show of them; no I/O."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from headway.cli.reading import STALLED_FLOOR_S, core_job, core_worker, tally_of
from headway.cli.tables import called, told_end
from headway.sdk import model
from headway.views.clean import clean
from headway.views.looks import Style
from headway.views.text import Terminal, job_line, job_lines
from headway.views.words import number, percent

_REMEMBERED: Final = timedelta(minutes=1)  # a job that has ended stays in the list so long


class News(NamedTuple):
    """A change, and the line that tells of it; "" when nobody would read it."""

    change: model.Change
    line: str


class Board:
    """What is known of the watched jobs.

    Args:
        chosen: these jobs and no others are watched, with their workers; None watches all that go on.

    Attributes:
        is_stale: too much was missed; ask for everything anew.
    """

    def __init__(self, chosen: Iterable[str] | None = None, *, keeps_ended: bool = False) -> None:
        self._keeps_ended = keeps_ended or chosen is not None
        self._chosen = None if chosen is None else set(chosen)
        self._jobs: dict[str, model.JobSummary] = {}
        self._workers: dict[str, dict[str, model.Worker]] = {}
        self._seq = 0
        self.is_stale = False

    @property
    def has_detail(self) -> bool:
        """Tell whether chosen jobs are shown, each with its workers."""
        return self._chosen is not None

    @property
    def jobs(self) -> list[model.JobSummary]:
        """The jobs as they are known now."""
        return list(self._jobs.values())

    @property
    def all_ended(self) -> bool:
        """Tell whether nothing can change any more."""
        return self._chosen is not None and all(job.state.is_final for job in self.jobs)

    @property
    def all_succeeded(self) -> bool:
        """Tell whether every job has succeeded."""
        return all(job.state == "succeeded" for job in self.jobs)

    @property
    def after(self) -> int | None:
        """The sequence up to which all of them are known; None when nothing is."""
        return self._seq or min((job.seq for job in self.jobs), default=None)

    def take(self, frame: model.Frame) -> Iterator[News]:
        """Take a frame; gives each change that is one and matters here."""
        self._seq = max(self._seq, frame.seq)
        for change in frame.changes:
            if isinstance(change, model.JobChange):
                yield from self._take_job(change)
            elif isinstance(change, model.WorkerChange):
                yield from self._take_worker(change)
            elif isinstance(change, model.Reset):
                self.is_stale = True
            elif isinstance(change, model.GoneChange):
                yield from self._take_gone(change)
            elif self._is_watched(change):
                yield News(change, "")

    def lines(self, terminal: Terminal, *, height: int, at: datetime) -> list[str]:
        """Give what to show on so many lines as of ``at``."""
        jobs = [job for job in self.jobs if self._is_shown(job, at)]
        if not jobs:
            return ["no job is running"]
        if self._chosen is None:
            jobs.sort(key=lambda job: -job.number)
            shown = [self._line(job, terminal, at) for job in jobs[: height - 1]]
            more = len(jobs) - len(shown)
            return [*shown, f"… and {more} more"] if more else shown
        room = max(1, height // len(jobs) - 4)
        return [line for job in jobs for line in self._detail(job, terminal, room, at)][:height]

    def _is_watched(self, change: model.CountersChange | model.EventChange) -> bool:
        job = change.job if isinstance(change, model.CountersChange) else change.event.job
        return job in self._jobs

    def _take_job(self, change: model.JobChange) -> Iterator[News]:
        job, before = change.job, self._jobs.get(change.job.id)
        if self._chosen is not None and job.id not in self._chosen:
            return
        if before is not None and before.seq > job.seq:
            return
        self._jobs[job.id] = job
        title = f"{job.number} {called(job)}:"
        if before is None or told_end(before) != told_end(job):
            yield News(change, f"{title} {told_end(job)}")
        elif before.status_text != job.status_text:
            yield News(change, f"{title} {clean(job.status_text)}")
        elif before != job:
            yield News(change, "")

    def _take_gone(self, change: model.GoneChange) -> Iterator[News]:
        if self._chosen is None and self._jobs.pop(change.id, None) is not None:
            yield News(change, "")

    def _take_worker(self, change: model.WorkerChange) -> Iterator[News]:
        job, worker = self._jobs.get(change.job), change.worker
        if job is None:
            return
        known = self._workers.setdefault(change.job, {})
        before, known[worker.id] = known.get(worker.id), worker
        if before is None or _said(before) != _said(worker):
            words = worker_words(worker) if self._chosen is not None else ""
            yield News(change, words and f"{job.number} {called(job)}: {words}")

    def _is_shown(self, job: model.JobSummary, at: datetime) -> bool:
        return self._keeps_ended or job.ended is None or at - job.ended < _REMEMBERED

    def _line(self, job: model.JobSummary, terminal: Terminal, at: datetime) -> str:
        return job_line(core_job(job), tally_of(job), at=at, terminal=terminal)

    def _detail(
        self, job: model.JobSummary, terminal: Terminal, room: int, at: datetime
    ) -> list[str]:
        known = self._workers.get(job.id, {})
        workers = [core_worker(worker, job.id, at=at) for worker in known.values()]
        return job_lines(
            core_job(job),
            workers,
            tally_of(job),
            at=at,
            terminal=terminal,
            style=Style.STATUS,
            limit=room,
            stalled_floor_s=STALLED_FLOOR_S,
        )


def worker_words(worker: model.Worker) -> str:
    """Say how far a worker is, in one line."""
    done = "" if worker.fraction is None else f" {percent(worker.fraction)}"
    of = number(worker.current) + ("" if worker.total is None else f"/{number(worker.total)}")
    problem = "" if worker.ok else " problem"
    desc = f" {clean(worker.desc)}" if worker.desc else ""
    return f"{clean(worker.id)}{done} {of}{problem}{desc}"


def _said(worker: model.Worker) -> tuple[object, ...]:
    return worker.current, worker.total, worker.ok, worker.desc, worker.stalled
