"""Lists as columns of text."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from headway.cli.output import BOLD, DIM, IN_VAIN, STATE_COLOURS, is_terminal, painted
from headway.core.model.state import FINAL, Reason
from headway.sdk.model import JobSummary
from headway.views.clean import clean
from headway.views.words import REASON_WORDS, duration, ending, percent

_GAP: Final = "  "
_SEVERAL: Final = 2
_TOLD_BY_THE_ERROR: Final = frozenset({"not_started", "staging_failed", "exception"})
_REASONS: Final = {reason.value: words for reason, words in REASON_WORDS.items()}


class Cell(NamedTuple):
    """A cell's text, and the colours it is painted with on a terminal."""

    text: str
    colours: tuple[str, ...] = ()


class Column(NamedTuple):
    """A column's heading; numbers stand to the right."""

    heading: str
    is_number: bool = False


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    """Print rows below a heading. On a terminal the last column is cut off at its edge."""
    lines = [tuple(Cell(column.heading, (BOLD,)) for column in columns), *rows]
    widths = [max(len(line[n].text) for line in lines) for n in range(len(columns))]
    if is_terminal(sys.stdout):
        before = sum(widths[:-1]) + len(_GAP) * (len(columns) - 1)
        widths[-1] = min(widths[-1], max(8, shutil.get_terminal_size().columns - before))
    for line in lines:
        cells = [
            _set(cell, width, column)
            for cell, width, column in zip(line, widths, columns, strict=True)
        ]
        print(_GAP.join(cells).rstrip())


def _set(cell: Cell, width: int, column: Column) -> str:
    text = cell.text if len(cell.text) <= width else cell.text[: width - 1] + "…"
    blanks = " " * (width - len(text))
    shown = painted(text, *cell.colours) if text else ""
    return blanks + shown if column.is_number else shown + blanks


JOB_COLUMNS: Final = (
    Column("NUMBER", is_number=True),
    Column("STATE"),
    Column("DONE", is_number=True),
    Column("AGE", is_number=True),
    Column("TIME", is_number=True),
    Column("NAME"),
)


def print_jobs(jobs: Sequence[JobSummary], *, at: datetime) -> None:
    """Print jobs as of ``at``, each with its cluster when they are on several."""
    rows = [job_row(job, at=at) for job in jobs]
    if len({job.cluster for job in jobs if job.cluster is not None}) < _SEVERAL:
        print_table(JOB_COLUMNS, rows)
        return
    columns = (*JOB_COLUMNS[:-1], Column("CLUSTER"), JOB_COLUMNS[-1])
    places = [Cell(clean(job.cluster or "")) for job in jobs]
    print_table(
        columns, [(*row[:-1], place, row[-1]) for row, place in zip(rows, places, strict=True)]
    )


def called(job: JobSummary) -> str:
    """Give a job's name; an array's element is told from the others by its index."""
    return clean(job.name) if job.index is None else f"{clean(job.name)} [{job.index}]"


def job_row(job: JobSummary, *, at: datetime) -> tuple[Cell, ...]:
    """Give a job's row as of ``at``."""
    labels = "".join(f" #{clean(label)}" for label in job.labels)
    return (
        Cell(str(job.number)),
        Cell(short_state(job), (_state_colour(job),)),
        Cell(_done(job)),
        Cell(duration(max(0.0, (at - job.created).total_seconds())), (DIM,)),
        Cell(running_time(job, at=at)),
        Cell(called(job) + labels),
    )


def _done(job: JobSummary) -> str:
    """Say how far a job is; of one with parts, how many of them have ended, as the page does."""
    if job.children:
        ended = sum(n for state, n in job.children.items() if state in FINAL)
        return f"{ended}/{sum(job.children.values())}"
    return "" if job.progress is None else percent(job.progress)


def _state_colour(job: JobSummary) -> str:
    return IN_VAIN if job.reason == Reason.CANNOT_START else STATE_COLOURS[job.state]


def running_time(job: JobSummary, *, at: datetime) -> str:
    """Say for how long a job has been or was running; empty before it runs."""
    if job.started is None:
        return ""
    return duration(max(0.0, ((job.ended or at) - job.started).total_seconds()))


def short_state(job: JobSummary) -> str:
    """Say where a job is in a word or three: ``failed exit 3``, ``running, being cancelled``."""
    if job.cancel is not None and not job.state.is_final:
        return f"{job.state}, being cancelled"
    if job.reason in {"nonzero_exit", "signal"}:
        told = f"exit {job.exit_code}" if job.signal is None else f"signal {job.signal}"
        return f"{job.state} {told}"
    if job.reason is None or job.reason == "by_user":
        return str(job.state)
    return f"{job.state} {clean(job.reason).replace('_', ' ')}"


def long_state(job: JobSummary) -> str:
    """Say where a job is and why, as a sentence's end: ``failed: exit code 3``."""
    if job.cancel is not None and not job.state.is_final:
        return f"{job.state}, being cancelled"
    why = "" if job.reason is None else _REASONS.get(job.reason, clean(job.reason))
    if job.reason in {"nonzero_exit", "signal"}:
        why = ending(exit_code=job.exit_code, signal=job.signal) or why
    elif job.reason == "by_user" and job.cancel is not None and job.cancel.by:
        why = f"by {clean(job.cancel.by)}"
    return f"{job.state}: {why}" if why else str(job.state)


def told_end(job: JobSummary) -> str:
    """Say how a job ended, as ``long_state``, with the error's words where the reason alone does not help."""
    said = long_state(job)
    if job.error is None or job.reason not in _TOLD_BY_THE_ERROR or not job.error.message:
        return said
    return f"{said}: {clean(job.error.message)}"
