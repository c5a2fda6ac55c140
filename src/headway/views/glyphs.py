"""Text as small images of palette numbers, made once and kept.

Letters are drawn four times too large, unhinted as good as, and then averaged: they may stand at quarters of a pixel, and
look as they do in a browser.
"""

import math
from functools import cache, lru_cache
from io import BytesIO
from typing import Final, TypeAlias

from PIL import Image, ImageDraw, ImageFont

from headway.views.font import (
    CAP_HEIGHT_EM,
    OTHER_EM,
    WIDE_EM,
    Face,
    Weight,
    advances,
    font_bytes,
    width_of,
)
from headway.views.pixels import Pixels, pixels_of
from headway.views.shades import coverage_table

_FINER: Final = 4
_INK: Final = 255
_PAGE_STEP: Final = 64
_LARGEST_KEPT: Final = 48  # letters of the unscaled picture: 5 kB, so all of them are 20 MB at most
#: One character for all those of the same width that the font does not have.
_STRANGERS: Final = {WIDE_EM: "\u3000", OTHER_EM: "\ue000", 0.0: "\u200d"}
_LEFT_EM: Final = 0.3  # room around the letters
_ABOVE_EM: Final = 1.1
_BELOW_EM: Final = 0.35

#: An image, and where it goes from the pen's place on the baseline.
Stamp: TypeAlias = tuple[Pixels, int, int]


def text_stamp(text: str, face: Face, scale: int, role: str, on: str) -> Stamp | None:
    """Give the text in palette numbers at ``scale`` times its size; None when there is nothing to see."""
    small = len(text) * scale * scale <= _LARGEST_KEPT
    return (_kept_stamp if small else _stamp)(text, face, scale, role, on)


def _stamp(text: str, face: Face, scale: int, role: str, on: str) -> Stamp | None:
    glyphs = _glyphs(face.weight, face.size * scale)
    page = glyphs.page(math.ceil(width_of(text, face) * scale))
    pen = float(_FINER * glyphs.left)
    for char in text:
        place = round(pen)
        advance, mask, dx, dy, wide, tall = glyphs[char, place % _FINER]
        if mask is not None:
            x = place // _FINER + dx
            page.paste(_INK, (x, dy, x + wide, dy + tall), mask)
        pen += advance
    box = page.getbbox()
    if box is None:
        return None
    shown = page.crop(box).point(coverage_table(role, on), "L")
    return shown, box[0] - glyphs.left, box[1] - glyphs.above


_kept_stamp = lru_cache(maxsize=4096)(_stamp)


#: An advance in quarters of a pixel, and a letter's coverage with its place from the pen and its size.
_Glyph: TypeAlias = tuple[float, Pixels | None, int, int, int, int]


class _Glyphs(dict[tuple[str, int], _Glyph]):
    """The letters of a weight at a size, by how many quarters of a pixel the pen is to the right; drawn when missing.

    They are kept for good: there are few sizes, and no more letters than the font has.
    """

    def __init__(self, weight: Weight, size: float) -> None:
        super().__init__()
        self.left = math.ceil(_LEFT_EM * size)
        self.above = math.ceil(_ABOVE_EM * size)
        self._height = self.above + math.ceil(_BELOW_EM * size)
        self._size = size
        self._advances = advances(weight)
        self._font = ImageFont.truetype(
            BytesIO(font_bytes(weight)), size * _FINER, layout_engine=ImageFont.Layout.BASIC
        )
        self._blank = lru_cache(maxsize=16)(self._new_page)

    def page(self, width: int) -> Pixels:
        """Give an empty page for a text of this width, the room around it included."""
        # Blank pages are kept by the width rounded up, as a copy costs a tenth of a new one.
        return self._blank(-(-(width + 2 * self.left) // _PAGE_STEP)).copy()

    def __missing__(self, key: tuple[str, int]) -> _Glyph:
        """Draw the letter."""
        char, quarter = key
        if char not in self._advances and char not in _STRANGERS.values():
            # Only one of each width is kept, however many characters texts bring along.
            return self[_STRANGERS[self._advances[char]], quarter]
        advance = self._advances[char] * self._size
        width = math.ceil(advance) + 2 * self.left + 1
        page = Image.new("L", (width * _FINER, self._height * _FINER))
        pen = (self.left * _FINER + quarter, self.above * _FINER)
        if char in self._advances:
            ImageDraw.Draw(page).text(pen, char, fill=_INK, font=self._font, anchor="ls")
        elif advance > 0:
            _draw_box(ImageDraw.Draw(page), pen, advance * _FINER, self._size * _FINER)
        page = page.reduce(_FINER)
        box = page.getbbox()
        glyph: _Glyph = (advance * _FINER, None, 0, 0, 0, 0)
        if box is not None:
            mask = pixels_of(page.crop(box))
            glyph = (advance * _FINER, mask, box[0] - self.left, box[1], *mask.size)
        self[key] = glyph
        return glyph

    def _new_page(self, steps: int) -> Pixels:
        return pixels_of(Image.new("L", (steps * _PAGE_STEP, self._height)))


@cache
def _glyphs(weight: Weight, size: float) -> _Glyphs:
    return _Glyphs(weight, size)


def _draw_box(draw: ImageDraw.ImageDraw, pen: tuple[int, int], advance: float, em: float) -> None:
    """Draw a hollow box for a character that the font does not have."""
    x, y = pen
    line = max(_FINER, round(0.06 * em))
    corner = (x + round(0.08 * em), y - round(CAP_HEIGHT_EM * em))
    draw.rectangle((*corner, x + round(advance - 0.08 * em), y), outline=_INK, width=line)
