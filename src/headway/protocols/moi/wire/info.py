"""A job or a group as an info object.

Sources: the README of mustached-octo-ironman, "Info object"; moi 0.2.0, whose objects have `context` and `date_created` too.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from headway.core.model.group import Group
from headway.core.model.job import Job
from headway.core.model.state import Reason, State, pairs
from headway.lib.jsonvalue import JsonValue
from headway.views.words import state_words

QUEUED: Final = "Queued"
RUNNING: Final = "Running"
SUCCESS: Final = "Success"
FAILED: Final = "Failed"

_QUARTER: Final = 15  # minutes
_LENGTH: Final = len("2015-06-01 15:46:49.977480")
_TO_MINUTES: Final = len("2015-06-01 15:46")
_WHOLE: Final = timedelta(minutes=1)

_STATES: Final[Mapping[State, str]] = {
    State.ACCEPTED: QUEUED,
    State.QUEUED: QUEUED,
    State.RUNNING: RUNNING,
    State.SUCCEEDED: SUCCESS,
    State.FAILED: FAILED,
    State.CANCELLED: FAILED,
}
#: The word for every state and reason that a job can have.
WORDS: Final[Mapping[tuple[State, Reason | None], str]] = {
    pair: _STATES[pair[0]] for pair in pairs()
}
#: A traceback's first line: who prints results looks for it.
TRACEBACK: Final = "Traceback (most recent call last):\n"
#: Where a job that came by this door keeps what it was called there (Job.extra).
KEPT: Final = "moi"
#: What the cluster is called that functions go to when nobody says.
DEFAULT: Final = "default"


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What clients know of a job or a group.

    Attributes:
        url: where results are shown; clients put the id behind it.
        parent: the group that it is in; the first one, where there are several; where there is none any more, that which it was
            submitted into.
        context: the cluster, for jobs.
        status: what the job says of itself while it runs, else one of the four words; None for groups.
        date_start, date_end, date_created: the server's local time, with microseconds.
        result: what the function returned; for a failure the traceback's lines.
    """

    id: str
    type: str
    pubsub: str
    url: str | None
    parent: str | None
    context: str | None
    name: str
    status: str | None
    date_start: str | None
    date_end: str | None
    date_created: str
    result: JsonValue


def info_of_job(job: Job, *, parent: str | None) -> Info:
    """Tell of a job."""
    return Info(
        id=job.id,
        type="job",
        pubsub=pubsub_of(job.id),
        url=_kept(job, "url") or job.url,
        parent=parent or (job.spec.function.within or None if job.spec.function else None),
        context=_kept(job, "context") or job.cluster,
        name=job.name,
        status=status_of(job),
        date_start=_date(job.started),
        date_end=_date(job.ended),
        date_created=date_of(job.created),
        result=result_of(job),
    )


def info_of_group(group: Group, *, parent: str | None) -> Info:
    """Tell of a group."""
    return Info(
        id=group.id,
        type="group",
        pubsub=pubsub_of(group.id),
        url=group.url,
        parent=parent,
        context=DEFAULT,
        name=group.name,
        status=None,
        date_start=None,
        date_end=None,
        date_created=date_of(group.created),
        result=None,
    )


def pubsub_of(node: str) -> str:
    """Give the name of a node's channel."""
    return f"{node}:pubsub"


def status_of(job: Job) -> str:
    """Give the status: a job that runs may say anything."""
    if job.state is State.RUNNING and job.status_text:
        return job.status_text
    return WORDS[job.state, job.reason]


def result_of(job: Job) -> JsonValue:
    """Give the result: None before the end; lines for what went wrong, as Python's traceback module gives them."""
    if job.state is State.SUCCEEDED:
        return job.result
    if not job.state.is_final:
        return None
    return list(_lines(job))


def _lines(job: Job) -> list[str]:
    error = job.error
    if error is None:
        return [f"{state_words(job)}\n"]
    lines = (error.traceback or f"{error.type}: {error.message}\n").splitlines(keepends=True)
    return lines if TRACEBACK in lines else [TRACEBACK, *lines]


def _kept(job: Job, name: str) -> str | None:
    """Give what the job was called at this door; where its results are may be an address without a host."""
    kept = job.extra.get(KEPT) if job.extra else None
    value = kept.get(name) if isinstance(kept, dict) else None
    return value if isinstance(value, str) else None


def _date(at: datetime | None) -> str | None:
    return None if at is None else date_of(at)


def date_of(at: datetime) -> str:
    """Write a time as moi did: local, no zone, always with microseconds."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    minute = _minute(utc.year, utc.month, utc.day, utc.hour, utc.minute)
    if minute is not None:
        return f"{minute}:{utc.second:02d}.{utc.microsecond:06d}"
    offset = _offset(utc.year, utc.month, utc.day, utc.hour, utc.minute // _QUARTER)
    return (utc + offset).isoformat(" ", "microseconds")[:_LENGTH]


@lru_cache(maxsize=1024)
def _minute(year: int, month: int, day: int, hour: int, minute: int) -> str | None:
    """Write a minute of UTC as the local one; None where they differ by seconds too, as they did long ago.

    A large group's times are of few minutes: to write each anew took a quarter of what telling of a job takes.
    """
    offset = _offset(year, month, day, hour, minute // _QUARTER)
    if offset % _WHOLE:
        return None
    at = datetime(year, month, day, hour, minute, tzinfo=UTC) + offset
    return at.isoformat(" ", "minutes")[:_TO_MINUTES]


@lru_cache(maxsize=1024)
def _offset(year: int, month: int, day: int, hour: int, quarter: int) -> timedelta:
    """Give the local time's distance from UTC; zones change it at quarters of an hour only. Asking costs more than all else."""
    at = datetime(year, month, day, hour, quarter * _QUARTER, tzinfo=UTC)
    return at.astimezone().utcoffset() or timedelta()
