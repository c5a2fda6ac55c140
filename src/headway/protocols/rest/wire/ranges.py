"""Which part of a log is wanted.

Source: RFC 9110, section 14.
"""

import re
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest

TAIL_LINES: Final = 100_000
TAIL_BYTES: Final = 2**40

_RANGE: Final = re.compile(rb"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")
_TAIL: Final = re.compile(r"([0-9]{1,18})(l?)", re.ASCII)


class Part(msgspec.Struct, frozen=True):
    """Bytes from ``start`` up to, and without, ``end``."""

    start: int
    end: int


class Tail(msgspec.Struct, frozen=True):
    """The end of a log: so many bytes, or lines."""

    count: int
    lines: bool


def read_tail(text: str | None) -> Tail | None:
    """Read the parameter ``tail``: ``4096`` is bytes, ``100l`` lines.

    Raises:
        InvalidRequest: it is neither, or more than ``TAIL_LINES`` or ``TAIL_BYTES``.
    """
    if text is None:
        return None
    found = _TAIL.fullmatch(text)
    most = TAIL_LINES if found is not None and found[2] else TAIL_BYTES
    if found is None or int(found[1]) > most:
        raise InvalidRequest(
            f"tail must be a number of bytes such as 4096, or of lines such as 100l"
            f" (at most {TAIL_LINES}), not {text!r}",
            field="tail",
        )
    return Tail(int(found[1]), bool(found[2]))


def read_range(header: bytes | None, *, size: int) -> Part | None:
    """Read a Range header for a log of ``size`` bytes.

    Gives None when the whole is to be sent: without the header, or for one that a server may pass over (several ranges,
    another unit, not well-formed). A part that lies past the end is given as an empty one: nothing can satisfy it.
    """
    found = None if header is None else _RANGE.fullmatch(header.strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        return Part(max(0, size - int(suffix)), size)
    start = int(first)
    if last and int(last) < start:
        return None
    end = min(size, int(last) + 1) if last else size
    return Part(min(start, size), max(end, min(start, size)))
