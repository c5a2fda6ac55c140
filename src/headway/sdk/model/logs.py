"""What jobs wrote."""

import msgspec


class LogLines(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines of what a job wrote.

    Attributes:
        first: the first one's number, from 1; None while a very large log is not counted to its end.
        total: how many lines the log has so far.
        counted: all of the log is counted; else ask again.
        ended: nothing more will be written.
        cut: the numbers of the lines of which only a part is here: the beginning, or for those in ``ends`` the end.
    """

    first: int | None
    lines: tuple[str, ...] = ()
    total: int = 0
    counted: bool = True
    size_bytes: int = 0
    ended: bool = False
    cut: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


class LogMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A line that matches, and where in it: characters ``start`` up to, and without, ``end``."""

    line: int
    text: str
    start: int = 0
    end: int = 0


class LogMatches(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines that match; ``next`` is the line to go on after, None when all was searched."""

    matches: tuple[LogMatch, ...]
    next: int | None = None
    scanned_lines: int = 0
    complete: bool = True
