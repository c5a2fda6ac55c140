"""What a live client missed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from headway.core.model.change import Written
from headway.core.model.event import Event
from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq
from headway.core.model.selection import Selection, Visibility
from headway.core.model.worker import Counter, Worker
from headway.stores.sql.codes import id_of, sought_bytes
from headway.stores.sql.database import Database, snapshot
from headway.stores.sql.group_queries import has_changed
from headway.stores.sql.job_rows import SELECTED, job_of
from headway.stores.sql.ledger import Ledger
from headway.stores.sql.pages import Clause, add_groups, add_parent, rest_of, visible
from headway.stores.sql.queries import read_counters
from headway.stores.sql.rows import EVENT_COLUMNS, WORKER_COLUMNS, event_of, worker_of

# ruff: noqa: S608 -- every name put into these texts is one of our own columns


def _of(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{name.strip()}" for name in columns.split(","))


_WORKER: Final = _of("worker", WORKER_COLUMNS)
_EVENT: Final = _of("event", EVENT_COLUMNS)


@dataclass
class _Missed:
    """What happened at one sequence."""

    jobs: list[Job] = field(default_factory=list)
    gone: list[JobId] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    counters: list[Counter] = field(default_factory=list)
    counters_of: JobId | None = None
    events: list[Event] = field(default_factory=list)


def read_changed_since(
    database: Database,
    seq: Seq,
    selection: Selection,
    visibility: Visibility,
    *,
    job: JobId | None,
    limit: int,
) -> Sequence[Written] | None:
    """Read what changed after ``seq``; see Store.changed_since."""
    with snapshot(database):
        if seq < Ledger.read(database).floor:
            return None
        if job is None and any(has_changed(database, one, seq) for one in selection.groups):
            return None
        return _read(database, seq, selection, visibility, job=job, limit=limit)


def _read(
    database: Database,
    seq: Seq,
    selection: Selection,
    visibility: Visibility,
    *,
    job: JobId | None,
    limit: int,
) -> Sequence[Written] | None:
    wanted = rest_of(selection, visibility) if job is None else visible(visibility)
    if job is not None:
        wanted.add("job.id = ?", sought_bytes(job))
    missed: dict[Seq, _Missed] = {}
    left = limit
    for collect in (_jobs, _workers, _counters, _events):
        left -= collect(database, seq, wanted, left + 1, missed)
        if left < 0:
            return None
    if job is None:
        seen = visible(visibility)
        add_parent(seen, selection)  # which never changes
        add_groups(seen, selection)  # which have not changed
        if _gone(database, seq, wanted, seen, left + 1, missed) > left:
            return None
    return [
        Written(
            seq=at,
            jobs=tuple(one.jobs),
            gone=tuple(one.gone),
            workers=tuple(one.workers),
            counters=tuple(one.counters),
            counters_of=one.counters_of,
            events=tuple(one.events),
        )
        for at, one in sorted(missed.items())
    ]


def _jobs(
    database: Database, seq: Seq, wanted: Clause, limit: int, missed: dict[Seq, _Missed]
) -> int:
    sql = (
        f"SELECT {SELECTED} FROM job INDEXED BY job_seq LEFT JOIN spec ON spec.id = job.spec"
        f" WHERE job.seq > ? AND {wanted.text()} ORDER BY job.seq, job.number LIMIT ?"
    )
    rows = database.execute(sql, (seq, *wanted.values, limit)).fetchall()
    for row in rows:
        job = job_of(row)
        missed.setdefault(job.seq, _Missed()).jobs.append(job)
    return len(rows)


def _gone(
    database: Database,
    seq: Seq,
    wanted: Clause,
    seen: Clause,
    limit: int,
    missed: dict[Seq, _Missed],
) -> int:
    """Collect those that changed, are seen and not selected. A job that never changed cannot have been selected before."""
    sql = (
        "SELECT job.seq, job.id FROM job INDEXED BY job_seq WHERE job.seq > ? AND job.rev > 1"
        f" AND {seen.text()} AND ({wanted.text()}) IS NOT TRUE ORDER BY job.seq, job.number LIMIT ?"
    )
    rows = database.execute(sql, (seq, *seen.values, *wanted.values, limit)).fetchall()
    for at, stored in rows:
        missed.setdefault(at, _Missed()).gone.append(id_of(stored))
    return len(rows)


def _workers(
    database: Database, seq: Seq, wanted: Clause, limit: int, missed: dict[Seq, _Missed]
) -> int:
    sql = (
        f"SELECT {_WORKER}, job.id FROM worker INDEXED BY worker_seq"
        " CROSS JOIN job ON job.number = worker.job"
        f" WHERE worker.seq > ? AND {wanted.text()} ORDER BY worker.seq, worker.id LIMIT ?"
    )
    rows = database.execute(sql, (seq, *wanted.values, limit)).fetchall()
    for row in rows:
        worker = worker_of(id_of(row[-1]), row)
        missed.setdefault(worker.seq, _Missed()).workers.append(worker)
    return len(rows)


def _counters(
    database: Database, seq: Seq, wanted: Clause, limit: int, missed: dict[Seq, _Missed]
) -> int:
    sql = (
        "SELECT counted.seq, job.id FROM counted INDEXED BY counted_seq"
        " CROSS JOIN job ON job.number = counted.job"
        f" WHERE counted.seq > ? AND {wanted.text()} ORDER BY counted.seq LIMIT ?"
    )
    rows = database.execute(sql, (seq, *wanted.values, limit)).fetchall()
    for at, stored in rows:
        job_id = id_of(stored)
        one = missed.setdefault(at, _Missed())
        one.counters_of = job_id
        one.counters = read_counters(database, job_id)
    return len(rows)


def _events(
    database: Database, seq: Seq, wanted: Clause, limit: int, missed: dict[Seq, _Missed]
) -> int:
    sql = (
        f"SELECT {_EVENT}, job.id FROM event CROSS JOIN job ON job.number = event.job"
        f" WHERE event.seq > ? AND {wanted.text()} ORDER BY event.seq LIMIT ?"
    )
    rows = database.execute(sql, (seq, *wanted.values, limit)).fetchall()
    for row in rows:
        event = event_of(id_of(row[-1]), row)
        missed.setdefault(event.seq, _Missed()).events.append(event)
    return len(rows)
