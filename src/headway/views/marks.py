"""The small signs, each drawn as contours in a square of 10 by 10; where contours overlap there is a hole (even-odd)."""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeAlias

Point: TypeAlias = tuple[float, float]
Contour: TypeAlias = Sequence[Point]

MARK_SIZE: Final = 10

_CIRCLE_POINTS: Final = 32


class MarkKind(StrEnum):
    """The signs by what they say."""

    CHECK = "check"  #: done
    ALERT = "alert"  #: a problem
    CLOCK = "clock"  #: stalled, or waiting
    DOT = "dot"  #: running
    CROSS = "cross"  #: cancelled
    SLASH = "slash"  #: a problem, in a cell of the heat strip
    PIPE = "pipe"  #: stalled, in a cell of the heat strip


def _circle(radius: float, centre: Point = (5.0, 5.0)) -> Contour:
    turns = (2 * math.pi * n / _CIRCLE_POINTS for n in range(_CIRCLE_POINTS))
    return [
        (round(centre[0] + radius * math.cos(a), 2), round(centre[1] + radius * math.sin(a), 2))
        for a in turns
    ]


CONTOURS: Final[Mapping[MarkKind, Sequence[Contour]]] = {
    MarkKind.CHECK: [[(0.6, 5.5), (2.0, 4.1), (4.0, 6.1), (8.2, 1.7), (9.6, 3.1), (4.0, 8.9)]],
    MarkKind.ALERT: [
        [(5.0, 0.4), (5.5, 0.7), (9.9, 8.7), (9.6, 9.4), (0.4, 9.4), (0.1, 8.7), (4.5, 0.7)],
        [(4.35, 3.2), (5.65, 3.2), (5.45, 6.2), (4.55, 6.2)],
        _circle(0.75, (5.0, 7.6)),
    ],
    MarkKind.CLOCK: [
        _circle(4.8),
        _circle(3.6),
        [(4.4, 2.4), (5.6, 2.4), (5.6, 4.9), (7.4, 6.0), (6.8, 7.0), (4.4, 5.5)],
    ],
    MarkKind.DOT: [_circle(3.6)],
    MarkKind.CROSS: [
        [
            *[(1.0, 2.4), (2.4, 1.0), (5.0, 3.6), (7.6, 1.0), (9.0, 2.4), (6.4, 5.0)],
            *[(9.0, 7.6), (7.6, 9.0), (5.0, 6.4), (2.4, 9.0), (1.0, 7.6), (3.6, 5.0)],
        ]
    ],
    MarkKind.SLASH: [[(1.6, 7.2), (7.2, 1.6), (8.4, 2.8), (2.8, 8.4)]],
    MarkKind.PIPE: [
        [(3.0, 2.0), (4.2, 2.0), (4.2, 8.0), (3.0, 8.0)],
        [(5.8, 2.0), (7.0, 2.0), (7.0, 8.0), (5.8, 8.0)],
    ],
}
