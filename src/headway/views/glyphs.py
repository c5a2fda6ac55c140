"""Text as small images of palette numbers, made once and kept.

Letters are drawn four times too large, unhinted as good as, and then averaged: they may stand at quarters of a pixel, and
look as they do in a browser.
"""

import math
from functools import cache, lru_cache
from io import BytesIO
from typing import Final, TypeAlias

from PIL import Image, ImageDraw, ImageFont

from headway.views.font import CAP_HEIGHT_EM, Face, Weight, advances, font_bytes, width_of
from headway.views.pixels import Pixels, pixels_of
from headway.views.shades import coverage_table

_FINER: Final = 4
_ABOVE_EM: Final = 1.1  # room above and below the baseline
_BELOW_EM: Final = 0.35

#: An image, and where it goes from the pen's place on the baseline.
Glyph: TypeAlias = tuple[Image.Image, int, int]
Stamp: TypeAlias = tuple[Pixels, int, int]


@lru_cache(maxsize=4096)
def text_stamp(text: str, face: Face, scale: int, role: str, on: str) -> Stamp | None:
    """Give the text in palette numbers at ``scale`` times its size; None when there is nothing to see."""
    advance, size = advances(face.weight), face.size * scale
    above, below = math.ceil(_ABOVE_EM * size), math.ceil(_BELOW_EM * size)
    left = math.ceil(0.3 * size)
    length = math.ceil(width_of(text, face) * scale) + 2 * left
    page = Image.new("L", (length, above + below))
    pen = 0.0
    for char in text:
        quarters = round(pen * _FINER)
        glyph = _glyph(char, face.weight, size, quarters % _FINER)
        if glyph is not None:
            image, dx, dy = glyph
            page.paste(255, (left + quarters // _FINER + dx, above + dy), image)
        pen += advance[char] * size
    box = page.getbbox()
    if box is None:
        return None
    shown = page.crop(box).point(coverage_table(role, on))
    return pixels_of(shown), box[0] - left, box[1] - above


@lru_cache(maxsize=4096)
def _glyph(char: str, weight: Weight, size: float, quarter: int) -> Glyph | None:
    """Give one letter's coverage, its pen ``quarter`` quarters of a pixel to the right."""
    advance = advances(weight)
    left, above = math.ceil(0.3 * size), math.ceil(_ABOVE_EM * size)
    length = math.ceil(advance[char] * size) + 2 * left + 1
    height = above + math.ceil(_BELOW_EM * size)
    page = Image.new("L", (length * _FINER, height * _FINER))
    pen = (left * _FINER + quarter, above * _FINER)
    draw = ImageDraw.Draw(page)
    if char in advance:
        draw.text(pen, char, fill=255, font=_font(weight, size * _FINER), anchor="ls")
    elif advance[char] > 0:
        _draw_box(draw, pen, advance[char] * size * _FINER, size * _FINER)
    page = page.reduce(_FINER)
    box = page.getbbox()
    return None if box is None else (page.crop(box), box[0] - left, box[1] - above)


def _draw_box(draw: ImageDraw.ImageDraw, pen: tuple[int, int], advance: float, em: float) -> None:
    """Draw a hollow box for a character that the font does not have."""
    x, y = pen
    line = max(_FINER, round(0.06 * em))
    corner = (x + round(0.08 * em), y - round(CAP_HEIGHT_EM * em))
    draw.rectangle((*corner, x + round(advance - 0.08 * em), y), outline=255, width=line)


@cache
def _font(weight: Weight, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(
        BytesIO(font_bytes(weight)), size, layout_engine=ImageFont.Layout.BASIC
    )
