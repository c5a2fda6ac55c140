"""A log by its lines: what is asked, and what is answered; no I/O."""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from headway.sdk.answers import read_answer
from headway.sdk.message import Request, Response, path_of, present

MOST_LINES: Final = 5000  #: the server gives no more at once

Ask = Callable[[Request], Response]


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines; ``first`` is the number of the first one, None while the server has not counted so far."""

    first: int | None
    lines: tuple[str, ...]
    total: int
    counted: bool
    cut: tuple[int, ...] = ()


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A line that matches, and the characters in it that do."""

    line: int
    text: str
    start: int
    end: int


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """Some matches; ``next`` is the line after which to go on, None at the end."""

    matches: tuple[Match, ...]
    next: int | None


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for: a text, an expression, or errors."""

    text: str | None = None
    regex: bool = False
    errors: bool = False
    case: bool = False


def read_lines(
    ask: Ask, ref: str, stream: str, *, first: int, last: int | None, attempt: int | None = None
) -> Iterator[Lines]:
    """Give lines ``first`` to ``last`` (None: to the end), some at a time; negative ones count from the end, -1 is the last.

    Raises:
        HeadwayError: no such job or log, or the server is gone.
    """
    if first < 0 or (last is not None and last < 0):
        total = _counted(ask, ref, stream, attempt)
        first = max(1, total + first + 1) if first < 0 else first
        last = total + last + 1 if last is not None and last < 0 else last
    while last is None or first <= last:
        count = MOST_LINES if last is None else min(MOST_LINES, last - first + 1)
        part = _ask_lines(ask, ref, stream, first=first, count=count, attempt=attempt)
        if part.lines:
            yield part
        elif part.counted:
            return
        first += len(part.lines)


def search(
    ask: Ask, ref: str, stream: str, sought: Sought, *, attempt: int | None = None
) -> Iterator[Match]:
    """Give every match, in the order of the lines.

    Raises:
        HeadwayError: an expression that the server does not understand, no such job or log, or the server is gone.
    """
    after: int | None = 0
    while after is not None:
        query = present(
            (
                ("text", sought.text),
                ("regex", sought.regex),
                ("errors", sought.errors),
                ("case", sought.case),
                ("after", after),
                ("limit", 1000),
                ("attempt", attempt),
            )
        )
        request = Request("GET", path_of("jobs", ref, "log", stream, "search"), query)
        found = read_answer(ask(request), Matches)
        yield from found.matches
        after = found.next


def _counted(ask: Ask, ref: str, stream: str, attempt: int | None) -> int:
    """Give how many lines there are; the server counts a very large log in several parts."""
    while True:
        part = _ask_lines(ask, ref, stream, first=1, count=0, attempt=attempt)
        if part.counted:
            return part.total


def _ask_lines(
    ask: Ask, ref: str, stream: str, *, first: int, count: int, attempt: int | None
) -> Lines:
    query = present((("first", first), ("count", count), ("attempt", attempt)))
    return read_answer(
        ask(Request("GET", path_of("jobs", ref, "log", stream, "lines"), query)), Lines
    )
