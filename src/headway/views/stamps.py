"""Bars and signs as small images of palette numbers, made once and kept."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from headway.views.marks import CONTOURS, MARK_SIZE, Contour, MarkKind
from headway.views.palette import Family
from headway.views.patterns import PITCH, STRIPES
from headway.views.picture import BAR_RADIUS, Pattern
from headway.views.pixels import Pixels, pixels_of
from headway.views.shades import coverage_table

_FINER: Final = 8  # how much larger shapes are drawn before they are averaged


@lru_cache(maxsize=32)
def track_stamp(width: int, height: int, scale: int) -> Pixels:
    """Give an empty bar."""
    return pixels_of(_rounded(width, height, scale).point(coverage_table("track", "paper")))


@lru_cache(maxsize=48)
def fill_stamp(
    width: int, height: int, scale: int, role: str, pattern: Pattern, phase: tuple[int, int]
) -> Pixels:
    """Give a full bar; a shorter one is its left part. ``phase`` is where in the pattern's tile it begins."""
    shape = _rounded(width, height, scale)
    if pattern is Pattern.PLAIN:
        return pixels_of(shape.point(coverage_table(role, "paper")))
    ground, stripe = STRIPES[pattern].roles(Family(role))
    bar = shape.point(coverage_table(ground, "paper"))
    tile = _shape(STRIPES[pattern].contours, PITCH * scale, PITCH, union=True)
    striped = _tiled(tile.point(coverage_table(stripe, ground)), width, height, phase)
    inside = shape.point([0] * 255 + [255])
    bar.paste(striped, (0, 0), inside)
    return pixels_of(bar)


@lru_cache(maxsize=256)
def mark_stamp(kind: MarkKind, size: int, role: str, on: str) -> Pixels:
    """Give a sign."""
    return pixels_of(_shape(CONTOURS[kind], size, MARK_SIZE).point(coverage_table(role, on)))


def _rounded(width: int, height: int, scale: int) -> Image.Image:
    """Give the coverage of a rectangle with round corners."""
    corner = min(BAR_RADIUS * scale, width // 2, height // 2)
    shape = Image.new("L", (width, height), 255)
    if corner > 0:
        side = 2 * corner
        round_shape = Image.new("L", (side * _FINER, side * _FINER))
        last = side * _FINER - 1
        ImageDraw.Draw(round_shape).ellipse((0, 0, last, last), fill=255)
        round_shape = round_shape.reduce(_FINER)
        right, bottom = width - corner, height - corner
        for x, from_x in ((0, 0), (right, corner)):
            for y, from_y in ((0, 0), (bottom, corner)):
                part = (from_x, from_y, from_x + corner, from_y + corner)
                shape.paste(round_shape.crop(part), (x, y))
    return shape


def _shape(
    contours: Sequence[Contour], size: int, units: float, *, union: bool = False
) -> Image.Image:
    """Give the coverage of contours in a square; where they overlap is a hole, unless ``union``."""
    side = size * _FINER
    factor = side / units
    whole = Image.new("1", (side, side))
    for contour in contours:
        one = Image.new("1", (side, side))
        points = [(x * factor - 0.5, y * factor - 0.5) for x, y in contour]
        ImageDraw.Draw(one).polygon(points, fill=1)
        join = ImageChops.logical_or if union else ImageChops.logical_xor
        whole = join(whole, one)
    return whole.convert("L").reduce(_FINER)


def _tiled(tile: Image.Image, width: int, height: int, phase: tuple[int, int]) -> Image.Image:
    page = Image.new("L", (width, height))
    for y in range(-phase[1], height, tile.height):
        for x in range(-phase[0], width, tile.width):
            page.paste(tile, (x, y))
    return page
