"""The operation search_log: the lines of what a job wrote that hold a text, match an expression, or look like errors."""

import sys
from typing import Final, Protocol

import msgspec

from headway.core.core import Core
from headway.core.errors import InvalidRequest
from headway.core.model.names import JobId
from headway.core.model.principal import Principal
from headway.core.operations.log_lines import count_lines
from headway.core.operations.logs import Log, open_log
from headway.core.ports.executor import Stream
from headway.lib.line_index import LineIndex
from headway.lib.regex import Pattern, PatternError, Span
from headway.lib.whole_lines import LONGEST_LINE_BYTES, WholeLines, readable, trimmed

MOST_MATCHES: Final = 1000
LONGEST_TEXT: Final = 1000

#: What lines that tell of an error look like. The letters' case counts: "0 errors" is no error.
ERRORS: Final = (
    r"Traceback \(most recent call last\)|\b[A-Z]\w*(Error|Exception)\b|\bERROR\b|\b[Ee]rror ?[:\[]"
    r"|\b[Ee]xception:|\bException in\b|\bFATAL\b|\b[Ff]atal( error)?:|\bCRITICAL\b|\bPANIC\b|\bpanic:"
    r"|[Ss]egmentation fault|\bSIG(SEGV|BUS|ABRT|ILL|FPE)\b|\b[Cc]ore dumped\b|\b[Oo]ut [Oo]f [Mm]emory\b"
    r"|\b[Oo]om-kill|\bMPI_ABORT\b|\b[Aa]ssertion.*failed|\bcommand not found\b|\bNo such file or directory\b"
    r"|\bPermission denied\b|\bNo space left on device\b"
)

