"""Pillow's inner image, as far as painting needs it."""

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

    def paste(self, source: "Pixels | int", box: tuple[int, int, int, int]) -> None:
        """Lay an image of the box's size, or one value, over a part of this one."""
        ...

    def crop(self, box: tuple[int, int, int, int]) -> "Pixels":
        """Give a copy of a part."""
        ...


def pixels_of(image: Image.Image) -> Pixels:
    """Give an image's pixels."""
    return image.im
