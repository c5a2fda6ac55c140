"""A job for a terminal: a line for a list, or a head and one bar a worker. No line is wider than asked for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from headway.core.model.job import Job
from headway.core.model.worker import NO_TALLY, STALLED_FLOOR_S, Tally, Worker
from headway.views import words
from headway.views.cells import cells, fitted, shortened
from headway.views.clean import clean
from headway.views.header import facts_of, family_of_state, title_of
from headway.views.looks import FAMILIES, Condition, Look, Style, looks_of
from headway.views.palette import Family

NARROWEST: Final = 20  # cells

_LONGEST_BAR: Final = 40
_SHORTEST_BAR: Final = 12  # rather than a shorter one remarks are brief
_SHORTEST_TEXT: Final = 6  # rather than a shorter piece nothing is shown
_SHORT_TEXT: Final = 16  # what a bar leaves room for
_MARK_W: Final = 2
_PERCENT_W: Final = 5
_STATE_W: Final = 9
_NUMBER_W: Final = 6
_GAP: Final = "  "

#: Select Graphic Rendition parameters (ECMA-48, 8.3.117).
_SGR: Final[Mapping[Family, str]] = {
    Family.OK: "32",
    Family.PROBLEM: "31",
    Family.STALLED: "90",
    Family.RUNNING: "34",
    Family.WARNING: "33",
}
_BOLD: Final = "1"
_DIM: Final = "2"

_EIGHTHS: Final = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


class Terminal(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader's terminal can show: so many cells a line, colours or not, more than ASCII or not."""

    width: int = 80
    colour: bool = False
    unicode: bool = True

    @property
    def ellipsis(self) -> str:
        """Give what stands for what was cut off."""
        return "…" if self.unicode else "..."

    def shown(self, text: str) -> str:
        """Give foreign text fit for this terminal: clean, and in ASCII when it knows no more."""
        text = clean(text)
        return text if self.unicode else text.encode("ascii", "replace").decode("ascii")

    def plain(self, text: str) -> str:
        """Give our own words fit for this terminal."""
        return text if self.unicode else text.replace("·", "-")

    def painted(self, text: str, sgr: str) -> str:
        """Give the text in a colour, where there are colours."""
        return f"\x1b[{sgr}m{text}\x1b[0m" if self.colour and sgr and text.strip() else text


class _Signs(msgspec.Struct, frozen=True):
    """What bars are made of."""

    fill: Mapping[Condition, str]
    open: str
    track: str
    marks: Mapping[Condition, str]


_UNICODE: Final = _Signs(
    {Condition.PROBLEM: "▓", Condition.STALLED: "▒"},
    "╌",
    "░",
    {Condition.DONE: "✓", Condition.PROBLEM: "!", Condition.STALLED: "?"},
)
_ASCII: Final = _Signs(
    {Condition.PROBLEM: "x", Condition.STALLED: "="},
    "~",
    ".",
    {Condition.DONE: "*", Condition.PROBLEM: "!", Condition.STALLED: "?"},
)


def bar(
    fraction: float | None,
    width: int,
    *,
    condition: Condition = Condition.RUNNING,
    unicode: bool = True,
) -> str:
    """Give a bar of exactly ``width`` cells; in steps of an eighth of a cell where it is plain and there is Unicode.

    It is full only at 1.0, and never quite empty when it tells of trouble. Without a fraction it is a dashed line. In
    ASCII two of the cells are brackets.
    """
    signs = _UNICODE if unicode else _ASCII
    inside = width if unicode else max(0, width - 2)
    sign = signs.fill.get(condition)
    if fraction is None:
        drawn = signs.open * inside
    elif sign is None and unicode:
        whole, eighths = divmod(int(fraction * inside * 8 + 1e-9), 8)
        drawn = "█" * whole + _EIGHTHS[eighths]
    elif sign is None:
        drawn = "#" * int(fraction * inside + 1e-9)
    else:
        drawn = sign * max(1, int(fraction * inside + 1e-9))
    drawn += signs.track * (inside - len(drawn))
    return drawn if unicode else f"[{drawn}]"


def job_line(
    job: Job,
    tally: Tally = NO_TALLY,
    *,
    at: datetime,
    terminal: Terminal = Terminal(),  # noqa: B008 - a frozen value
    style: Style = Style.STATUS,
) -> str:
    """Give one line for a list: number, state, bar, percentage, name, and the rest of the state's words."""
    family = family_of_state(job.state, style)
    number = f"{job.number or '':>{_NUMBER_W}}"
    state = fitted(job.state, _STATE_W, ellipsis=terminal.ellipsis)
    progress = tally.progress_in(job.state)
    percent = "" if progress is None else words.percent(progress)
    line = _Line(terminal)
    line.add(number, _DIM)
    line.add(_GAP + state, _SGR[family])
    if terminal.width >= 60:  # noqa: PLR2004 - narrower ones keep their room for the name
        drawn = " " * 10
        if progress is not None:
            drawn = bar(progress, 10, unicode=terminal.unicode)
        line.add(_GAP + drawn, _SGR[family])
    line.add(f"{percent:>{_PERCENT_W + 1}}", _BOLD)
    line.add(_GAP + terminal.shown(title_of(job)))
    told = words.state_words(job).removeprefix(job.state).removeprefix(":").removeprefix(",")
    spent = words.duration(words.elapsed_s(job, at=at))
    line.add(_GAP + terminal.shown(told or spent), _DIM)
    return line.text()


