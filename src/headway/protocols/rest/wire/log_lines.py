"""Lines of logs: what is asked, and what is answered."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

from msgspec import Meta

from headway.protocols.rest.wire.documents import Document
from headway.protocols.rest.wire.queries import Query

_Attempt: TypeAlias = Annotated[
    int, Meta(ge=1, le=2**31 - 1, description="Else the present attempt.")
]


class LinesQuery(Query, frozen=True, kw_only=True):
    """Which lines of a log."""

    first: Annotated[
        int,
        Meta(ge=-(2**53), le=2**53, description="From 1; -1 is the last line, -2 that before it."),
    ] = 1
    count: Annotated[int, Meta(ge=0, le=5000, description="How many at most.")] = 1000
    attempt: _Attempt | None = None


class LogSearchQuery(Query, frozen=True, kw_only=True):
    """What to look for in a log."""

    text: (
        Annotated[str, Meta(min_length=1, max_length=1000, description="What to look for.")] | None
    ) = None
    regex: Annotated[bool, Meta(description="`text` is a regular expression.")] = False
    errors: Annotated[
        bool, Meta(description="Look for what looks like an error, instead of `text`.")
    ] = False
    case: Annotated[bool, Meta(description="Upper and lower case differ.")] = False
    after: Annotated[
        int,
        Meta(
            ge=0, le=2**53, description="Only lines behind this one: `next` of the answer before."
        ),
    ] = 0
    until: Annotated[int, Meta(ge=1, le=2**53, description="Only lines up to this one.")] | None = (
        None
    )
    limit: Annotated[int, Meta(ge=1, le=1000, description="How many matches at most.")] = 100
    attempt: _Attempt | None = None


class LinesDocument(Document, frozen=True, kw_only=True):
    """Some lines of a log.

    ``first`` is the number of the first of them, ``total`` how many lines the log has so far, ``cut`` the numbers of the
    lines of which only 8 KiB or less are here: the beginning, or for those that are in ``ends`` too the end, because they
    write over themselves. A very large log is counted in parts, one each time it is asked for:
    until ``counted``, ``total`` is what is known yet, and ``first`` is null for lines from the end. ``ended`` tells that
    nothing more will be written.
    """

    first: int | None
    lines: Sequence[str]
    total: int
    counted: bool
    size_bytes: int
    ended: bool
    cut: Sequence[int]
    ends: Sequence[int]


class MatchDocument(Document, frozen=True, kw_only=True):
    """A line that matches, and where in it: characters (Unicode code points) ``start`` up to, and without, ``end``."""

    line: int
    text: str
    start: int
    end: int


class MatchesDocument(Document, frozen=True, kw_only=True):
    """What was found.

    ``complete`` tells that the log was searched to its present end, or to ``until``; else ``next`` is what to give as ``after`` to go on.
    """

    matches: Sequence[MatchDocument]
    scanned_lines: int
    complete: bool
    next: int | None
