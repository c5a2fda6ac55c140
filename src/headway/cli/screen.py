"""Lines drawn again and again at the same place of a terminal."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TextIO

from headway.cli.output import has_colour
from headway.views.text import Terminal

_HIDE_CURSOR: Final = "\x1b[?25l"
_SHOW_CURSOR: Final = "\x1b[?25h"
_CLEAR_LINE: Final = "\x1b[2K"
_CLEAR_BELOW: Final = "\x1b[J"
#: Terminals that know it show what is between in one step; others pass over it.
_BEGIN: Final = "\x1b[?2026h"
_END: Final = "\x1b[?2026l"


class Screen:
    """A block of lines at the end of what a terminal shows."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn = 0

    @property
    def height(self) -> int:
        """How many lines can be drawn."""
        return max(2, shutil.get_terminal_size().lines - 1)

    def terminal(self) -> Terminal:
        """Tell what can be shown, as it is now: people resize windows."""
        return Terminal(
            width=max(20, shutil.get_terminal_size().columns - 1),
            colour=has_colour(self._stream),
            unicode=(self._stream.encoding or "").lower().replace("-", "") == "utf8",
        )

    def draw(self, lines: Sequence[str]) -> None:
        """Draw the lines where the last ones were."""
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        text = "".join(f"{_CLEAR_LINE}{line}\n" for line in lines[: self.height])
        self._stream.write(f"{_BEGIN}{up}\r{text}{_CLEAR_BELOW}{_END}")
        self._stream.flush()
        self._drawn = min(len(lines), self.height)

    @contextmanager
    def without_cursor(self) -> Iterator[None]:
        """Hide the cursor meanwhile."""
        self._stream.write(_HIDE_CURSOR)
        try:
            yield
        finally:
            self._stream.write(_SHOW_CURSOR)
            self._stream.flush()
