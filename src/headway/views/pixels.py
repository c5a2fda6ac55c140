"""Pillow's inner image, as far as painting needs it."""

from collections.abc import Sequence
from typing import Protocol

from PIL import Image


class Pixels(Protocol):
    """What stands behind an ``Image``; Pillow cuts off what is pasted beyond the edges.

    ``Image.paste`` costs six times as much, most of it for checks that cannot fail here (measured with Pillow 13).
    """

    @property
    def size(self) -> tuple[int, int]:
        """Give width and height."""
        ...

    def paste(
        self, source: "Pixels | int", box: tuple[int, int, int, int], mask: "Pixels" = ..., /
    ) -> None:
        """Lay an image of the box's size, or one value, over a part of this one, as far as the mask lets it through."""
        ...

    def crop(self, box: tuple[int, int, int, int], /) -> "Pixels":
        """Give a copy of a part."""
        ...

    def copy(self) -> "Pixels":
        """Give a copy."""
        ...

    def getbbox(self) -> tuple[int, int, int, int] | None:
        """Give the smallest box around what is not 0."""
        ...

    def point(self, table: Sequence[int], mode: str, /) -> "Pixels":
        """Give an image in which each value is replaced by the table's."""
        ...


def pixels_of(image: Image.Image) -> Pixels:
    """Give an image's pixels."""
    return image.im
