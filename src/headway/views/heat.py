"""Many workers at once: each a small cell coloured by progress, and below, as bars, those that need a look."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headway.views import words
from headway.views.font import BODY, SMALL, STRONG, elided, width_of
from headway.views.header import MARGIN
from headway.views.looks import FAMILIES, Condition, Look, Style
from headway.views.marks import MARK_SIZE, MarkKind
from headway.views.palette import HEAT_STEPS, Family, heat
from headway.views.picture import Anchor, Box, Draft, Mark
from headway.views.rows import MARKS, ONE_COLUMN, lay_rows

ATTENTION_LIMIT: Final = 8  # bars of workers that need a look
CELL_LIMIT: Final = 12_000  # above, several workers share a cell

_LABEL_W: Final = 170
_END_W: Final = 75  # of the first and of the last worker's name
_GAP: Final = 12
_TO: Final = " \u2013 "  # an en dash
_ROUND: Final = 10  # rows have so many cells, or a multiple
_SMALL_PITCH: Final = 8
_LARGEST_PITCH: Final = 20
_LEGEND_HEIGHT: Final = 34
#: The pitch of cells by the most cells that have it.
_PITCHES: Final = ((1_200, 16), (3_000, 12), (CELL_LIMIT, _SMALL_PITCH))
_SMALLEST_MARKED: Final = 10
_CELL_MARKS: Final[Mapping[Condition, MarkKind]] = {
    Condition.PROBLEM: MarkKind.SLASH,
    Condition.STALLED: MarkKind.PIPE,
}
#: The weightiest first: the condition that a cell of several workers has, and the order of those that need a look.
_WEIGHT: Final = (
    Condition.PROBLEM,
    Condition.STALLED,
    Condition.UNFINISHED,
    Condition.RUNNING,
    Condition.DONE,
)


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One worker, or several neighbours."""

    fraction: float
    condition: Condition


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """How the cells are set: ``each`` workers to a cell, ``across`` cells to a row."""

    each: int
    pitch: int
    across: int
    left: int
    percent_right: int

    @property
    def side(self) -> int:
        """Give a cell's side."""
        return self.pitch - 2 if self.pitch > _SMALL_PITCH else self.pitch - 1