_FAST_PIECE: Final = 512 << 10
_SLOW_PIECE: Final = 128 << 10  # some milliseconds' work
_FAST_BYTES: Final = 512 << 20  # in one call
_SLOW_BYTES: Final = 128 << 20
_TURNS: Final = 250  # of a tangled expression, each some milliseconds long


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A line that matches, and the first place in it that does: characters ``start`` up to, and without, ``end``."""

    line: int
    text: str
    start: int
    end: int


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found.

    Attributes:
        scanned_lines: so many lines were looked at.
        next: the line after which to go on; None when all was searched, to the log's present end where no other was given.
    """

    matches: tuple[Match, ...]
    scanned_lines: int
    next: int | None


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for: ``text``, or what it describes (``is_regex``, see ``headway.lib.regex``), or errors."""

    text: str = ""
    is_regex: bool = False
    match_case: bool = False
    errors: bool = False


async def search_log(
    core: Core,
    *,
    actor: Principal,
    job_id: JobId,
    stream: Stream,
    attempt: int | None,
    sought: Sought,
    after: int,
    until: int | None = None,
    limit: int,
) -> Found:
    """Search the lines behind line ``after``, up to ``until`` or the end. Ends after ``limit`` matches, or when so much was done that it is time to answer.

    Of a line that is longer than what is shown of it, only that is searched. Without ``match_case``, upper and lower
    case of ASCII letters are alike.

    Raises:
        InvalidRequest: nothing to look for, an expression that is not understood, or a limit that is too high.
        NotFound: no such job or attempt, or it has no log.
        ExecutorUnavailable: the log cannot be reached now.
    """
    finder = _finder(sought)
    if not 1 <= limit <= MOST_MATCHES:
        raise InvalidRequest(f"limit must be 1 to {MOST_MATCHES}", field="limit")
    log = await open_log(core, actor=actor, job_id=job_id, stream=stream, attempt=attempt)
    most_bytes = _FAST_BYTES if finder.is_fast else _SLOW_BYTES
    index, _ = await count_lines(core, log, most_bytes=0)
    if after > index.lines:
        index, size = await count_lines(core, log, most_bytes=most_bytes)
        if after > index.lines:
            rest = after if index.scanned < size else None
            return Found(matches=(), scanned_lines=0, next=rest)
    search = _Search(log, index, finder, after=after, until=until, limit=limit)
    await search.run(most_bytes)
    last = search.line if until is None else min(search.line, until)
    is_done = search.has_reached_end or last == until
    return Found(
        matches=tuple(search.matches),
        scanned_lines=max(0, last - after),
        next=None if is_done else last,
    )


class _Finding(Protocol):
    def find(self, at: int) -> Span | int | None: ...


class _Finder(Protocol):
    @property
    def is_fast(self) -> bool: ...

    def over(self, text: bytes) -> _Finding: ...


class _Search:
    """One search under way. ``line`` is the number of the last line that was looked at."""

    def __init__(
        self,
        log: Log,
        index: LineIndex,
        finder: _Finder,
        *,
        after: int,
        until: int | None,
        limit: int,
    ) -> None:
        self._log = log
        self._index = index
        self._finder = finder
        self._after = after
        self._until = sys.maxsize if until is None else until
        self._limit = limit
        self._turns = _TURNS
        self.matches: list[Match] = []
        self.has_reached_end = False
        self.line = 0

    async def run(self, most_bytes: int) -> None:
        """Search until the end, or until it is enough."""
        self.line, offset = self._index.before(self._after)
        until = offset + most_bytes
        held = WholeLines()
        piece_bytes = _FAST_PIECE if self._finder.is_fast else _SLOW_PIECE
        while offset < until:
            data = (await self._log.read(offset, piece_bytes)).data
            self._index.feed(offset, data)
            offset += len(data)
            # At the end the newest line is looked at too, though it has no end yet.
            lines = held.feed(data) if data else held.end()
            if lines and not await self._block(readable(trimmed(lines))):
                return
            if not data or self.line >= self._until:
                self.has_reached_end = True
                return
            if held.is_long:
                # Only its ends are searched; what was counted of it before need not be read again.
                end = self._index.past(self.line, offset) - LONGEST_LINE_BYTES
                passed = max(0, end - offset)
                offset, until = offset + passed, until + passed

    async def _block(self, text: bytes) -> bool:
        """Search whole lines; gives whether to go on."""
        begin = at = self._skip(text)
        if begin == len(text):
            return True
        finding = self._finder.over(text)
        while (found := finding.find(at)) is not None:
            if isinstance(found, int):
                at = found
                if not await self._turn(text, begin, at):
                    return False
                continue
            at = text.index(b"\n", found.end) + 1
            self.line += text.count(b"\n", begin, at)
            begin = at
            if self.line > self._until:
                return True
            self._take(text, found)
            if len(self.matches) >= self._limit:
                return False
            if at == len(text):
                return True
        self.line += text.count(b"\n", begin)
        return True

    def _skip(self, text: bytes) -> int:
        """Pass over the lines before those that are asked for."""
        at = 0
        while self.line < self._after and at < len(text):
            at = text.index(b"\n", at) + 1
            self.line += 1
        return at

    async def _turn(self, text: bytes, begin: int, at: int) -> bool:
        """Let others have their turn; gives whether there is time left."""
        await self._log.read(0, 0)
        self._turns -= 1
        if self._turns > 0:
            return True
        self.line += text.count(b"\n", begin, at)
        return False

    def _take(self, text: bytes, found: Span) -> None:
        begin = text.rfind(b"\n", 0, found.start) + 1
        line = text[begin : text.index(b"\n", found.end)].decode("utf-8", "replace")
        start = len(text[begin : found.start].decode("utf-8", "replace"))
        end = start + len(text[found.start : found.end].decode("utf-8", "replace"))
        self.matches.append(Match(line=self.line, text=line, start=start, end=end))


class _Plain:
    """Looks for a text as it is."""

    is_fast = True

    def __init__(self, text: str, *, match_case: bool) -> None:
        needle = text.encode("utf-8", "replace")
        self._match_case = match_case
        self._needle = needle if match_case else needle.lower()

    def over(self, text: bytes) -> "_PlainFinding":
        return _PlainFinding(text if self._match_case else text.lower(), self._needle)


class _PlainFinding:
    def __init__(self, text: bytes, needle: bytes) -> None:
        self._text = text
        self._needle = needle

    def find(self, at: int) -> Span | None:
        found = self._text.find(self._needle, at)
        return None if found < 0 else Span(found, found + len(self._needle))


def _finder(sought: Sought) -> _Finder:
    """Make what searches.

    Raises:
        InvalidRequest: nothing to look for, or an expression that is not understood.
    """
    if sought.errors:
        if sought.text or sought.is_regex:
            raise InvalidRequest(
                "errors looks for errors; leave out text and regex", field="errors"
            )
        return Pattern(ERRORS)
    if not sought.text:
        raise InvalidRequest("text says what to look for; or errors=1", field="text")
    if len(sought.text) > LONGEST_TEXT:
        raise InvalidRequest(f"text may have at most {LONGEST_TEXT} characters", field="text")
    if not sought.is_regex:
        if "\n" in sought.text:
            raise InvalidRequest("a text with a line end in it is in no line", field="text")
        return _Plain(sought.text, match_case=sought.match_case)
    try:
        return Pattern(sought.text, ignore_case=not sought.match_case)
    except PatternError as error:
        raise InvalidRequest(
            f"this regular expression cannot be used: {error}", field="text"
        ) from None
