"""What a job wrote, made fit for a terminal: colours pass, everything else that could steer a terminal does not."""

import codecs
import re
from typing import Final

from headway.cli.output import RESET

#: SGR (colours and weight), then sequences to leave out: CSI, strings (OSC, DCS, …) and two-character escapes.
_SEQUENCES: Final = re.compile(
    r"(?P<sgr>\x1b\[[0-9;:]{0,64}m)"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-Z\\`-~]"
)
_UNFINISHED: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?\Z")
_LONGEST_UNFINISHED: Final = 4096
_KEPT: Final = "\t\n\r"
_CONTROLS: Final = {
    code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in _KEPT
}
#: Marks that turn the direction of what follows, so that text reads as something it is not.
_BIDI: Final = dict.fromkeys(
    (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"
)
_STEERING: Final = _CONTROLS | _BIDI


class TerminalText:
    """Takes bytes as they come and gives text for a terminal.

    Args:
        has_colour: let colours pass; without it they are left out too.
    """

    def __init__(self, *, has_colour: bool) -> None:
        self._has_colour = has_colour
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._is_painted = False

    def feed(self, data: bytes) -> str:
        """Take some more bytes; a sequence that is not complete yet waits for its end."""
        return self._shown(self._rest + self._decoder.decode(data))

    def end(self) -> str:
        """Give what was left over, and end any colour."""
        rest = (self._rest + self._decoder.decode(b"", final=True)).translate(_STEERING)
        self._rest = ""
        painted, self._is_painted = self._is_painted, False
        return rest + (RESET if painted else "")

    def _shown(self, text: str) -> str:
        cut = _UNFINISHED.search(text)
        end = len(text) if cut is None else cut.start()
        if len(text) - end > _LONGEST_UNFINISHED:
            end = len(text)
        self._rest = text[end:]
        parts: list[str] = []
        done = 0
        for found in _SEQUENCES.finditer(text, 0, end):
            parts.append(text[done : found.start()].translate(_STEERING))
            if found["sgr"] is not None and self._has_colour:
                parts.append(found["sgr"])
                self._is_painted = True
            done = found.end()
        parts.append(text[done:end].translate(_STEERING))
        return "".join(parts)
