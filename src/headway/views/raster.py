"""A picture painted in palette numbers. Imports Pillow; ``headway.views.png`` imports this when it is first needed."""

from typing import Final

from PIL import Image

from headway.views.glyphs import text_stamp
from headway.views.picture import Anchor, Bar, Box, Mark, Picture, Text
from headway.views.shades import numbers
from headway.views.stamps import fill_stamp, mark_stamp, track_stamp
from headway.views.patterns import PITCH

LEFT: Final = 1  # a column of zeros: read row by row, it is PNG's filter byte "none"


def painted(picture: Picture, *, scale: int) -> bytes:
    """Give the rows as PNG wants them: a filter byte, then a palette number for each pixel."""
    size = (LEFT + picture.width * scale, picture.height * scale)
    page = Image.new("L", size, numbers()["paper"])
    for box in picture.boxes:
        _box(page, box, scale)
    for bar in picture.bars:
        _bar(page, bar, scale)
    for box in picture.plates:
        _box(page, box, scale)
    for mark in picture.marks:
        _mark(page, mark, scale)
    for text in picture.texts:
        _text(page, text, scale)
    return page.tobytes()


def _box(page: Image.Image, box: Box, scale: int) -> None:
    x, y = round(box.x * scale), round(box.y * scale)
    right, bottom = round((box.x + box.w) * scale), round((box.y + box.h) * scale)
    page.paste(numbers()[box.role], (LEFT + x, y, LEFT + right, bottom))


def _bar(page: Image.Image, bar: Bar, scale: int) -> None:
    x, y = round(bar.x * scale), round(bar.y * scale)
    width, height = round(bar.w * scale), round(bar.h * scale)
    filled = round(bar.filled * scale)
    if filled < width:
        page.paste(track_stamp(width, height, scale), (LEFT + x, y))
    if filled > 0:
        tile = PITCH * scale
        full = fill_stamp(width, height, scale, bar.role, bar.pattern, (x % tile, y % tile))
        part = full if filled >= width else full.crop((0, 0, filled, height))
        page.paste(part, (LEFT + x, y))


def _mark(page: Image.Image, mark: Mark, scale: int) -> None:
    stamp = mark_stamp(mark.kind, round(mark.size * scale), mark.role, mark.on)
    page.paste(stamp, (LEFT + round(mark.x * scale), round(mark.y * scale)))


def _text(page: Image.Image, text: Text, scale: int) -> None:
    face = text.face
    stamp = text_stamp(text.text, face.weight, face.size * scale, text.role, text.on)
    if stamp is None:
        return
    image, dx, dy = stamp
    x = text.x - text.w if text.anchor is Anchor.END else text.x
    page.paste(image, (LEFT + round(x * scale) + dx, round(text.y * scale) + dy))
