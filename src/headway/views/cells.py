"""How many cells of a terminal a text takes, and texts made to fit a number of cells."""

import unicodedata
from functools import lru_cache
from typing import Final

_JOINER: Final = "\u200d"
_EMOJI_STYLE: Final = "\ufe0f"


@lru_cache(maxsize=4096)
def cells(text: str) -> int:
    """Count the cells: 2 for East Asian wide characters and emoji, 0 for what combines with its neighbour.

    Terminals differ on joined emoji; they are counted as the widest of them draw them.
    """
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def fitted(text: str, width: int, *, ellipsis: str = "…", right: bool = False) -> str:
    """Give exactly ``width`` cells: the text filled up with blanks, or cut with an ellipsis; ``right`` aligns it so."""
    text = shortened(text, width, ellipsis=ellipsis)
    blanks = " " * (width - cells(text))
    return blanks + text if right else text + blanks


def shortened(text: str, width: int, *, ellipsis: str = "…") -> str:
    """Give as much of the text as ``width`` cells hold, with an ellipsis where it was cut."""
    if cells(text) <= width:
        return text
    room = width - cells(ellipsis)
    if room < 0:
        return ellipsis[: max(0, width)]
    kept = 0
    for char in text:
        room -= _cells_of(char)
        if room < 0:
            break
        kept += 1
    return text[:kept].rstrip(" " + _JOINER) + ellipsis


def _cells_of(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf") and char != _EMOJI_STYLE:
        return 0
    if char == _EMOJI_STYLE:
        return 1  # makes a narrow sign an emoji, which is wide
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
