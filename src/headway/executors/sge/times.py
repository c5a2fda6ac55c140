"""Grid Engine's times, which name no zone: its commands are run with TZ=UTC0, so they are UTC."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

#: For every command whose answer is read: times in UTC, numbers and words as in C.
READ_IN: Final[Mapping[str, str]] = {"TZ": "UTC0", "LC_ALL": "C"}
_MILLISECONDS_FROM: Final = 100_000_000_000
_FORMATS: Final = ("%a %b %d %H:%M:%S %Y", "%m/%d/%Y %H:%M:%S.%f", "%m/%d/%Y %H:%M:%S")
_FIRST_YEAR: Final = 1980  # what was not measured is told as the epoch


def read_time(text: str) -> datetime | None:
    """Read a time as qstat, qacct or their successors write it; None for none, and for the epoch, which means none."""
    found = _of_seconds(text) if text.isascii() and text.isdigit() else _of_words(text)
    return found if found is not None and found.year >= _FIRST_YEAR else None


def _of_seconds(text: str) -> datetime | None:
    number = int(text[:20])
    try:
        return datetime.fromtimestamp(
            number / 1000 if number >= _MILLISECONDS_FROM else number, UTC
        )
    except (ValueError, OverflowError, OSError):
        return None


def _of_words(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    for pattern in _FORMATS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
