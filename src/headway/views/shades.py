"""The one palette of every PNG: a number for each colour by name, and for the shades between a colour and its ground.

The numbers are the same for all themes, so that what was once drawn in numbers serves them all.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from headway.views.palette import Family, Theme, colours, mixed, rgb

_TEXT_LEVELS: Final = 8  # shades between text and its ground
_EDGE_LEVELS: Final = 3  # shades at the edges of bars and stripes

#: What is ever written or drawn on what.
_TEXT_PAIRS: Final[Sequence[tuple[str, str]]] = (
    ("ink", "paper"),
    ("muted", "paper"),
    ("ink", "track"),
    *((family.ink, "paper") for family in Family),
    *((family.on, family.value) for family in Family),
    *(("ink", family.tint) for family in Family),
)
_EDGE_PAIRS: Final[Sequence[tuple[str, str]]] = (
    ("track", "paper"),
    *((family.value, "paper") for family in Family),
    *((family.tint, "paper") for family in Family),
    *((family.stripe, family.value) for family in Family),
    *(("track", family.tint) for family in Family),
)


@cache
def numbers() -> Mapping[str, int]:
    """Give the number of each colour; the paper's is 0."""
    return {role: number for number, role in enumerate(colours(Theme.LIGHT))}


@cache
def shades(role: str, on: str) -> Sequence[int]:
    """Give the numbers from the ground ``on`` up to ``role``.

    Raises:
        KeyError: this colour is never drawn on that ground.
    """
    return _shades()[role, on]


@cache
def coverage_table(role: str, on: str) -> Sequence[int]:
    """Give the number for each coverage of 0 to 255, for ``Image.point``."""
    steps = shades(role, on)
    return [steps[round(coverage / 255 * (len(steps) - 1))] for coverage in range(256)]


@cache
def palette_bytes(theme: Theme) -> bytes:
    """Give red, green and blue of every number, as PNG's PLTE chunk has them."""
    table = colours(theme)
    found: dict[int, str] = {numbers()[role]: code for role, code in table.items()}
    for (role, on), steps in _shades().items():
        for place, number in enumerate(steps[1:-1], start=1):
            found[number] = mixed(table[on], table[role], place / (len(steps) - 1))
    return b"".join(bytes(rgb(found[number])) for number in range(len(found)))


@cache
def _shades() -> Mapping[tuple[str, str], Sequence[int]]:
    free = len(numbers())
    found: dict[tuple[str, str], Sequence[int]] = {}
    for pairs, levels in ((_TEXT_PAIRS, _TEXT_LEVELS), (_EDGE_PAIRS, _EDGE_LEVELS)):
        for role, on in pairs:
            between = range(free, free + levels)
            found[role, on] = (numbers()[on], *between, numbers()[role])
            free += levels
    return found
