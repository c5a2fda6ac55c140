"""A picture painted in palette numbers. Imports Pillow; ``headway.views.png`` imports this when it is first needed."""

from typing import Final

from PIL import Image

from headway.views.glyphs import text_stamp
from headway.views.patterns import PITCH
from headway.views.picture import Anchor, Bar, Box, Mark, Picture, Text
from headway.views.pixels import Pixels, pixels_of
from headway.views.shades import numbers
from headway.views.stamps import fill_stamp, mark_stamp, track_stamp

LEFT: Final = 1  # a column of zeros: read row by row, it is PNG's filter byte "none"


def painted(picture: Picture, *, scale: int) -> bytearray:
    """Give the rows as PNG wants them: a filter byte, then a palette number for each pixel."""
    size = (LEFT + picture.width * scale, picture.height * scale)
    # Zeros are the filter "none" and, everywhere else, paper. The image paints right into these bytes.
    rows = bytearray(size[0] * size[1])
    core = pixels_of(Image.frombuffer("L", size, rows, "raw", "L", 0, 1))
    for box in picture.boxes:
        _box(core, box, scale)
    for bar in picture.bars:
        _bar(core, bar, scale)
    for box in picture.plates:
        _box(core, box, scale)
    for mark in picture.marks:
        _mark(core, mark, scale)
    for text in picture.texts:
        _text(core, text, scale)
    return rows


def _put(core: Pixels, stamp: Pixels, x: int, y: int) -> None:
    """Lay a stamp down; what is beyond the page is cut off."""
    width, height = stamp.size
    core.paste(stamp, (x, y, x + width, y + height))


def _box(core: Pixels, box: Box, scale: int) -> None:
    x, y = LEFT + box.x * scale, box.y * scale
    core.paste(numbers()[box.role], (x, y, x + box.w * scale, y + box.h * scale))


def _bar(core: Pixels, bar: Bar, scale: int) -> None:
    x, y, filled = bar.x * scale, bar.y * scale, bar.filled * scale
    if bar.filled < bar.w:
        _put(core, track_stamp(bar.w * scale, bar.h * scale, scale), LEFT + x, y)
    if bar.filled > 0:
        tile = PITCH * scale
        phase = (x % tile, y % tile)
        full = fill_stamp(bar.w * scale, bar.h * scale, scale, bar.role, bar.pattern, phase)
        part = full if bar.filled == bar.w else full.crop((0, 0, filled, bar.h * scale))
        _put(core, part, LEFT + x, y)


def _mark(core: Pixels, mark: Mark, scale: int) -> None:
    stamp = mark_stamp(mark.kind, mark.size * scale, mark.role, mark.on)
    _put(core, stamp, LEFT + mark.x * scale, mark.y * scale)


def _text(core: Pixels, text: Text, scale: int) -> None:
    stamp = text_stamp(text.text, text.face, scale, text.role, text.on)
    if stamp is not None:
        image, dx, dy = stamp
        x = text.x - text.w if text.anchor is Anchor.END else text.x
        _put(core, image, LEFT + round(x * scale) + dx, text.y * scale + dy)
