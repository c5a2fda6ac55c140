"""Foreign text made safe to show: nothing in it can end a line, turn the reading direction or break XML."""

import unicodedata
from functools import lru_cache
from typing import Final

TEXT_LIMIT: Final = 300  # characters; far more than fits into any picture
REPLACEMENT: Final = "\ufffd"

_MARKS_PER_LETTER: Final = 2
_NO_CHARACTER: Final = 0xFFFE  # the last two code points of each plane
_JOINERS: Final = frozenset("\u200c\u200d")  # scripts and emoji need them
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK_CONTROLS: Final = frozenset("\t\n\v\f\r\x85")


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Give one line of text that is safe in XML, on a terminal and beside other text.

    Line ends and every kind of blank become a blank, several in a row one, none at the ends. Other control characters,
    lone surrogates, non-characters and the controls of reading direction become U+FFFD, so that one sees that something
    was there. Invisible format characters go, as do more than two combining marks on a letter. What is longer than
    ``limit`` characters is cut off with an ellipsis.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        text = text.strip()
        return text if len(text) <= limit else text[: limit - 1] + "…"
    return _kept(text, limit) if len(text) <= TEXT_LIMIT else _cleaned(text, limit)


def _cleaned(text: str, limit: int) -> str:
    shown: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text[: 4 * limit]):
        category = unicodedata.category(char)
        marks = marks + 1 if category[0] == "M" else 0
        if marks <= _MARKS_PER_LETTER:
            shown.append(_safe(char, category))
    line = " ".join("".join(shown).split())
    if len(line) > limit or len(text) > 4 * limit:
        return line[: limit - 1] + "…"
    return line


_kept = lru_cache(maxsize=2048)(_cleaned)


def _safe(char: str, category: str) -> str:
    if category[0] == "Z" or char in _BLANK_CONTROLS:
        return " "
    if category in ("Cc", "Cs") or char in _BIDI:
        return REPLACEMENT
    if category == "Cf":
        return char if char in _JOINERS else ""
    # XML forbids U+FFFE and U+FFFF; those of the other planes mean nothing either.
    return REPLACEMENT if ord(char) & _NO_CHARACTER == _NO_CHARACTER else char
