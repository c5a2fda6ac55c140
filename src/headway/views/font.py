"""How wide a text is: the advances of the two faces that all pictures are set in, read from the fonts themselves.

Source: OpenType 1.9, tables ``head``, ``hhea``, ``hmtx`` and ``cmap`` (format 4).
"""

import struct
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import msgspec

ELLIPSIS: Final = "…"

WIDE_EM: Final = 1.0  # a character that the font does not have: East Asian wide ones and emoji
OTHER_EM: Final = 0.62
_ZERO_WIDTH: Final = frozenset({"Mn", "Me", "Cf"})


class Weight(StrEnum):
    """The two weights; the value is the font's file name without its ending."""

    REGULAR = "Roboto-Regular"
    MEDIUM = "Roboto-Medium"


class Face(msgspec.Struct, frozen=True, gc=False):
    """A weight at a size in pixels of the unscaled picture."""

    size: float
    weight: Weight = Weight.REGULAR


# Sizes at which the font's capitals or small letters are whole pixels high, so that they are crisp unscaled.
TITLE: Final = Face(21.1, Weight.MEDIUM)
STRONG: Final = Face(13.25, Weight.MEDIUM)
BODY: Final = Face(13.25)
SMALL: Final = Face(11.35)
SMALL_STRONG: Final = Face(11.35, Weight.MEDIUM)

CAP_HEIGHT_EM: Final = 0.711


class Advances(dict[str, float]):
    """Advance by character, in em; a character that the font does not have is guessed."""

    def __missing__(self, char: str) -> float:
        """Guess by the character's category and East Asian width."""
        if unicodedata.category(char) in _ZERO_WIDTH:
            return 0.0
        return WIDE_EM if unicodedata.east_asian_width(char) in "WF" else OTHER_EM


def font_bytes(weight: Weight) -> bytes:
    """Read the font from the package."""
    return (resources.files("headway.views") / "fonts" / f"{weight.value}.ttf").read_bytes()


@cache
def advances(weight: Weight) -> Advances:
    """Give the advance in em of each character; those that the font has are its keys."""
    font = font_bytes(weight)
    table = _tables(font)
    units_per_em = _u16(font, table["head"] + 18)
    metrics = _u16(font, table["hhea"] + 34)
    hmtx = table["hmtx"]
    return Advances(
        {
            char: _u16(font, hmtx + 4 * min(glyph, metrics - 1)) / units_per_em
            for char, glyph in _glyphs(font, table["cmap"]).items()
        }
    )


@lru_cache(maxsize=4096)
def width_of(text: str, face: Face) -> float:
    """Give the text's width in pixels of the unscaled picture."""
    return sum(map(advances(face.weight).__getitem__, text)) * face.size


@lru_cache(maxsize=4096)
def elided(text: str, face: Face, width: float) -> tuple[str, float]:
    """Give as much of the text as fits into ``width``, with an ellipsis where it was cut, and how wide that is.

    Where not even the ellipsis fits, the text is empty.
    """
    whole = width_of(text, face)
    if whole <= width:
        return text, whole
    advance = advances(face.weight)
    room = width / face.size - advance[ELLIPSIS]
    if room < 0:
        return "", 0.0
    end = 0
    for char in text:
        room -= advance[char]
        if room < 0:
            break
        end += 1
    short = text[:end].rstrip(" \u200d") + ELLIPSIS
    return short, width_of(short, face)


def is_covered(text: str, weight: Weight) -> bool:
    """Tell whether the font has every character of the text."""
    return advances(weight).keys() >= set(text)


def _tables(font: bytes) -> Mapping[str, int]:
    records = struct.iter_unpack(">4s4xI4x", font[12 : 12 + 16 * _u16(font, 4)])
    return {name.decode("ascii"): offset for name, offset in records}


def _glyphs(font: bytes, cmap: int) -> Mapping[str, int]:
    subtable = cmap + struct.unpack_from(">I", font, cmap + 8)[0]
    segments = _u16(font, subtable + 6) // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(
            f">{segments}H", font, subtable + 14 + 2 * segments * part + (part > 0) * 2
        )
        for part in range(4)
    )
    glyphs: dict[str, int] = {}
    for place in range(segments - 1):  # the last segment is the end mark
        address = subtable + 16 + 2 * (3 * segments + place)
        for code in range(starts[place], ends[place] + 1):
            glyph = code
            if offsets[place]:
                glyph = _u16(font, address + offsets[place] + 2 * (code - starts[place]))
            glyphs[chr(code)] = (glyph + deltas[place]) & 0xFFFF
    return glyphs


def _u16(font: bytes, offset: int) -> int:
    return int.from_bytes(font[offset : offset + 2], "big")