def job_lines(
    job: Job,
    workers: Sequence[Worker],
    tally: Tally,
    *,
    at: datetime,
    terminal: Terminal = Terminal(),  # noqa: B008 - a frozen value
    style: Style = Style.HEALTH,
    limit: int | None = None,
    stalled_floor_s: float = STALLED_FLOOR_S,
) -> list[str]:
    """Give the job's name, its state with the facts, what it says itself, and one line a worker.

    Args:
        limit: at most so many workers, those that need a look first; a last line says how many more there are.
    """
    looks = looks_of(workers, job=job, at=at, floor_s=stalled_floor_s)
    lines = _head(job, looks, tally, at=at, terminal=terminal, style=style)
    shown = looks if limit is None or len(looks) <= limit else _worth(looks, limit)
    lines.extend(worker_lines(shown, terminal=terminal, style=style))
    if len(shown) < tally.workers:
        rest = words.count(max(len(looks), tally.workers) - len(shown), "more worker")
        lines.append(terminal.painted(shortened(rest, terminal.width), _DIM))
    return lines


def worker_lines(
    looks: Sequence[Look],
    *,
    terminal: Terminal = Terminal(),  # noqa: B008 - a frozen value
    style: Style = Style.HEALTH,
) -> list[str]:
    """Give one line a worker, aligned: label, bar, percentage, mark and remark, its own text."""
    if not looks:
        return []
    width = max(NARROWEST, terminal.width)
    remarks = [terminal.plain(look.remark) for look in looks]
    columns = _columns(looks, remarks, width, terminal)
    if columns.bar < _SHORTEST_BAR:
        remarks = [terminal.plain(look.brief) for look in looks]
        columns = _columns(looks, remarks, width, terminal)
    return [
        _worker_line(look, remark, columns, terminal, style)
        for look, remark in zip(looks, remarks, strict=True)
    ]


class _Columns(msgspec.Struct, frozen=True, gc=False):
    """How many cells each part of a worker's line has."""

    label: int
    bar: int
    remark: int


def _columns(
    looks: Sequence[Look], remarks: Sequence[str], width: int, terminal: Terminal
) -> _Columns:
    label = min(max(cells(terminal.shown(look.label)) for look in looks), width // 4)
    remark = min(max(map(cells, remarks)) + _MARK_W, width // 3)
    text = min(max(cells(look.text) for look in looks), _SHORT_TEXT)
    rest = width - label - _PERCENT_W - 1 - remark - len(_GAP) * (3 if text else 2)
    return _Columns(label, max(4, min(_LONGEST_BAR, rest - text)), remark)


class _Line:
    """A line that grows until the terminal's width is used up."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._room = max(NARROWEST, terminal.width)
        self._parts: list[tuple[str, str]] = []

    def add(self, text: str, sgr: str = "") -> None:
        """Add as much of the text as there is room for; where that is next to nothing, nothing."""
        if cells(text) > self._room < _SHORTEST_TEXT:
            self._room = 0
            return
        text = shortened(text, self._room, ellipsis=self._terminal.ellipsis)
        self._room -= cells(text)
        self._parts.append((text, sgr))

    def text(self) -> str:
        while self._parts and not self._parts[-1][0].strip():
            self._parts.pop()
        if self._parts:
            text, sgr = self._parts[-1]
            self._parts[-1] = (text.rstrip(), sgr)
        return "".join(self._terminal.painted(text, sgr) for text, sgr in self._parts)


def _worker_line(
    look: Look, remark: str, columns: _Columns, terminal: Terminal, style: Style
) -> str:
    sgr = _SGR[FAMILIES[style][look.condition]]
    mark = (_UNICODE if terminal.unicode else _ASCII).marks.get(look.condition, "")
    line = _Line(terminal)
    line.add(fitted(terminal.shown(look.label), columns.label, ellipsis=terminal.ellipsis))
    drawn = bar(look.fraction, columns.bar, condition=look.condition, unicode=terminal.unicode)
    line.add(_GAP + drawn, sgr)
    line.add(f"{look.percent:>{_PERCENT_W + 1}}", _BOLD)
    told = fitted(f"{mark or ' '} {remark}", columns.remark, ellipsis=terminal.ellipsis)
    line.add(_GAP + told, sgr if mark else _DIM)
    line.add(_GAP + terminal.shown(terminal.plain(look.text)))
    return line.text()


def _head(
    job: Job,
    looks: Sequence[Look],
    tally: Tally,
    *,
    at: datetime,
    terminal: Terminal,
    style: Style,
) -> list[str]:
    title = _Line(terminal)
    progress = tally.progress_in(job.state)
    percent = "" if progress is None else _GAP + words.percent(progress)
    room = max(NARROWEST, terminal.width) - len(percent)
    title.add(shortened(terminal.shown(title_of(job)), room, ellipsis=terminal.ellipsis), _BOLD)
    title.add(percent, _BOLD)
    state = _Line(terminal)
    state.add(terminal.shown(words.state_words(job)), _SGR[family_of_state(job.state, style)])
    for fact in facts_of(job, looks, tally, at=at):
        state.add(terminal.plain(" · ") + fact, _DIM)
    lines = [title.text(), state.text()]
    if job.status_text:
        said = _Line(terminal)
        said.add(terminal.shown(job.status_text))
        lines.append(said.text())
    return lines


def _worth(looks: Sequence[Look], limit: int) -> list[Look]:
    """Choose so many looks, those that need a look first, the finished last; in their natural order."""
    order = {Condition.PROBLEM: 0, Condition.STALLED: 1, Condition.DONE: 3}
    ranked = sorted(range(len(looks)), key=lambda place: order.get(looks[place].condition, 2))
    return [looks[place] for place in sorted(ranked[: max(0, limit)])]
