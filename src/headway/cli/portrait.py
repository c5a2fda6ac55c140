"""A job's document as text for people."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from headway.cli.output import BOLD, STATE_COLOURS, painted
from headway.cli.tables import Cell, Column, called, long_state, print_table
from headway.cli.times import now
from headway.lib.jsonvalue import JsonObject
from headway.sdk.model import Attempt, Efficiency, JobDocument, JobFailure, Usage, Worker
from headway.views.clean import clean
from headway.views.words import duration, ending, moment, number, percent, rate, rough, size

_LABEL_WIDTH: Final = 12
_MOST_TEXT: Final = 1000
_MOST_LINES: Final = 100  # of a traceback: the last ones say most

WORKER_COLUMNS: Final = (
    Column("WORKER"),
    Column("DONE", is_number=True),
    Column("CURRENT", is_number=True),
    Column("TOTAL", is_number=True),
    Column("RATE", is_number=True),
    Column("LEFT", is_number=True),
    Column("STATE"),
    Column("TEXT"),
)


def print_job(job: JobDocument, workers: Sequence[Worker]) -> None:
    """Print a job and the first of its workers to stdout."""
    print(painted(f"Job {job.number}", BOLD), called(job))
    for name, text in _facts(job):
        print(f"  {name:<{_LABEL_WIDTH}}{text}")
    for counter in job.counters:
        print(f"  {'counter':<{_LABEL_WIDTH}}{clean(counter.key)} = {clean(str(counter.value))}")
    if job.error is not None and job.error.traceback:
        print()
        for line in job.error.traceback.rstrip().split("\n")[-_MOST_LINES:]:
            indent = len(line) - len(line.lstrip(" "))
            print(" " * min(indent, _MOST_TEXT) + clean(line, _MOST_TEXT))
    if workers:
        print()
        print_table(WORKER_COLUMNS, [worker_row(worker) for worker in workers])
        more = job.workers.count - len(workers)
        if more > 0:
            print(f"… and {more} more")


def worker_row(worker: Worker) -> tuple[Cell, ...]:
    """Give a worker's row."""
    state = "done" if worker.finished else "stalled" if worker.stalled else ""
    problem = Cell("problem", (STATE_COLOURS["failed"],))
    return (
        Cell(clean(worker.id)),
        Cell("" if worker.fraction is None else percent(worker.fraction)),
        Cell(number(worker.current)),
        Cell("" if worker.total is None else number(worker.total)),
        Cell("" if worker.rate_per_s is None else rate(worker.rate_per_s)),
        Cell("" if worker.eta_s is None else rough(worker.eta_s)),
        Cell(state) if worker.ok else problem,
        Cell(clean(worker.desc)),
    )


def _facts(job: JobDocument) -> Iterator[tuple[str, str]]:
    yield "id", job.id
    yield "state", painted(long_state(job), STATE_COLOURS[job.state])
    texts: Mapping[str, str | None] = {
        "status": clean(job.status_text),
        "error": None if job.error is None else _error(job.error),
        "done": None if job.progress is None else percent(job.progress),
        "workers": _workers(job),
        "parts" if job.array is None else "elements": ", ".join(
            f"{count} {state}" for state, count in job.children.items()
        ),
        "owner": clean(job.owner),
        "labels": ", ".join(map(clean, job.labels)),
        "groups": ", ".join(clean(group.name) for group in job.groups),
        "cluster": None if job.cluster is None else clean(job.cluster),
        "native id": None if job.native_id is None else clean(job.native_id),
        "command": clean(shlex.join(job.command), _MOST_TEXT),
        "function": None if job.function is None else _function(job.function),
        "result": _result(job),
        "directory": None if job.directory is None else clean(job.directory),
        "attempt": str(job.attempt) if job.attempt > 1 else None,
        "created": moment(job.created),
        "started": None if job.started is None else moment(job.started),
        "ended": None if job.ended is None else moment(job.ended),
        "time": _time(job),
        "used": None if job.usage is None else _usage(job.usage),
        "efficiency": None if job.efficiency is None else _efficiency(job.efficiency),
        "unheeded": ", ".join(map(clean, job.unheeded)),
        "cloned from": None if job.origin is None else clean(job.origin.job),
        "page": job.links.get("page"),
    }
    yield from ((name, text) for name, text in texts.items() if text)
    for attempt in job.attempts:
        if attempt.no < job.attempt:
            yield f"attempt {attempt.no}", _attempt(attempt)


def _function(function: JsonObject) -> str:
    """Say what a job runs that runs no command."""
    lines = str(function.get("shell") or function.get("source") or "")
    if lines:
        return clean(lines, _MOST_TEXT)
    return f"of Python, {size(int(function.get('pickled_bytes', 0)))} with its data"


def _result(job: JobDocument) -> str | None:
    """Say what a function gave back; one that is long or no JSON has a page of its own."""
    if job.function is None or job.state != "succeeded":
        return None
    opaque = job.result.get("$opaque") if isinstance(job.result, Mapping) else None
    if isinstance(opaque, Mapping):
        kind = clean(str(opaque.get("type") or "JSON"))
        return f"{kind}, {size(int(opaque.get('bytes', 0)))}: {job.links['self']}/result"
    return clean(msgspec.json.encode(job.result).decode(), _MOST_TEXT)


def _error(error: JobFailure) -> str:
    """Say what ended a job: its class too, where it has one."""
    kind = f"{clean(error.type)}: " if error.type else ""
    return kind + clean(error.message, _MOST_TEXT)


def _workers(job: JobDocument) -> str | None:
    tally = job.workers
    if tally.count == 0 and tally.announced is None:
        return None
    expected = "" if tally.announced is None else f" of {tally.announced}"
    problems = f", {tally.not_ok} with a problem" if tally.not_ok else ""
    return f"{tally.count}{expected}, {tally.finished} done{problems}"


def _time(job: JobDocument) -> str | None:
    if job.started is None:
        return None
    return duration(max(0.0, ((job.ended or now()) - job.started).total_seconds()))


def _attempt(attempt: Attempt) -> str:
    """Say how an attempt that is over ended."""
    how = ending(exit_code=attempt.exit_code, signal=attempt.signal) or clean(attempt.message)
    state = "over" if attempt.state is None else str(attempt.state)
    return f"{state}: {how}" if how else state


def _efficiency(efficiency: Efficiency) -> str:
    words = clean(efficiency.words)
    return words if efficiency.suggest is None else f"{words}. {clean(efficiency.suggest)}"


def _usage(usage: Usage) -> str:
    parts = (
        None if usage.cpu_s is None else f"{duration(usage.cpu_s)} of CPU",
        None if usage.max_memory_bytes is None else f"{size(usage.max_memory_bytes)} at most",
    )
    return ", ".join(part for part in parts if part)
