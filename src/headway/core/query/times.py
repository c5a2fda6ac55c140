"""Times as people type them into a query: a date is all of that day, ``2d`` is two days ago."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_SPAN: Final = re.compile(
    r"(?:(\d{1,5})w)?(?:(\d{1,6})d)?(?:(\d{1,7})h)?(?:(\d{1,8})m(?:in)?)?(?:(\d{1,10})s)?", re.ASCII
)
_UNITS: Final = (
    timedelta(weeks=1),
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(minutes=1),
    timedelta(seconds=1),
)
_LONGEST: Final = timedelta(days=36_525)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ](\d\d)(?::(\d\d)(?::(\d\d)(\.\d{1,6})?)?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_MOMENT: Final = timedelta(microseconds=1)
_MONTHS: Final = 12


def read_span(text: str) -> timedelta | None:
    """Read a span (``90s``, ``30m``, ``1h30m``, ``2d``, ``3w``) of at most a century; None when it is none."""
    found = _SPAN.fullmatch(text)
    if found is None or not text:
        return None
    parts = zip(found.groups(), _UNITS, strict=True)
    span = sum((int(part) * unit for part, unit in parts if part is not None), timedelta())
    return span if span <= _LONGEST else None


def span_start(span: timedelta, *, at: datetime) -> datetime:
    """Give the time a span before ``at``, of which seconds count only in short spans.

    So people who look for the same at about the same time look for the very same, and are served together.
    """
    whole = at.replace(microsecond=0)
    if span >= timedelta(hours=1):
        whole = whole.replace(second=0)
    return whole - span


def read_period(text: str, *, at: datetime) -> tuple[datetime, datetime] | None:
    """Read a year, month, day, hour, minute or moment: where it begins and ends. None when it is none of these.

    Without a zone it is in UTC. ``now``, ``today`` and ``yesterday`` are as of ``at``.
    """
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    named = {
        "now": (at, at + _MOMENT),
        "today": (day, day + timedelta(days=1)),
        "yesterday": (day - timedelta(days=1), day),
    }
    if text in named:
        return named[text]
    try:
        return _date(text) or _clock(text)
    except (ValueError, OverflowError):
        return None


def _date(text: str) -> tuple[datetime, datetime] | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (None if part is None else int(part) for part in found.groups())
    start = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
    if day is not None:
        return start, start + timedelta(days=1)
    if month is None or month == _MONTHS:
        return start, start.replace(year=start.year + 1, month=1)
    return start, start.replace(month=month + 1)


def _clock(text: str) -> tuple[datetime, datetime] | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    time = datetime.fromisoformat(text)
    start = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    _, minute, second, fraction = found.groups()
    if minute is None:
        return start, start + timedelta(hours=1)
    if second is None:
        return start, start + timedelta(minutes=1)
    return start, start + (timedelta(seconds=1) if fraction is None else _MOMENT)
