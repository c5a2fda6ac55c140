"""What the wrapper leaves in an attempt's directory, read. Pure, and doubtful of every byte: the job itself may have written it."""

import json
import math
from datetime import UTC, datetime
from typing import Final

import msgspec

from headway.core.model.job import Usage

_LAST_SIGNAL: Final = 255
_LAST_CODE: Final = 255
_LAST_S: Final = 253_402_300_799.0


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """A run has begun."""

    native_id: str
    host: str
    run: int
    at: datetime


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A run has ended.

    Attributes:
        interrupted: signals came for the wrapper: the scheduler or somebody else ended it, and knows why.
        timed_out: it had its wall time, and the wrapper ended it.
        not_started: why the user's program was never started.
    """

    native_id: str
    host: str
    run: int
    started: datetime
    at: datetime
    exit_code: int | None
    signal: int | None
    interrupted: bool
    timed_out: bool
    usage: Usage
    not_started: str


def read_started(raw: bytes) -> Started | None:
    """Read a record of a start; None when it is none."""
    if not raw:
        return None
    found = _object(raw)
    at = _time(found.get("at"))
    if at is None:
        return None
    return Started(
        native_id=_text(found.get("native_id")),
        host=_text(found.get("host")),
        run=_whole(found.get("run"), most=1_000_000) or 0,
        at=at,
    )


def read_ended(raw: bytes) -> Ended | None:
    """Read an exit record; None when it is none: neither code nor signal, or no time."""
    if not raw:
        return None
    found = _object(raw)
    code = _whole(found.get("exit_code"), most=_LAST_CODE)
    number = _whole(found.get("signal"), most=_LAST_SIGNAL)
    at = _time(found.get("at"))
    if at is None or (code is None) == (number is None):
        return None
    memory = _whole(found.get("max_memory_bytes"), most=2**62)
    signals = found.get("signals")
    return Ended(
        native_id=_text(found.get("native_id")),
        host=_text(found.get("host")),
        run=_whole(found.get("run"), most=1_000_000) or 0,
        started=min(_time(found.get("started")) or at, at),
        at=at,
        exit_code=code,
        signal=number,
        interrupted=isinstance(signals, list) and bool(signals),
        timed_out=found.get("timed_out") is True,
        usage=Usage(
            cpu_s=_number(found.get("cpu_s")),
            max_memory_bytes=memory or None,
            wall_s=_number(found.get("wall_s")),
        ),
        not_started=_text(found.get("not_started")),
    )


def _object(raw: bytes) -> dict[str, object]:
    try:
        found = json.loads(raw.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value[:1000]).strip()


def _whole(value: object, *, most: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        return None
    return value


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _time(value: object) -> datetime | None:
    seconds = _number(value)
    if seconds is None or seconds > _LAST_S:
        return None
    return datetime.fromtimestamp(seconds, UTC)