def lay_heat(draft: Draft, looks: Sequence[Look], *, style: Style) -> None:
    """Put down the strip, its legend and the bars of those that need a look; ``draft.y`` is then below them."""
    each = -(-len(looks) // CELL_LIMIT)
    cells = [_cell(looks[n : n + each]) for n in range(0, len(looks), each)]
    strip = _strip(draft.width, looks, cells=len(cells), each=each)
    for n in range(0, len(cells), strip.across):
        row = cells[n : n + strip.across]
        # Rows lower than a line of text have a label every second time.
        if strip.pitch >= SMALL.size or n // strip.across % 2 == 0:
            _lay_labels(draft, looks[n * each : (n + strip.across) * each], row, strip)
        _lay_cells(draft, row, strip, style)
        draft.y += strip.pitch
    _lay_legend(draft, looks, strip, style)
    _lay_attention(draft, looks, style)


def _strip(width: int, looks: Sequence[Look], *, cells: int, each: int) -> Strip:
    pitch = next(pitch for most, pitch in _PITCHES if cells <= most)
    label_w = width_of(_range(looks[-2].label, looks[-1].label), SMALL)
    percent_w = round(width_of("100 %", SMALL))
    left = MARGIN + round(max(60, min(_LABEL_W, 0.25 * width, label_w + 30))) + _GAP
    space = width - MARGIN - percent_w - _GAP - left
    fits = space // pitch
    across = fits - fits % _ROUND if fits >= _ROUND else max(1, fits)
    pitch = max(pitch, min(_LARGEST_PITCH, space // across))  # no more empty room than need be
    right = left + across * pitch + _GAP + percent_w
    return Strip(each=each, pitch=pitch, across=across, left=left, percent_right=right)


def _cell(looks: Sequence[Look]) -> Cell:
    if len(looks) == 1:
        return Cell(looks[0].fraction or 0.0, looks[0].condition)
    mean = sum(look.fraction or 0.0 for look in looks) / len(looks)
    return Cell(mean, min((look.condition for look in looks), key=_WEIGHT.index))


def _range(first: str, last: str) -> str:
    """Name a range; what both names begin with is said once: ``worker1`` to ``60``."""
    if first == last:
        return first
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    common = "".join(char for char, _ in same).rstrip("0123456789")
    return f"{elided(first, SMALL, _END_W)[0]}{_TO}{elided(last[len(common) :], SMALL, _END_W)[0]}"


def _role(cell: Cell, style: Style) -> tuple[Family, str]:
    family = FAMILIES[style][cell.condition]
    if cell.condition is Condition.RUNNING:
        return family, heat(family, min(HEAT_STEPS - 1, int(cell.fraction * HEAT_STEPS)))
    return family, family.tint if cell.condition is Condition.UNFINISHED else family


def _lay_labels(draft: Draft, looks: Sequence[Look], row: Sequence[Cell], strip: Strip) -> None:
    base = draft.y + strip.pitch // 2 + 3
    label = _range(looks[0].label, looks[-1].label)
    right = strip.left - _GAP
    draft.write(right, base, label, SMALL, "muted", room=right - MARGIN, anchor=Anchor.END)
    mean = words.percent(sum(cell.fraction for cell in row) / len(row))
    draft.write(strip.percent_right, base, mean, SMALL, "ink", room=100, anchor=Anchor.END)


def _lay_cells(draft: Draft, row: Sequence[Cell], strip: Strip, style: Style) -> None:
    side, y = strip.side, draft.y
    for n, cell in enumerate(row):
        x = strip.left + n * strip.pitch
        family, role = _role(cell, style)
        draft.boxes.append(Box(x, y, side, side, role))
        kind = _CELL_MARKS.get(cell.condition)
        if kind is not None and side >= _SMALLEST_MARKED:
            draft.marks.append(Mark(x, y, side, kind, family.on, role))


def _lay_legend(draft: Draft, looks: Sequence[Look], strip: Strip, style: Style) -> None:
    base = draft.y + 22
    running = FAMILIES[style][Condition.RUNNING]
    x = strip.left
    x += round(draft.write(x, base, "0 %", SMALL, "muted", room=60)) + 6
    roles = [heat(running, step) for step in range(HEAT_STEPS)]
    for role in (*roles, FAMILIES[style][Condition.DONE]):
        draft.boxes.append(Box(x, base - 10, 18, 12, role))
        x += 18
    x += 6
    x += round(draft.write(x, base, "100 %", SMALL, "muted", room=60)) + 2 * _GAP
    counts = dict.fromkeys(Condition, 0)
    for look in looks:
        counts[look.condition] += 1
    for condition, how_many in counts.items():
        if how_many:
            x = _lay_key(draft, f"{how_many:,} {condition}", condition, x, base, style)
    if strip.each > 1:
        text = f"each cell stands for {strip.each:,} workers"
        draft.write(x, base, text, SMALL, "muted", room=draft.width - MARGIN - x)
    draft.y += _LEGEND_HEIGHT


def _lay_key(draft: Draft, text: str, condition: Condition, x: int, base: int, style: Style) -> int:
    ink = FAMILIES[style][condition].ink
    room = draft.width - MARGIN - x - MARK_SIZE - 5
    if room < width_of(text, SMALL):
        return x
    kind = MARKS.get(condition, MarkKind.DOT)
    draft.marks.append(Mark(x, base - 9, MARK_SIZE, kind, ink, "paper"))
    x += MARK_SIZE + 5
    return x + round(draft.write(x, base, text, SMALL, ink, room=room)) + 2 * _GAP


def _lay_attention(draft: Draft, looks: Sequence[Look], style: Style) -> None:
    in_need = [look for look in looks if look.condition.needs_a_look]
    if not in_need:
        return
    in_need.sort(key=lambda look: _WEIGHT.index(look.condition))
    shown = in_need[:ATTENTION_LIMIT]
    base = draft.y + 24
    draft.boxes.append(Box(MARGIN, draft.y, draft.width - 2 * MARGIN, 1, "grid"))
    x = MARGIN + round(draft.write(MARGIN, base, "Worth a look", STRONG, "ink", room=200))
    if len(in_need) > len(shown):
        told = f"{len(shown)} of {len(in_need):,}"
        draft.write(x + _GAP, base, told, BODY, "muted", room=200)
    draft.y += 40
    lay_rows(draft, shown, density=ONE_COLUMN, style=style)
