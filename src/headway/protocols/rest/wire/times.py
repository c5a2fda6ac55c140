"""Times as they are said, in UTC."""

from datetime import UTC, datetime
from typing import Final

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


def utc(time: datetime) -> datetime:
    """Give a time in UTC; one that its zone puts beyond the calendar's end is that end."""
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return _FIRST if time.year == _FIRST.year else _LAST
