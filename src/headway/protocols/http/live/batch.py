"""What changed since the last frame, the newest state of each thing only."""

from collections.abc import Iterable
from itertools import zip_longest

import msgspec

from headway.core.model.change import Written
from headway.core.model.event import Event
from headway.core.model.group import MemberKind, Membership
from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq, WorkerId
from headway.core.model.spec import Spec
from headway.core.model.worker import Counter, Worker

_NO_SPEC = Spec()


class JobNews:
    """What changed about one job.

    Attributes:
        row: its document, if that changed.
        was: its document before the first of the changes, None for a new one: who watched that is told that it is gone.
        touched: its roll-up changed.
    """

    __slots__ = ("counters", "events", "row", "touched", "was", "workers")

    def __init__(self) -> None:
        self.row: Job | None = None
        self.was: Job | None = None
        self.touched = False
        self.workers: dict[WorkerId, Worker] = {}
        self.counters: tuple[Counter, ...] | None = None
        self.events: list[Event] = []


class Batch:
    """Changes, gathered. ``size`` counts what was gathered; the latest state of a thing replaces an earlier one.

    ``memberships`` are new ones of jobs; ``rehung`` are the owners of groups of which something more has changed.
    """

    def __init__(self) -> None:
        self.jobs: dict[JobId, JobNews] = {}
        self.gone: list[JobId] = []
        self.events: list[Event] = []
        self.memberships: list[Membership] = []
        self.rehung: set[str] = set()
        self.seq = Seq(0)
        self.size = 0

    def add(self, written: Written, rows: Iterable[Job]) -> None:
        """Take a commit; ``rows`` are its jobs as ``watched`` gives them."""
        self.seq = Seq(max(self.seq, written.seq))
        self.gone += written.gone
        for row, was in zip_longest(rows, written.before):
            news = self.of(row.id)
            if news.row is None:
                news.was = was
            news.row = row
            if row.parent is not None:
                self.of(row.parent).touched = True
        if written.workers_gone is not None:
            self.of(written.workers_gone).workers.clear()
        for worker in written.workers:
            news = self.of(worker.job)
            news.workers[worker.id] = worker
            news.touched = True
        if written.counters_of is not None:
            self.of(written.counters_of).counters = written.counters
        self._add_groups(written)
        for event in written.events:
            (self.events if event.job is None else self.of(event.job).events).append(event)
        self.size += len(written.jobs) + len(written.workers) + len(written.events) + 1

    def _add_groups(self, written: Written) -> None:
        for place in written.memberships:
            if place.kind is MemberKind.JOB:
                self.memberships.append(place)
                self.of(JobId(place.member)).touched = True
            else:
                self.rehung.add(place.owner)
        self.rehung.update(removal.owner for removal in written.removals)
        self.rehung.update(dropped.owner for dropped in written.dropped_groups)

    def of(self, job_id: JobId) -> JobNews:
        """Give what changed about a job, to be added to."""
        news = self.jobs.get(job_id)
        if news is None:
            news = self.jobs[job_id] = JobNews()
        return news


def watched(job: Job) -> Job:
    """Give a job without its large parts, which nobody watches and many would keep in memory.

    How many elements an adopted array has, its indices alone tell; see ``all_parts``.
    """
    spec = Spec(array=job.spec.array) if job.is_adopted and job.is_array else _NO_SPEC
    return msgspec.structs.replace(job, spec=spec, inputs={}, outputs={}, result=None, extra={})
