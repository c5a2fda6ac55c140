"""What live streams tell: one Struct a type of change."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from headway.core.model.event import Event
from headway.core.model.job import Job
from headway.core.model.names import JobId
from headway.core.model.worker import Counter, Tally, Worker
from headway.protocols.rest.wire.documents import (
    CounterDocument,
    EventDocument,
    JobSummary,
    WorkerDocument,
)
from headway.protocols.rest.wire.render import (
    counter_document,
    event_document,
    summary,
    worker_document,
)


class JobChange(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="job"):
    """A job, or its roll-up, is now so."""

    job: JobSummary


class WorkerChange(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="worker"):
    """A worker of a job is now so."""

    job: str
    worker: WorkerDocument


class CountersChange(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="counters"):
    """These are now all counters of a job."""

    job: str
    counters: Sequence[CounterDocument]


class EventChange(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="event"):
    """Something happened."""

    event: EventDocument


class GoneChange(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="gone"):
    """A job has changed and is not (any more) among those that were asked for: a list drops it."""

    id: str


class Reset(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="reset"):
    """More was missed than can be told: forget what was told before, and read anew."""


CHANGES: Final = (JobChange, WorkerChange, CountersChange, EventChange, GoneChange, Reset)


class Changes:
    """Renders changes in this protocol's words. ``now`` tells when a worker counts as stalled."""

    def __init__(self, *, now: Callable[[], datetime], stalled_floor_s: float) -> None:
        self._now = now
        self._stalled_floor_s = stalled_floor_s

    def job(self, job: Job, tally: Tally) -> object:
        """Tell that a job, or its roll-up, is now so."""
        return JobChange(job=summary(job, tally))

    def worker(self, worker: Worker) -> object:
        """Tell that a worker is now so."""
        shown = worker_document(worker, at=self._now(), floor_s=self._stalled_floor_s)
        return WorkerChange(job=worker.job, worker=shown)

    def counters(self, job_id: JobId, counters: Sequence[Counter]) -> object:
        """Tell that these are now all counters of a job."""
        return CountersChange(job=job_id, counters=[counter_document(one) for one in counters])

    def event(self, event: Event) -> object:
        """Tell news."""
        return EventChange(event=event_document(event))

    def gone(self, job_id: JobId) -> object:
        """Tell that a job is not among those that were asked for any more."""
        return GoneChange(id=job_id)

    def reset(self) -> object:
        """Tell that everything must be read anew."""
        return Reset()
