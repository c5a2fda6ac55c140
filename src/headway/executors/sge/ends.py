"""How a job ended, by what Grid Engine's accounting says of it (sge_status(5), sge_accounting(5))."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from headway.core.model.state import Reason, State

_SIGNALS_FROM: Final = 128
_LAST_STATUS: Final = 255
#: ``failed`` codes of a job that ran: its exit status is true.
_RAN: Final = frozenset({0, 12, 13, 14, 15, 16, 30})
#: ... that was ended by a signal, told as exit status 128 + n.
_SIGNALLED: Final = frozenset({17, 37, 100})
#: ... that never ran to its end, with a status that means nothing. Not here, and so no end: 24 and 25, which say that the
#: job was put back into the queue, with exit status 0.
_REASONS: Final[Mapping[int, Reason]] = {
    **dict.fromkeys((1, 3, 4, 5, 6, 7, 8, 9, 10, 11), Reason.NOT_STARTED),  # before the job
    **dict.fromkeys(
        (26, 27, 28, 29, 31, 32, 33, 34, 35, 36, 38), Reason.NOT_STARTED
    ),  # no file, shell, directory
    **dict.fromkeys(
        (18, 19, 21, 22), Reason.NODE_FAIL
    ),  # its shepherd or its host went away under it
}
_ENFORCED: Final = 37
_LIMIT: Final = re.compile(r"\b([hs])_rt=([0-9:]+)")
_MEMORY_LIMIT: Final = re.compile(r"\bh_(?:vmem|rss|data)=([0-9.]+[KkMmGg]?)")
_TOLERANCE_S: Final = 1.0
_UNITS: Final[Mapping[str, int]] = {
    "": 1,
    "B": 1,
    "k": 1000,
    "m": 1000**2,
    "g": 1000**3,
    "K": 1024,
    "M": 1024**2,
    "G": 1024**3,
    "T": 1024**4,
}
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGTkmg]?)(?:i?B)?")


class End(NamedTuple):
    """An end; ``state`` is None where the accounting does not say that it ended, or how."""

    state: State | None
    reason: Reason | None = None
    exit_code: int | None = None
    signal: int | None = None


def read_end(
    *, failed: int, status: int, wall_s: float | None, memory_bytes: float | None, asked: str
) -> End:
    """Read the two numbers that tell of an end.

    Args:
        failed: Grid Engine's own code.
        status: the exit status, 128 + n after the signal n.
        wall_s: how long it ran.
        memory_bytes: the most that it had.
        asked: its requests, as accounting's ``category`` has them; they tell whether a limit was the cause.
    """
    if not 0 <= status <= _LAST_STATUS:
        return End(None)
    if failed in _RAN:
        return _exited(status)
    if failed in _SIGNALLED and status > 0:
        return _signalled(failed, status, wall_s, memory_bytes, asked)
    reason = _REASONS.get(failed)
    return End(None) if reason is None else End(State.FAILED, reason)


def _exited(status: int) -> End:
    if status == 0:
        return End(State.SUCCEEDED, None, 0)
    return End(State.FAILED, Reason.NONZERO_EXIT, status)


def _signalled(
    failed: int, status: int, wall_s: float | None, memory_bytes: float | None, asked: str
) -> End:
    number = status - _SIGNALS_FROM if status > _SIGNALS_FROM else None
    code = None if number is not None else status
    if _reached_time(wall_s, asked):
        return End(State.FAILED, Reason.TIMEOUT, code, number)
    if failed == _ENFORCED and _reached_memory(memory_bytes, asked):
        return End(State.FAILED, Reason.OUT_OF_MEMORY, code, number)
    reason = Reason.NONZERO_EXIT if number is None else Reason.SIGNAL
    return End(State.FAILED, reason, code, number)


def _reached_time(wall_s: float | None, asked: str) -> bool:
    limits = [_seconds(found[2]) for found in _LIMIT.finditer(asked)]
    return wall_s is not None and any(wall_s + _TOLERANCE_S > limit for limit in limits)


def _reached_memory(memory_bytes: float | None, asked: str) -> bool:
    limits = [read_size(found[1]) for found in _MEMORY_LIMIT.finditer(asked)]
    return memory_bytes is not None and any(
        limit is not None and memory_bytes >= limit for limit in limits
    )


def _seconds(text: str) -> float:
    seconds = 0
    for part in text.split(":"):
        seconds = seconds * 60 + int(part[:12] or 0)
    return seconds


def read_size(text: str) -> float | None:
    """Read ``512M``, ``3.422MB`` or ``1048576`` into bytes; None for anything else."""
    found = _SIZE.fullmatch(text.strip())
    return float(found[1]) * _UNITS[found[2]] if found else None
