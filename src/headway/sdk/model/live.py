"""Changes as they happen."""

import msgspec

from headway.sdk.model.jobs import Counter, JobSummary
from headway.sdk.model.reports import Event, Worker


class JobChange(msgspec.Struct, frozen=True, tag_field="type", tag="job"):
    """A job is new or its document changed."""

    job: JobSummary


class WorkerChange(msgspec.Struct, frozen=True, tag_field="type", tag="worker"):
    """A worker of the job with this id has told how far it is."""

    job: str
    worker: Worker


class CountersChange(msgspec.Struct, frozen=True, tag_field="type", tag="counters"):
    """The counters of the job with this id have changed; these are all of them."""

    job: str
    counters: tuple[Counter, ...]


class EventChange(msgspec.Struct, frozen=True, tag_field="type", tag="event"):
    """Something happened."""

    event: Event


class GoneChange(msgspec.Struct, frozen=True, tag_field="type", tag="gone"):
    """A job is not among those that were asked for any more."""

    id: str


class Reset(msgspec.Struct, frozen=True, tag_field="type", tag="reset"):
    """Too much was missed: what was known is to be thrown away and asked for anew."""


Change = JobChange | WorkerChange | CountersChange | EventChange | GoneChange | Reset


class Frame(msgspec.Struct, frozen=True):
    """Changes that came together; ``seq`` is where to go on from after a break."""

    seq: int
    changes: tuple[Change, ...]
