"""Durations and memory as people write them."""

import re
from typing import Final

from headway.core.errors import InvalidRequest

LONGEST_S: Final = 10 * 366 * 86_400.0  #: ten years; longer is a mistake
MOST_BYTES: Final = 2**63 - 1

#: As JSON Schema patterns too, so only what ECMA-262 and Python read alike.
DURATION_PATTERN: Final = (
    r"^([0-9]{1,9}:[0-5][0-9]:[0-5][0-9]"
    r"|P(?=[0-9T])([0-9]{1,6}D)?(T(?=[0-9])([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}(\.[0-9]{1,9})?S)?)?)$"
)
MEMORY_PATTERN: Final = r"^[0-9]{1,15}([KMGT](iB)?)?$"

_CLOCK: Final = re.compile(r"([0-9]{1,9}):([0-5][0-9]):([0-5][0-9])")
_ISO: Final = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?"
)
_MEMORY: Final = re.compile(r"([0-9]{1,15})(?:([KMGT])(?:iB)?)?")
_POWERS: Final = {None: 0, "K": 1, "M": 2, "G": 3, "T": 4}


def read_duration_s(value: float | str, *, field: str) -> float:
    """Read seconds, ``HH:MM:SS`` or an ISO 8601 duration of days and smaller (``PT1H30M``), as seconds.

    Raises:
        InvalidRequest: none of these, nothing at all, or above ten years.
    """
    seconds = _seconds_of(value) if isinstance(value, str) else float(value)
    if seconds is None:
        raise InvalidRequest(
            f"{field} must be seconds, HH:MM:SS or an ISO 8601 duration such as PT1H30M,"
            f" not {value!r}",
            field=field,
        )
    if not 0 < seconds <= LONGEST_S:
        raise InvalidRequest(
            f"{field} must be above 0 and at most ten years ({LONGEST_S:.0f} s), not {value!r}",
            field=field,
        )
    return seconds


def _seconds_of(text: str) -> float | None:
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        hours, minutes, seconds = clock.groups()
        return int(hours) * 3600.0 + int(minutes) * 60 + int(seconds)
    iso = _ISO.fullmatch(text)
    if iso is None:
        return None
    days, hours, minutes, seconds = (part or "0" for part in iso.groups())
    return int(days) * 86_400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def read_memory_bytes(value: int | str, *, field: str) -> int:
    """Read bytes, or a number with K, M, G or T (powers of 1024, as batch schedulers have them; ``4G`` is ``4GiB``).

    ``4GB`` is refused: people mean two different numbers by it.

    Raises:
        InvalidRequest: none of these, nothing at all, or more than 2**63 - 1.
    """
    found = _MEMORY.fullmatch(str(value))
    size = 0 if found is None else int(found[1]) * 1024 ** _POWERS[found[2]]
    if not 0 < size <= MOST_BYTES:
        raise InvalidRequest(
            f"{field} must be bytes, or a number with K, M, G or T (powers of 1024, such as 4G or"
            f" 4GiB), above 0 and below 8 EiB, not {value!r}",
            field=field,
        )
    return size
