"""One line of the table: what was measured, beside what it should be and a limit probed in the same minute."""

from collections.abc import Sequence

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """Something measured.

    Attributes:
        part: the part of the bench it belongs to.
        floor: what it must reach, in words; "" for a figure that is only told.
        goal: what would be good.
        limit: what was probed in the same minute, in words, "" for nothing.
        ratio: the measured value as a multiple or share of the limit.
    """

    part: str
    what: str
    value: float
    unit: str
    floor: str = ""
    goal: str = ""
    limit: str = ""
    ratio: float | None = None


_HEADS = ("what", "measured", "floor", "goal", "limit in the same minute", "ratio")


def table(figures: Sequence[Figure]) -> str:
    """Give the figures as lines of text, the parts apart."""
    rows = [_HEADS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    lines = [_line(rows[0], widths), "-" * len(_line(rows[0], widths))]
    before = figures[0].part if figures else ""
    for figure, row in zip(figures, rows[1:], strict=True):
        if figure.part != before:
            lines.append("")
        before = figure.part
        lines.append(_line(row, widths))
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, ...]:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    measured = f"{figure.value:,.{_digits(figure.value)}f} {figure.unit}"
    return (figure.what, measured, figure.floor, figure.goal, figure.limit, ratio)


def _digits(value: float) -> int:
    return 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
    return "  ".join(cells).rstrip()
