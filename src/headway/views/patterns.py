"""The stripes that tell bars apart without colour, as contours in a square tile that repeats."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headway.views.marks import Contour
from headway.views.palette import Family
from headway.views.picture import Pattern

PITCH: Final = 8  # the tile's side


class Stripes(msgspec.Struct, frozen=True):
    """Contours on a ground; ``pale`` ones are on the family's tint."""

    contours: Sequence[Contour]
    pale: bool = False

    def roles(self, family: Family) -> tuple[str, str]:
        """Name the colours of ground and stripes."""
        return (family.tint, "track") if self.pale else (family.value, family.stripe)


STRIPES: Final[Mapping[Pattern, Stripes]] = {
    # Rising lines; the corners complete the line that the tile's edge cuts.
    Pattern.HATCH: Stripes(
        [
            [(0.0, 8.0), (0.0, 6.6), (6.6, 0.0), (8.0, 0.0), (8.0, 1.4), (1.4, 8.0)],
        ]
    ),
    Pattern.COMB: Stripes([[(3.0, 0.0), (4.5, 0.0), (4.5, 8.0), (3.0, 8.0)]]),
    Pattern.OPEN: Stripes(
        [
            [(0.0, 0.0), (4.0, 0.0), (8.0, 4.0), (8.0, 8.0)],
            [(0.0, 4.0), (4.0, 8.0), (0.0, 8.0)],
        ],
        pale=True,
    ),
}
