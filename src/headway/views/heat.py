"""Many workers at once: each a small cell coloured by progress, and below, as bars, those that need a look."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headway.views import words
from headway.views.font import BODY, SMALL, STRONG, elided, width_of
from headway.views.header import MARGIN
from headway.views.looks import FAMILIES, Condition, Look, Style
from headway.views.marks import MARK_SIZE, MarkKind
from headway.views.palette import HEAT_STEPS, Family, heat
from headway.views.picture import Anchor, Box, Draft, Mark, Text
from headway.views.rows import MARKS, ONE_COLUMN, lay_rows

ATTENTION_LIMIT: Final = 8  # bars of workers that need a look
CELL_LIMIT: Final = 12_000  # above, several workers share a cell

_LABEL_W: Final = 150
_GAP: Final = 12
_LEGEND_HEIGHT: Final = 34
#: The pitch of cells by the most cells that have it.
_PITCHES: Final = ((1_200, 16), (3_000, 12), (CELL_LIMIT, 8))
_CELL_MARKS: Final[Mapping[Condition, MarkKind]] = {
    Condition.PROBLEM: MarkKind.SLASH,
    Condition.STALLED: MarkKind.PIPE,
}
_SMALLEST_MARKED: Final = 10
#: The weightiest first: the condition that a cell of several workers has, and the order of those that need a look.
_WEIGHT: Final = (
    Condition.PROBLEM,
    Condition.STALLED,
    Condition.UNFINISHED,
    Condition.RUNNING,
    Condition.DONE,
)


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One or more neighbouring workers."""

    fraction: float
    condition: Condition


def lay_heat(draft: Draft, looks: Sequence[Look], *, style: Style) -> None:
    """Put down the strip, its legend and the bars of those that need a look; ``draft.y`` is then below them."""
    each = -(-len(looks) // CELL_LIMIT)
    cells = [_cell(looks[n : n + each]) for n in range(0, len(looks), each)]
    pitch = next(pitch for most, pitch in _PITCHES if len(cells) <= most)
    label_w = min(_LABEL_W, max(width_of(_range(looks[0], looks[-1]), SMALL), 60))
    percent_w = width_of("100 %", SMALL)
    left = MARGIN + round(label_w) + _GAP
    fits = int((draft.width - MARGIN - percent_w - _GAP - left) // pitch)
    across = max(1, fits - fits % 10 if fits >= 10 else fits)
    for n in range(0, len(cells), across):
        row = cells[n : n + across]
        mine = looks[n * each : (n + across) * each]
        _lay_cells(draft, row, left, pitch, style)
        base = draft.y + round(pitch / 2) + 3
        if pitch >= SMALL.size or (n // across) % 2 == 0:
            draft.write(
                left - _GAP,
                base,
                _range(mine[0], mine[-1]),
                SMALL,
                "muted",
                room=left - _GAP - MARGIN,
                anchor=Anchor.END,
            )
            mean = sum(cell.fraction for cell in row) / len(row)
            end = left + across * pitch + _GAP + percent_w
            draft.write(
                end, base, words.percent(mean), SMALL, "ink", room=100, anchor=Anchor.END
            )
        draft.y += pitch
    _lay_legend(draft, looks, left, each, style)
    _lay_attention(draft, looks, style)


def _cell(looks: Sequence[Look]) -> Cell:
    if len(looks) == 1:
        return Cell(looks[0].fraction or 0.0, looks[0].condition)
    mean = sum(look.fraction or 0.0 for look in looks) / len(looks)
    return Cell(mean, min((look.condition for look in looks), key=_WEIGHT.index))


def _range(first: Look, last: Look) -> str:
    if first.label == last.label:
        return first.label
    return f"{elided(first.label, SMALL, 70)[0]} – {elided(last.label, SMALL, 70)[0]}"


def _role(cell: Cell, style: Style) -> tuple[Family, str]:
    family = FAMILIES[style][cell.condition]
    if cell.condition is Condition.RUNNING:
        step = min(HEAT_STEPS - 1, int(cell.fraction * HEAT_STEPS))
        return family, heat(family, step)
    if cell.condition is Condition.UNFINISHED:
        return family, family.tint
    return family, family.value


def _lay_cells(draft: Draft, row: Sequence[Cell], left: float, pitch: int, style: Style) -> None:
    side = pitch - 2 if pitch > 8 else pitch - 1
    y = draft.y
    for n, cell in enumerate(row):
        family, role = _role(cell, style)
        draft.boxes.append(Box(left + n * pitch, y, side, side, role))
        kind = _CELL_MARKS.get(cell.condition)
        if kind is not None and side >= _SMALLEST_MARKED:
            draft.marks.append(Mark(left + n * pitch, y, side, kind, family.on, role))


def _lay_legend(draft: Draft, looks: Sequence[Look], left: float, each: int, style: Style) -> None:
    base = draft.y + 22
    running = FAMILIES[style][Condition.RUNNING]
    x: float = left
    x += draft.write(x, base, "0 %", SMALL, "muted", room=60) + 6
    roles = [heat(running, step) for step in range(HEAT_STEPS)]
    for role in (*roles, FAMILIES[style][Condition.DONE].value):
        draft.boxes.append(Box(round(x), base - 10, 18, 12, role))
        x += 18
    x += 6
    x += draft.write(x, base, "100 %", SMALL, "muted", room=60) + 2 * _GAP
    for condition in Condition:
        how_many = sum(1 for look in looks if look.condition is condition)
        if how_many:
            x = _lay_key(draft, f"{how_many:,} {condition.value}", condition, x, base, style)
    if each > 1:
        text = f"each cell stands for {each:,} workers"
        draft.write(x, base, text, SMALL, "muted", room=max(0.0, draft.width - MARGIN - x))
    draft.y += _LEGEND_HEIGHT


def _lay_key(
    draft: Draft, text: str, condition: Condition, x: float, base: float, style: Style
) -> float:
    family = FAMILIES[style][condition]
    kind = MARKS.get(condition, MarkKind.DOT)
    room = draft.width - MARGIN - x - MARK_SIZE - 5
    if room < width_of(text, SMALL):
        return x
    draft.marks.append(Mark(round(x), base - 9, MARK_SIZE, kind, family.ink, "paper"))
    x = round(x) + MARK_SIZE + 5
    return x + draft.write(x, base, text, SMALL, family.ink, room=room) + 2 * _GAP


def _lay_attention(draft: Draft, looks: Sequence[Look], style: Style) -> None:
    in_need = [look for look in looks if look.condition.needs_a_look]
    if not in_need:
        return
    in_need.sort(key=lambda look: _WEIGHT.index(look.condition))
    shown = in_need[:ATTENTION_LIMIT]
    base = draft.y + 22
    draft.boxes.append(Box(MARGIN, draft.y, draft.width - 2 * MARGIN, 1, "grid"))
    title = "Worth a look"
    draft.write(MARGIN, base, title, STRONG, "ink", room=200)
    if len(in_need) > len(shown):
        told = f"{len(shown)} of {len(in_need):,}"
        x = MARGIN + width_of(title, STRONG) + _GAP
        draft.texts.append(
            Text(round(x, 1), base, told, BODY, "muted", "paper", Anchor.START, width_of(told, BODY))
        )
    draft.y += 38
    lay_rows(draft, shown, density=ONE_COLUMN, style=style)
