"""Putting plans into the file, and the file's own upkeep. Runs in the writer's thread."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Final

from headway.core.model.names import WorkerId
from headway.stores.sql import statements
from headway.stores.sql.database import Database
from headway.stores.sql.draft import Plan, Row
from headway.stores.sql.job_rows import Value
from headway.stores.sql.ledger import Ledger

_ROWS_AT_ONCE: Final = 32  # in one statement: few enough sizes that all of them stay compiled


def begin(database: Database) -> None:
    """Begin a transaction that will write. Plans are made within it: each question outside would take and give a lock."""
    database.execute("BEGIN IMMEDIATE")


def write(database: Database, plans: Sequence[Plan], ledger: Ledger) -> int:
    """Write plans and commit, durable on return; gives about how many pages that touched."""
    workers: dict[tuple[int, WorkerId], Row] = {}
    jobs = [row for plan in plans for row in plan.jobs]
    labels = [row for plan in plans for row in plan.labels]
    deliveries = [row for plan in plans for row in plan.deliveries]
    events = [row for plan in plans for row in plan.events]
    _put_new(database, statements.INSERT_JOBS, jobs)
    _put(database, statements.insert_labels, labels)
    _put(database, statements.insert_deliveries, deliveries)
    updates: dict[int, dict[str, Value]] = {}
    attempts: dict[tuple[int, int], Row] = {}
    for plan in plans:
        for number, columns in plan.updates.items():
            updates.setdefault(number, {}).update(columns)
        attempts |= plan.attempts
    _update(database, updates)
    _put(database, statements.upsert_attempts, tuple(attempts.values()))
    count = 2 * len(jobs) + len(labels) + 2 * len(deliveries) + len(updates) + len(attempts)
    for plan in plans:
        for sql, values in plan.statements:
            database.execute(sql, values)
        count += len(plan.statements)
        if plan.workers_gone is not None:
            workers = {key: row for key, row in workers.items() if key[0] != plan.workers_gone}
        workers |= plan.workers
    _put(database, statements.upsert_workers, tuple(workers.values()))
    _put_new(database, statements.INSERT_EVENTS, events)
    ledger.write(database)
    database.execute("COMMIT")
    return 2 + count + len(workers) + len(events)


def roll_back(database: Database) -> None:
    """Undo the open transaction, if SQLite has not undone it by itself."""
    if database.in_transaction:
        database.execute("ROLLBACK")


def checkpoint(database: Database) -> None:
    """Copy the log into the file, as far as readers allow; the next commit then starts the log anew."""
    database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _update(database: Database, updates: Mapping[int, Mapping[str, Value]]) -> None:
    """Change jobs' rows: all whose same columns change together. Each row changes once, so their order is no matter."""
    together: dict[tuple[str, ...], list[Row]] = {}
    for number, columns in updates.items():
        together.setdefault(tuple(columns), []).append((number, *columns.values()))
    for names, rows in together.items():
        _put(database, partial(statements.update_jobs, names), rows)


def _put_new(database: Database, insert: statements.Insert, rows: Sequence[Row]) -> None:
    """Write new rows: those that have nothing in the columns where that is common without these."""
    short: list[Row] = []
    whole: list[Row] = []
    for row in rows:
        if insert.rare(row) == insert.nothing:
            short.append(insert.common(row))
        else:
            whole.append(row)
    _put(database, insert.short, short)
    _put(database, insert.whole, whole)


def _put(database: Database, statement: Callable[[int], str], rows: Sequence[Row]) -> None:
    """Write rows, many in a statement: each statement lets other threads run, and waits for its turn again."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        database.execute(statement(len(some)), tuple(chain.from_iterable(some)))
