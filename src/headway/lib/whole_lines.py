"""Text that comes in pieces, given on in whole lines."""

import codecs
from typing import Final

LONGEST_LINE_BYTES: Final = 8192  #: of a longer line only so much is shown, and searched

_END: Final = b"\n"


class WholeLines:
    """Holds back what has no line end yet. Of a line that comes in several pieces little more is kept than is shown."""

    def __init__(self) -> None:
        self._held = b""

    @property
    def is_long(self) -> bool:
        """Tell whether the line that is held back is already longer than what is shown of one."""
        return len(self._held) > LONGEST_LINE_BYTES

    def feed(self, data: bytes) -> bytes:
        """Give the lines that are whole now, each with its end."""
        at = data.rfind(_END) + 1
        if not at:
            self._hold(data)
            return b""
        whole = self._held + data[:at]
        self._held = b""
        self._hold(data[at:])
        return whole

    def end(self) -> bytes:
        """Give what is held back, with an end, when there is anything."""
        held, self._held = self._held, b""
        return held + _END if held else b""

    def _hold(self, data: bytes) -> None:
        self._held += data[: max(0, LONGEST_LINE_BYTES + 1 - len(self._held))]


def shown(line: bytes) -> tuple[str, bool]:
    """Give a line as text, and whether it was cut. What is no UTF-8 becomes U+FFFD."""
    if len(line) <= LONGEST_LINE_BYTES:
        return line.decode("utf-8", "replace"), False
    # Not final: of a character that the cut divides nothing is shown.
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return decoder.decode(line[:LONGEST_LINE_BYTES]), True


def readable(lines: bytes) -> bytes:
    """Give lines as UTF-8, with U+FFFD for what is none: a search then finds what is shown."""
    if lines.isascii():
        return lines
    try:
        lines.decode()
    except UnicodeDecodeError:
        return lines.decode("utf-8", "replace").encode()
    return lines
