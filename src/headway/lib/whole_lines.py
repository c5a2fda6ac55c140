"""Text that comes in pieces, given on in whole lines; and what is shown of a line that is too long to be shown whole."""

from typing import Final, NamedTuple

LONGEST_LINE_BYTES: Final = 8192  #: of a longer line only so much is shown, and searched

_END: Final = b"\n"
_RETURN: Final = b"\r"
_MOST_CONTINUED: Final = 3  # bytes of a character behind its first one
_CONTINUES: Final = range(0x80, 0xC0)


class WholeLines:
    """Holds back what has no line end yet. Of a line that comes in several pieces its two ends are kept, and little more."""

    def __init__(self) -> None:
        self._held = b""
        self._last = b""

    @property
    def is_long(self) -> bool:
        """Tell whether the line that is held back is already longer than what is shown of one.

        What comes next of it may then be left out, but for its last ``LONGEST_LINE_BYTES``.
        """
        return len(self._held) > LONGEST_LINE_BYTES

    def feed(self, data: bytes) -> bytes:
        """Give the lines that are whole now, each with its end."""
        at = data.rfind(_END) + 1
        if not at:
            self._hold(data)
            return b""
        whole = self._held + self._last + data[:at]
        self._held = self._last = b""
        self._hold(data[at:])
        return whole

    def end(self) -> bytes:
        """Give what is held back, with an end, when there is anything."""
        held, self._held, self._last = self._held + self._last, b"", b""
        return held + _END if held else b""

    def _hold(self, data: bytes) -> None:
        room = max(0, LONGEST_LINE_BYTES + 1 - len(self._held))
        self._held += data[:room]
        rest = data[max(room, len(data) - LONGEST_LINE_BYTES) :]
        self._last = (self._last + rest)[-LONGEST_LINE_BYTES:]


class Shown(NamedTuple):
    """A line as text. ``is_cut``: it is longer; ``is_end``: then this is its end, not its beginning."""

    text: str
    is_cut: bool = False
    is_end: bool = False


def shown(line: bytes) -> Shown:
    """Give what is shown of a line. What is no UTF-8 becomes U+FFFD.

    Of a long line that is its beginning; but where it is written over with carriage returns, as progress bars do, its last
    states: those are what a terminal shows.
    """
    if len(line) <= LONGEST_LINE_BYTES:
        return Shown(line.decode("utf-8", "replace"))
    begin, end = _part(line)
    return Shown(line[begin:end].decode("utf-8", "replace"), is_cut=True, is_end=begin > 0)


def trimmed(lines: bytes) -> bytes:
    """Give whole lines, the long ones without what is not shown of them."""
    parts: list[bytes] = []
    done = at = 0
    while len(lines) - at > LONGEST_LINE_BYTES:
        end = lines.rfind(_END, at, at + LONGEST_LINE_BYTES + 1)
        if end < 0:
            end = lines.index(_END, at)
            first, last = _part(lines[at:end])
            parts += [lines[done:at], lines[at + first : at + last]]
            done = end
        at = end + 1
    return b"".join([*parts, lines[done:]]) if done else lines


def _part(line: bytes) -> tuple[int, int]:
    """Give from where to where a long line is shown."""
    from_end = len(line) - LONGEST_LINE_BYTES
    written = len(line.rstrip(_RETURN))  # returns at its end write over nothing
    state = line.find(_RETURN, from_end, max(from_end, written)) + 1
    return (state, len(line)) if state else (0, _undivided(line, LONGEST_LINE_BYTES))


def _undivided(line: bytes, at: int) -> int:
    """Give where to cut at the latest, so that no character is divided."""
    for end in range(at, at - _MOST_CONTINUED - 1, -1):
        if line[end] not in _CONTINUES:
            return end
    return at


def readable(lines: bytes) -> bytes:
    """Give lines as UTF-8, with U+FFFD for what is none: a search then finds what is shown."""
    if lines.isascii():
        return lines
    try:
        lines.decode()
    except UnicodeDecodeError:
        return lines.decode("utf-8", "replace").encode()
    return lines
