"""Times as the tables have them: whole microseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def micros(time: datetime) -> int:
    """Give an aware time as microseconds."""
    return (time - _EPOCH) // _MICROSECOND


def micros_or_none(time: datetime | None) -> int | None:
    """Give an aware time as microseconds, or None as None."""
    return None if time is None else (time - _EPOCH) // _MICROSECOND


def time_of(value: int) -> datetime:
    """Give microseconds as a time in UTC."""
    return _EPOCH + timedelta(microseconds=value)


def time_or_none(value: int | None) -> datetime | None:
    """Give microseconds as a time in UTC, or None as None."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)
