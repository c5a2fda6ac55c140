"""A picture as values: what stands where, in which colour; SVG and PNG both draw from it and nothing else.

Lengths are whole pixels of the unscaled picture, so that edges are crisp; x goes to the right, y downwards. Colours are names of ``headway.views.palette``.
"""

from enum import StrEnum
from typing import Final

import msgspec

from headway.views.font import Face, elided
from headway.views.marks import MarkKind
from headway.views.palette import Theme

BAR_RADIUS: Final = 3
NARROWEST: Final = 320
WIDEST: Final = 4_000


class Pattern(StrEnum):
    """What tells a bar apart without its colour."""

    PLAIN = "plain"
    HATCH = "hatch"  #: a problem
    COMB = "comb"  #: stalled
    OPEN = "open"  #: no total, so nobody knows how far


class Anchor(StrEnum):
    """Which end of a text its x is; the values are SVG's."""

    START = "start"
    END = "end"


class Box(msgspec.Struct, frozen=True, gc=False):
    """A filled rectangle."""

    x: int
    y: int
    w: int
    h: int
    role: str


class Bar(msgspec.Struct, frozen=True, gc=False):
    """A bar: a track with round corners, filled from the left as far as ``filled``, where its edge is straight."""

    x: int
    y: int
    w: int
    h: int
    filled: int
    role: str
    pattern: Pattern


class Text(msgspec.Struct, frozen=True, gc=False):
    """One line of clean text.

    Attributes:
        y: its baseline.
        role: its colour.
        on: the colour it stands on; the ground under it is of this colour alone.
        w: how wide it is.
    """

    x: int
    y: int
    text: str
    face: Face
    role: str
    on: str
    anchor: Anchor
    w: float


class Mark(msgspec.Struct, frozen=True, gc=False):
    """A small drawn sign in a square; ``x`` and ``y`` are its upper left corner."""

    x: int
    y: int
    size: int
    kind: MarkKind
    role: str
    on: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A whole picture, drawn in the order: boxes, bars, plates, marks, texts.

    Attributes:
        title: what it shows, in a few clean words.
        alt: what it shows, in clean sentences, for those who cannot see it.
        plates: plain ground for text that stands on a pattern.
    """

    width: int
    height: int
    theme: Theme
    title: str
    alt: str
    boxes: tuple[Box, ...] = ()
    bars: tuple[Bar, ...] = ()
    plates: tuple[Box, ...] = ()
    marks: tuple[Mark, ...] = ()
    texts: tuple[Text, ...] = ()


class Draft:
    """A picture being laid out, 320 to 4,000 pixels wide. ``y`` is where the next part begins."""

    def __init__(self, width: int) -> None:
        self.width = min(WIDEST, max(NARROWEST, width))
        self.y = 0
        self.boxes: list[Box] = []
        self.bars: list[Bar] = []
        self.plates: list[Box] = []
        self.marks: list[Mark] = []
        self.texts: list[Text] = []

    def write(
        self,
        x: int,
        y: int,
        text: str,
        face: Face,
        role: str,
        *,
        room: float,
        on: str = "paper",
        anchor: Anchor = Anchor.START,
    ) -> float:
        """Put down as much of the text as there is room for; give its width."""
        shown, width = elided(text, face, room)
        if shown:
            self.texts.append(Text(x, y, shown, face, role, on, anchor, width))
        return width

    def picture(self, *, theme: Theme, title: str, alt: str, bottom: int) -> Picture:
        """Give the finished picture, with ``bottom`` pixels below the last part."""
        return Picture(
            width=self.width,
            height=self.y + bottom,
            theme=theme,
            title=title,
            alt=alt,
            boxes=tuple(self.boxes),
            bars=tuple(self.bars),
            plates=tuple(self.plates),
            marks=tuple(self.marks),
            texts=tuple(self.texts),
        )
