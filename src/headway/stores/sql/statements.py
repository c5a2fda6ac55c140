"""The statements that write, each compiled once a connection."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

from headway.stores.sql.delivery_rows import DELIVERY_COLUMNS
from headway.stores.sql.job_rows import INSERTED
from headway.stores.sql.rows import (
    ATTEMPT_COLUMNS,
    COUNTER_COLUMNS,
    EVENT_COLUMNS,
    FILTER_COLUMNS,
    TOKEN_COLUMNS,
    WORKER_COLUMNS,
)


def _insert(table: str, columns: str, *, rows: int = 1) -> str:
    places = f"({', '.join('?' for _ in columns.split(','))})"
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([places] * rows)}"  # noqa: S608 -- our own names


def _upsert(table: str, columns: str, *, key: str, rows: int = 1) -> str:
    names = [name.strip() for name in columns.split(",")]
    keys = [name.strip() for name in key.split(",")]
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    return f"{_insert(table, columns, rows=rows)} ON CONFLICT ({key}) DO UPDATE SET {updates}"


INSERT_SPEC: Final = _insert("spec", "id, hash, body")
INSERT_LABEL: Final = _insert("label", "label, child, state, job")
DELETE_LABEL: Final = "DELETE FROM label WHERE label = ? AND child = ? AND state = ? AND job = ?"
DELETE_WORKERS: Final = "DELETE FROM worker WHERE job = ?"
DELETE_COUNTERS: Final = "DELETE FROM counter WHERE job = ?"
INSERT_COUNTER: Final = _insert("counter", f"job, {COUNTER_COLUMNS}")
UPSERT_COUNTED: Final = _upsert("counted", "job, seq", key="job")
UPSERT_RESULT: Final = _upsert("result", "job, media_type, type, data", key="job")
INSERT_ALIAS: Final = _insert("alias", "namespace, key, generation, job, shown")
INSERT_REQUEST_KEY: Final = _insert("request_key", "caller, key, digest, job, at")
UPSERT_TOKEN: Final = _upsert("token", TOKEN_COLUMNS, key="id")
UPSERT_FILTER: Final = _upsert("saved_filter", FILTER_COLUMNS, key="owner, name")
UPDATE_DELIVERY: Final = "UPDATE delivery SET state = ?, due = ?, word = ?, rev = ?, body = ? WHERE seq = ? AND place = ?"
DELETE_FILTER: Final = "DELETE FROM saved_filter WHERE owner = ? AND name = ?"

HAS_ALIAS: Final = "SELECT 1 FROM alias WHERE namespace = ? AND key = ? AND generation = ?"
HAS_REQUEST_KEY: Final = "SELECT 1 FROM request_key WHERE caller = ? AND key = ?"


@lru_cache(maxsize=512)
def update_jobs(columns: Sequence[str], rows: int) -> str:
    """Give the statement that sets some columns of so many jobs; for each come its number, then the columns' values."""
    if rows == 1:
        settings = ", ".join(f"{column} = ?{n}" for n, column in enumerate(columns, 2))
        return f"UPDATE job SET {settings} WHERE number = ?1"  # noqa: S608 -- names of our own columns
    places = f"({', '.join('?' * (1 + len(columns)))})"
    settings = ", ".join(f"{column} = new.column{n}" for n, column in enumerate(columns, 2))
    return (
        f"UPDATE job SET {settings} FROM (VALUES {', '.join([places] * rows)}) AS new"  # noqa: S608 -- names of our own columns
        " WHERE job.number = new.column1"
    )


@lru_cache(maxsize=64)
def upsert_attempts(rows: int) -> str:
    """Give the statement that keeps so many attempts."""
    return _upsert("attempt", f"job, {ATTEMPT_COLUMNS}", key="job, no", rows=rows)


class Insert(NamedTuple):
    """How new rows of a table are kept. Most have nothing in some columns: to bind that takes four times as long as a value.

    Attributes:
        whole: gives the statement for so many rows with all columns.
        short: gives the statement for so many rows without those that most have nothing in.
        rare: gives the values of those columns, ``common`` those of the others; ``nothing`` is what ``rare`` gives mostly.
    """

    whole: Callable[[int], str]
    short: Callable[[int], str]
    rare: Callable[[Any], Any]
    common: Callable[[Any], Any]
    nothing: Sequence[None]


def _inserting(table: str, columns: Sequence[str], *, rare: Sequence[str]) -> Insert:
    common = [name for name in columns if name not in rare]

    @lru_cache(maxsize=64)
    def whole(rows: int) -> str:
        return _insert(table, ", ".join(columns), rows=rows)

    @lru_cache(maxsize=64)
    def short(rows: int) -> str:
        return _insert(table, ", ".join(common), rows=rows)

    places = {name: place for place, name in enumerate(columns)}
    return Insert(
        whole,
        short,
        rare=itemgetter(*[places[name] for name in rare]),
        common=itemgetter(*[places[name] for name in common]),
        nothing=(None,) * len(rare),
    )


INSERT_JOBS: Final = _inserting(
    "job",
    INSERTED,
    rare=("project", "parent", "position", "reason", "queued", "started", "ended", "hidden"),
)
INSERT_EVENTS: Final = _inserting(
    "event", EVENT_COLUMNS.split(", "), rare=("group_owner", "group_id")
)


@lru_cache(maxsize=64)
def insert_labels(rows: int) -> str:
    """Give the statement that keeps so many labels of new jobs."""
    return _insert("label", "label, child, state, job", rows=rows)


@lru_cache(maxsize=64)
def upsert_workers(rows: int) -> str:
    """Give the statement that keeps so many workers."""
    return _upsert("worker", f"job, {WORKER_COLUMNS}", key="job, id", rows=rows)


@lru_cache(maxsize=64)
def insert_deliveries(rows: int) -> str:
    """Give the statement that keeps so many new deliveries."""
    return _insert("delivery", DELIVERY_COLUMNS, rows=rows)
