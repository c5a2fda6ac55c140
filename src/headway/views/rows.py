"""Bars one below the other, in one column or several: label, bar with its text, percentage, remark."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headway.views.font import BODY, SMALL, SMALL_STRONG, STRONG, Face, elided, width_of
from headway.views.header import MARGIN
from headway.views.looks import FAMILIES, Condition, Look, Style
from headway.views.marks import MARK_SIZE, MarkKind
from headway.views.palette import Family
from headway.views.picture import Anchor, Bar, Box, Draft, Mark, Pattern, Text

_INSET: Final = 7  # from a bar's edge to its text
_PLATE: Final = 4  # plain ground left and right of a text on a pattern
_GAP: Final = 10
_PERCENT_GAP: Final = 8
_SHORTEST_TEXT: Final = 24
_SHORTEST_PATTERN: Final = 6
_AXIS_HEIGHT: Final = 26
_BRIEF: Final = 460  # a column with room for brief remarks only
_NARROW: Final = 300  # a column without room for remarks, but for their signs
_NARROWEST: Final = 200  # a column of a picture that is narrower than usual
_SHORT_AXIS: Final = 150  # a bar too short for five numbers below it

_PATTERNS: Final[Mapping[Condition, Pattern]] = {
    Condition.RUNNING: Pattern.PLAIN,
    Condition.DONE: Pattern.PLAIN,
    Condition.PROBLEM: Pattern.HATCH,
    Condition.STALLED: Pattern.COMB,
    Condition.UNFINISHED: Pattern.PLAIN,
}
MARKS: Final[Mapping[Condition, MarkKind]] = {
    Condition.DONE: MarkKind.CHECK,
    Condition.PROBLEM: MarkKind.ALERT,
    Condition.STALLED: MarkKind.CLOCK,
}


class Density(msgspec.Struct, frozen=True, gc=False):
    """How closely rows are set."""

    columns: int
    row: int
    bar: int
    face: Face
    strong: Face
    baseline: int  # from a row's bar's upper edge
    brief: bool = False  # whether remarks are
    column_gap: int = 36


ONE_COLUMN: Final = Density(1, 28, 20, BODY, STRONG, 15)
TWO_COLUMNS: Final = Density(2, 20, 16, SMALL, SMALL_STRONG, 12)
FOUR_COLUMNS: Final = Density(4, 18, 15, SMALL, SMALL_STRONG, 12, brief=True)


class Column(msgspec.Struct, frozen=True, gc=False):
    """Where in a row things stand. ``remark_x`` is None where there is no room for remarks."""

    label_right: int
    label_w: float
    bar_x: int
    bar_w: int
    percent_right: int
    remark_x: int | None
    remark_w: int
    brief: bool


def lay_rows(draft: Draft, looks: Sequence[Look], *, density: Density, style: Style) -> None:
    """Put down the rows, column by column, with an axis below each; ``draft.y`` is then below them."""
    room = draft.width - 2 * MARGIN
    fitting = (room + density.column_gap) // (_NARROWEST + density.column_gap)
    columns = max(1, min(density.columns, len(looks), fitting))
    per_column = -(-len(looks) // columns)
    space = room - (columns - 1) * density.column_gap
    first = _column(looks, space // columns, density)
    top = draft.y
    for place in range(-(-len(looks) // per_column)):
        column = _moved(first, MARGIN + place * (space // columns + density.column_gap))
        mine = looks[place * per_column : (place + 1) * per_column]
        _lay_grid(draft, column, top, per_column * density.row, density)
        for n, look in enumerate(mine):
            _lay_row(draft, look, column, top + n * density.row, density, style)
    draft.y = top + per_column * density.row + _AXIS_HEIGHT


def _column(looks: Sequence[Look], width: int, density: Density) -> Column:
    labels = max(width_of(look.label, density.face) for look in looks)
    brief = density.brief or width < _BRIEF
    remarks = max(width_of(look.brief if brief else look.remark, density.face) for look in looks)
    label_w = min(labels, 0.26 * width)
    percent_w = width_of("100 %", density.strong)
    remark_w = round(min(remarks + MARK_SIZE + 6, 0.3 * width))
    if width < _NARROW:
        remark_w = MARK_SIZE if any(look.condition in MARKS for look in looks) else 0
    bar_x = round(label_w + _GAP)
    right = width - (remark_w + _GAP if remark_w else 0)
    bar_w = round(right - percent_w - _PERCENT_GAP - bar_x)
    return Column(
        label_right=bar_x - _GAP,
        label_w=label_w,
        bar_x=bar_x,
        bar_w=max(bar_w, 20),
        percent_right=right,
        remark_x=right + _GAP if remark_w else None,
        remark_w=remark_w,
        brief=brief,
    )


def _moved(column: Column, x: int) -> Column:
    return msgspec.structs.replace(
        column,
        label_right=column.label_right + x,
        bar_x=column.bar_x + x,
        percent_right=column.percent_right + x,
        remark_x=None if column.remark_x is None else column.remark_x + x,
    )


def _lay_grid(draft: Draft, column: Column, top: int, height: int, density: Density) -> None:
    bottom = top + height - (density.row - density.bar) + 5
    shares = (0, 25, 50, 75, 100) if column.bar_w >= _SHORT_AXIS else (0, 50, 100)
    for share in shares:
        x = column.bar_x + round((column.bar_w - 1) * share / 100)
        draft.boxes.append(Box(x, top - 4, 1, bottom - top + 4, "grid"))
        text = f"{share} %" if share in (0, 100) else f"{share}"
        half = width_of(text, SMALL) / 2
        draft.write(round(x - half), bottom + 13, text, SMALL, "muted", room=100)


def _lay_row(
    draft: Draft, look: Look, column: Column, y: int, density: Density, style: Style
) -> None:
    family = FAMILIES[style][look.condition]
    base = y + density.baseline
    draft.write(
        column.label_right,
        base,
        look.label,
        density.face,
        "ink",
        room=column.label_w,
        anchor=Anchor.END,
    )
    _lay_bar(draft, look, family, column, y, density)
    if look.fraction is not None:
        draft.write(
            column.percent_right,
            base,
            look.percent,
            density.strong,
            "ink",
            room=column.bar_w,
            anchor=Anchor.END,
        )
    if column.remark_x is not None:
        _lay_remark(draft, look, family, column, base, density)


def _lay_bar(
    draft: Draft, look: Look, family: Family, column: Column, y: int, density: Density
) -> None:
    pattern = _PATTERNS[look.condition] if look.fraction is not None else Pattern.OPEN
    # A pattern is seen at 0 % too.
    least = 0 if pattern is Pattern.PLAIN else _SHORTEST_PATTERN
    filled = max(least, round(column.bar_w * (1.0 if look.fraction is None else look.fraction)))
    draft.bars.append(Bar(column.bar_x, y, column.bar_w, density.bar, filled, family, pattern))
    if not look.text:
        return
    ground = family.tint if pattern is Pattern.OPEN else family
    ink = "ink" if pattern is Pattern.OPEN else family.on
    room, rest = filled - 2 * _INSET, column.bar_w - filled - 2 * _INSET
    text, width = elided(look.text, density.face, max(room, rest))
    if width <= room:
        x = column.bar_x + _INSET
        if pattern is not Pattern.PLAIN:
            plate = round(width) + 2 * _PLATE
            draft.plates.append(Box(x - _PLATE, y + 2, plate, density.bar - 4, ground))
    elif max(room, rest) >= _SHORTEST_TEXT:
        x, ink, ground = column.bar_x + filled + _INSET, "ink", "track"
    else:
        return
    base = y + density.baseline
    draft.texts.append(Text(x, base, text, density.face, ink, ground, Anchor.START, width))


def _lay_remark(
    draft: Draft, look: Look, family: Family, column: Column, base: int, density: Density
) -> None:
    x, room = column.remark_x or 0, column.remark_w
    kind = MARKS.get(look.condition)
    if kind is not None:
        draft.marks.append(Mark(x, base - 9, MARK_SIZE, kind, family.ink, "paper"))
        x, room = x + MARK_SIZE + 6, room - MARK_SIZE - 6
    told = look.brief if column.brief else look.remark
    draft.write(x, base, told, density.face, family.ink if kind else "muted", room=room)
