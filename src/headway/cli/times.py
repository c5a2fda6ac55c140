"""Times and spans as people type them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from headway.core.errors import InvalidRequest

_SPAN: Final = re.compile(
    r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+(?:\.\d+)?)s)?"
)
_CLOCK: Final = re.compile(r"(\d+):([0-5]\d)(?::([0-5]\d))?")
_UNITS_S: Final = (604_800, 86_400, 3_600, 60, 1)
_LONGEST_S: Final = 100 * 366 * 86_400.0


def now() -> datetime:
    """Give the present time."""
    return datetime.now(UTC)  # noqa: TID251 -- a client has no core, hence no Clock port


def read_span_s(text: str, *, field: str) -> float:
    """Read seconds (``90``), a span (``1h30m``, ``2d``) or ``HH:MM[:SS]``, as seconds.

    Raises:
        InvalidRequest: none of these, or longer than a century.
    """
    seconds = _seconds_of(text.strip().lower())
    if seconds is None or seconds > _LONGEST_S:
        raise InvalidRequest(
            f"{field} must be seconds or a span such as 90s, 30m, 1h30m, 2d or 01:30:00,"
            f" not {text!r}",
            field=field,
        )
    return seconds


def read_since(text: str, *, at: datetime) -> datetime:
    """Read a span before ``at`` (``2d``), a date or a time; without a zone it is local time.

    Raises:
        InvalidRequest: none of these.
    """
    seconds = _seconds_of(text.strip().lower())
    if seconds is not None and seconds <= _LONGEST_S:
        return at - timedelta(seconds=seconds)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidRequest(
            f"since must be a span such as 30m, 12h or 2d, or a time such as 2026-03-01 or"
            f" 2026-03-01T12:00, not {text!r}",
            field="since",
        ) from None


def _seconds_of(text: str) -> float | None:
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return float(text)
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        hours, minutes, seconds = clock.groups()
        return int(hours) * 3600.0 + int(minutes) * 60 + int(seconds or 0)
    span = _SPAN.fullmatch(text)
    if span is None or not text:
        return None
    parts = zip(span.groups(), _UNITS_S, strict=True)
    return sum(float(part) * unit for part, unit in parts if part is not None)
