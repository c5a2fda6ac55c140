"""What is read of deliveries, one function a question; see headway.core.ports.store for what each answer is."""

from collections.abc import Set as AbstractSet
from typing import Final

from headway.core.model.delivery import Backlog, Delivery, DeliveryState
from headway.core.model.names import JobId, Seq
from headway.core.model.selection import Visibility
from headway.stores.sql.codes import id_of, sought_bytes
from headway.stores.sql.database import Database
from headway.stores.sql.delivery_rows import DELIVERY_COLUMNS, delivery_of
from headway.stores.sql.pages import Clause, visible
from headway.stores.sql.times import time_of

# ruff: noqa: S608 -- every name put into these texts is one of our own columns

_COLUMNS: Final = ", ".join(f"delivery.{name.strip()}" for name in DELIVERY_COLUMNS.split(","))
_FROM: Final = (
    f"SELECT {_COLUMNS}, job.id FROM delivery CROSS JOIN job ON job.number = delivery.job"
)
_NUMBER: Final = "(SELECT number FROM job WHERE id = ?)"
#: SQLite gives the other columns of the row that has the least ``seq``.
_BACKLOGS: Final = (
    "SELECT job.id, waiting.place, waiting.origin, waiting.due FROM"
    " (SELECT job, place, origin, due, min(seq) FROM delivery INDEXED BY delivery_waiting"
    "   WHERE state = 'waiting' GROUP BY job, place) AS waiting"
    " CROSS JOIN job ON job.number = waiting.job ORDER BY waiting.due"
)
_NEXT: Final = (
    f"SELECT {_COLUMNS} FROM delivery INDEXED BY delivery_waiting"
    f" WHERE state = 'waiting' AND job = {_NUMBER} AND place = ? ORDER BY seq LIMIT 1"
)
_LAST_WORD: Final = (
    "SELECT word FROM delivery INDEXED BY delivery_job"
    f" WHERE job = {_NUMBER} AND place = ? AND state = 'delivered' ORDER BY seq DESC LIMIT 1"
)
_ONE: Final = f"{_FROM} WHERE delivery.seq = ? AND delivery.place = ?"


def read_backlogs(database: Database) -> list[Backlog]:
    """Read which callbacks have deliveries waiting."""
    return [
        Backlog(job=id_of(row[0]), place=row[1], origin=row[2], due=time_of(row[3]))
        for row in database.execute(_BACKLOGS).fetchall()
    ]


def read_next_delivery(database: Database, job_id: JobId, place: int) -> Delivery | None:
    """Read the first waiting delivery of a callback."""
    row = database.execute(_NEXT, (sought_bytes(job_id), place)).fetchone()
    return delivery_of(job_id, row) if row is not None else None


def read_last_word(database: Database, job_id: JobId, place: int) -> str:
    """Read what a callback was told last."""
    row = database.execute(_LAST_WORD, (sought_bytes(job_id), place)).fetchone()
    return str(row[0]) if row is not None else ""


def read_delivery(database: Database, seq: Seq, place: int) -> Delivery | None:
    """Read one delivery."""
    row = database.execute(_ONE, (seq, place)).fetchone()
    return delivery_of(id_of(row[-1]), row) if row is not None else None


def read_deliveries(
    database: Database,
    visibility: Visibility,
    job: JobId | None,
    states: AbstractSet[DeliveryState],
    limit: int,
    before: tuple[Seq, int] | None,
) -> list[Delivery]:
    """Read a page of deliveries, the newest event first."""
    clause = visible(visibility)
    if job is not None:
        clause.add(f"delivery.job = {_NUMBER}", sought_bytes(job))
    if states:
        _add_states(clause, states)
    if before is not None:
        clause.add("(delivery.seq, delivery.place) < (?, ?)", *before)
    sql = f"{_FROM} WHERE {clause.text()} ORDER BY delivery.seq DESC, delivery.place DESC LIMIT ?"
    rows = database.execute(sql, (*clause.values, limit)).fetchall()
    return [delivery_of(id_of(row[-1]), row) for row in rows]


def _add_states(clause: Clause, states: AbstractSet[DeliveryState]) -> None:
    """Ask for states; one alone as SQLite knows it from the indexes that have rows of one state only."""
    if len(states) == 1:
        (state,) = states
        clause.add(f"delivery.state = '{state.value}'")
    else:
        places = ", ".join("?" for _ in states)
        clause.add(f"delivery.state IN ({places})", *sorted(state.value for state in states))
