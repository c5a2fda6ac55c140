"""An expression, ready to search with."""

from typing import Final, NamedTuple

from headway.lib.regex.machine import Machine, side_of
from headway.lib.regex.parse import parse
from headway.lib.regex.scan import Paused, Scan
from headway.lib.regex.syntax import literals, reverse
from headway.lib.regex.walk import Walk

_SHORTEST_LITERAL: Final = 3
_MOST_LITERALS: Final = 24
_WORK: Final = 20_000  # steps, so that a turn takes some milliseconds


class Span(NamedTuple):
    """A match, as offsets in the text that was searched."""

    start: int
    end: int


class Pattern:
    """Searches text that consists of whole lines of UTF-8, each with its end.

    Attributes:
        is_fast: lines that cannot match are mostly passed over without being looked at byte by byte.
    """

    def __init__(self, text: str, *, ignore_case: bool = False) -> None:
        """Read an expression.

        Raises:
            PatternError: it is none that is understood here.
        """
        node = parse(text, ignore_case=ignore_case)
        machine = Machine(node)
        self.scan = Scan(machine)
        self._forwards = Walk(machine)
        self._backwards = Walk(Machine(reverse(node)))
        found = literals(node)
        is_good = (
            found and len(found) <= _MOST_LITERALS and min(map(len, found)) >= _SHORTEST_LITERAL
        )
        self.literals = _shortest(found) if is_good else ()

    @property
    def is_fast(self) -> bool:
        """Tell whether there are texts of which every match holds one."""
        return bool(self.literals)

    def over(self, text: bytes) -> "_Finding":
        """Begin to search a text."""
        return _Finding(self, text)

    def span(self, text: bytes, end: int) -> Span:
        """Give the match that ends at ``end`` or later: from its first byte on, as long as it can be."""
        line = text.rfind(b"\n", 0, end) + 1
        line_end = text.index(b"\n", end)
        length = self._backwards.longest(text[line:end][::-1] + b"\n", before=side_of(text[end]))
        start = end - (length or 0)
        before = side_of(text[start - 1] if start > line else 10)
        length = self._forwards.longest(text[start : line_end + 1], before=before)
        return Span(start, max(end, start + (length or 0)))


class _Finding:
    """A text being searched."""

    def __init__(self, pattern: Pattern, text: bytes) -> None:
        self._pattern = pattern
        self._text = text
        self._lowered = text.lower() if pattern.literals else b""
        self._places = dict.fromkeys(pattern.literals, -1)
        self._is_within = False

    def find(self, at: int) -> Span | int | None:
        """Find the first match in the line that begins at ``at`` or below it; None when there is none.

        Gives an offset to go on from when so much was done that others should have their turn.
        """
        while True:
            if not self._is_within:
                begin = self._candidate(at)
                if begin is None:
                    return None
                at = begin
                self._pattern.scan.begin()
            end = self._text.index(b"\n", at) + 1 if self._places else len(self._text)
            found = self._pattern.scan.scan(self._text, at, end, work=_WORK)
            self._is_within = isinstance(found, Paused)
            if isinstance(found, Paused):
                return found.at
            if found is not None:
                return self._pattern.span(self._text, found.end)
            if end == len(self._text):
                return None
            at = end

    def _candidate(self, at: int) -> int | None:
        """Give the beginning of the next line that may match."""
        if not self._places:
            return at
        for word, place in self._places.items():
            if place < at:
                found = self._lowered.find(word, at)
                self._places[word] = found if found >= 0 else len(self._text)
        first = min(self._places.values())
        return None if first == len(self._text) else self._text.rfind(b"\n", 0, first) + 1


def _shortest(words: frozenset[bytes]) -> tuple[bytes, ...]:
    """Leave out words that hold another one."""
    return tuple(sorted(word for word in words if not any(o in word for o in words if o != word)))
