"""Where the lines of a growing text begin: a few places remembered, so that any line is found by reading a little."""

from array import array
from bisect import bisect_right
from collections import OrderedDict
from typing import Final, Generic, NamedTuple, TypeVar

MOST_PLACES: Final = 16_384
PROOF_BYTES: Final = 64

K = TypeVar("K")


class Place(NamedTuple):
    """The beginning of a line: its number, from 0, and its offset in bytes."""

    line: int
    offset: int


class LineIndex:
    """Counts line ends, fed with the text piece by piece in its order.

    A place is remembered a piece, so that the way from one to the next is about a piece long, but for a longer line.
    Of more than ``MOST_PLACES`` every second one is forgotten.

    Attributes:
        scanned: how many bytes are counted.
        last: the beginning of the newest line, which may be empty yet.
        head: the first bytes of the text; with ``tail`` a proof that a text is still the one that was counted.
        tail: the last bytes that were counted.
    """

    def __init__(self) -> None:
        self.scanned = 0
        self.last = Place(0, 0)
        self.head = b""
        self.tail = b""
        self._stride = 1
        self._passed = 0
        self._lines = array("Q", [0])
        self._offsets = array("Q", [0])

    @property
    def lines(self) -> int:
        """How many lines are counted, the newest too when it has bytes and no end yet."""
        return self.last.line + (self.scanned > self.last.offset)

    def feed(self, offset: int, data: bytes) -> None:
        """Count what is new of the piece at ``offset``; one that leaves a gap behind the last one is passed over."""
        if not offset <= self.scanned < offset + len(data):
            return
        offset, data = self.scanned, data[self.scanned - offset :]
        if len(self.head) < PROOF_BYTES:
            self.head = (self.head + data[:PROOF_BYTES])[:PROOF_BYTES]
        self.tail = (self.tail + data[-PROOF_BYTES:])[-PROOF_BYTES:]
        self.scanned += len(data)
        count = data.count(b"\n")
        if count:
            self.last = Place(self.last.line + count, offset + data.rindex(b"\n") + 1)
            self._remember(self.last)

    def before(self, line: int) -> Place:
        """Give the last known place at or before the beginning of a line, counted from 0."""
        at = bisect_right(self._lines, line) - 1
        return Place(self._lines[at], self._offsets[at])

    def past(self, line: int, offset: int) -> int:
        """Give how far the line at ``offset``, with this number from 0, surely goes on: its end is there or behind it."""
        if line == self.last.line:
            return max(offset, self.scanned)
        at = bisect_right(self._offsets, offset)
        if at < len(self._offsets) and self._lines[at] == line + 1:
            return self._offsets[at] - 1
        return offset

    def _remember(self, place: Place) -> None:
        self._passed += 1
        if self._passed % self._stride:
            return
        self._lines.append(place.line)
        self._offsets.append(place.offset)
        if len(self._lines) > MOST_PLACES:
            self._lines, self._offsets = self._lines[::2], self._offsets[::2]
            self._stride *= 2


class Indexes(Generic[K]):
    """The indexes of the texts that were asked for last; the others are made again when they are asked for."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._kept: OrderedDict[K, LineIndex] = OrderedDict()

    def of(self, key: K) -> LineIndex:
        """Give a text's index, an empty one where there was none."""
        known = self._kept.setdefault(key, LineIndex())
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return known

    def drop(self, key: K) -> None:
        """Forget a text's index: it is another text now."""
        self._kept.pop(key, None)
