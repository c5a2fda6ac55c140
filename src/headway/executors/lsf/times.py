"""Times as LSF's commands print them. Pure.

They are local times of the host where the command runs, so every command that is read is run with ``TZ=UTC0``. The year is missing
unless ``LSB_DISPLAY_YEAR=Y`` (IBM's, where it is asked for); it is then the last one in which that time is not in the future.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

#: For the commands whose output is read. Not for ``bsub``, whose environment becomes the job's.
ENVIRONMENT: Final[Mapping[str, str]] = {"TZ": "UTC0", "LC_ALL": "C", "LSB_DISPLAY_YEAR": "Y"}

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
#: ``Nov 22 00:26``, ``Oct  1 14:01:44 2026``, ``Sun Nov 22 00:26:20``, ``Dec 28 19:56 L``: what follows says how a finish was estimated.
_TIME: Final = re.compile(
    r"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) +(\d{1,2}) (\d{1,2}):(\d{2})(?::(\d{2}))?(?: (\d{4}))?(?: ([A-Z]))?"
)
_FUTURE: Final = timedelta(days=366)
_AHEAD: Final = timedelta(days=1)

Now = Callable[[], datetime]


def read_time(text: str, now: Now | None, *, future: bool = False) -> datetime | None:
    """Read a time; None for a dash, an empty one, a text that is none, or one without year when nobody knows what year it is.

    Args:
        text: as printed.
        now: tells the time, for the year.
        future: it is to come: an estimate.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None or found[1] not in _MONTHS:
        return None
    month, day, hour, minute = _MONTHS[found[1]], int(found[2]), int(found[3]), int(found[4])
    second = int(found[5] or 0)
    if found[6]:
        return _moment(int(found[6]), month, day, hour, minute, second)
    if now is None:
        return None
    latest = now() + (_FUTURE if future else _AHEAD)
    for year in range(latest.year, latest.year - 9, -1):  # back over two leap years
        moment = _moment(year, month, day, hour, minute, second)
        if moment is not None and moment <= latest:
            return moment
    return None


def is_estimate(text: str) -> bool:
    """Tell whether a finish time is LSF's guess: it ends with E, L or X."""
    found = _TIME.fullmatch(text.strip())
    return found is not None and found[7] is not None


def _moment(
    year: int, month: int, day: int, hour: int, minute: int, second: int
) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
