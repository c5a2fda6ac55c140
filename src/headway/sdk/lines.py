"""A log by its lines, however many requests that takes; no I/O of its own."""

from collections.abc import Callable, Iterator
from typing import Final

from headway.sdk import answers, requests
from headway.sdk.message import Request, Response
from headway.sdk.model import LogLines, LogMatch
from headway.sdk.specs import Sought

MOST_LINES: Final = 5000  #: the server gives no more at once
_MOST_MATCHES: Final = 1000

Ask = Callable[[Request], Response]


def read_lines(
    ask: Ask, ref: str, stream: str, *, first: int, last: int | None, attempt: int | None = None
) -> Iterator[LogLines]:
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


def search(ask: Ask, ref: str, stream: str, sought: Sought) -> Iterator[LogMatch]:
    """Give every match, in the order of the lines.

    Raises:
        HeadwayError: an expression that the server does not understand, no such job or log, or the server is gone.
    """
    after: int | None = 0
    while after is not None:
        request = requests.search_log(ref, stream, after=after, limit=_MOST_MATCHES, **sought)
        found = answers.log_matches(ask(request))
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
) -> LogLines:
    request = requests.log_lines(ref, stream, first=first, count=count, attempt=attempt)
    return answers.log_lines(ask(request))
