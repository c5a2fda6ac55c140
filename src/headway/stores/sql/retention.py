"""Forgetting what retention no longer keeps. Runs in the writer's thread, between two commits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from headway.core.model.change import Retention
from headway.stores.sql.codes import STATES
from headway.stores.sql.database import Database
from headway.stores.sql.job_rows import Value, labels_of
from headway.stores.sql.plan import Planner
from headway.stores.sql.statements import DELETE_LABEL
from headway.stores.sql.times import micros

_DELETE_KEYS: Final = (
    "DELETE FROM request_key WHERE (caller, key) IN"
    " (SELECT caller, key FROM request_key WHERE at < ? ORDER BY at LIMIT ?)"
)
_OLDEST_EVENTS: Final = "SELECT seq, time FROM event ORDER BY seq LIMIT ?"
_DELETE_EVENTS: Final = "DELETE FROM event WHERE seq <= ?"
_ENDED: Final = (
    "SELECT ended, number FROM job INDEXED BY job_ended"
    " WHERE ended < ? AND (ended, number) > (?, ?) ORDER BY ended, number LIMIT ?"
)
_CHILDLESS: Final = (
    "SELECT number, spec, state, labels, parent IS NOT NULL FROM job INDEXED BY job_ended"
    " WHERE ended < ? AND NOT EXISTS (SELECT 1 FROM job AS child WHERE child.parent = job.id)"
    " ORDER BY ended, number LIMIT ?"
)
_SOME_WORKERS: Final = (
    "DELETE FROM worker WHERE job = ? AND id IN"
    " (SELECT id FROM worker WHERE job = ? ORDER BY id LIMIT ?)"
)
_SOME_EVENTS: Final = (
    "DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE job = ? ORDER BY seq LIMIT ?)"
)
_UNUSED_SPEC: Final = (
    "DELETE FROM spec WHERE id = ? AND NOT EXISTS (SELECT 1 FROM job WHERE spec = ?)"
)
_OLDEST_DELIVERIES: Final = (
    "SELECT seq, place, time, state FROM delivery ORDER BY seq, place LIMIT ?"
)
_DELETE_DELIVERY: Final = "DELETE FROM delivery WHERE seq = ? AND place = ?"
_LOOSE: Final = (
    "SELECT number FROM job_group INDEXED BY job_group_loose"
    " WHERE loose < ? ORDER BY loose, owner, id LIMIT ?"
)
_SOME_MEMBERS: Final = (
    "SELECT position, child FROM member WHERE holder = ? ORDER BY position LIMIT ?"
)
_DELETE_MEMBER: Final = "DELETE FROM member WHERE holder = ? AND position = ?"
_LOOSEN: Final = (
    "UPDATE job_group SET loose = ? WHERE number = ? AND root = 0"
    " AND NOT EXISTS (SELECT 1 FROM member WHERE child = job_group.number)"
)
_BELONGINGS: Final = (
    "attempt",
    "counter",
    "counted",
    "alias",
    "request_key",
    "delivery",
    "member",
    "result",
)
_LOOKED_AT: Final = 10_000  # ended jobs in one call
_FIRST: Final = (-(1 << 62), 0)


class Forgetting:
    """Goes through old rows, a bounded piece a call.

    How far it has come among the ended jobs is kept in memory only: a restart begins anew, and so finds those that were
    stored with an end in the past.
    """

    def __init__(self) -> None:
        self._detail = _FIRST  # (ended, number) of the last job whose workers have gone

    def forget(
        self, database: Database, planner: Planner, retention: Retention, at: datetime, limit: int
    ) -> int:
        """Delete at most ``limit`` rows in one transaction; gives how many; see Store.forget."""
        database.execute("BEGIN IMMEDIATE")
        left = limit
        left -= _forget_keys(database, _before(at, retention.request_keys), left)
        left -= _forget_events(database, planner, _before(at, retention.events), left)
        left -= _forget_deliveries(database, _before(at, retention.events), left)
        went, detail = self._forget_detail(database, _before(at, retention.detail), left)
        left -= went
        left -= _forget_groups(database, planner, _before(at, retention.detail), at, left)
        left -= _forget_jobs(database, planner, _before(at, retention.jobs), left)
        planner.ledger.write(database)
        database.execute("COMMIT")
        self._detail = detail
        if left < limit:
            planner.stored.clear()
        return limit - left

    def _forget_detail(
        self, database: Database, before: int | None, left: int
    ) -> tuple[int, tuple[int, int]]:
        seen, went = self._detail, 0
        if before is None or left <= 0:
            return went, seen
        rows = database.execute(_ENDED, (before, *seen, _LOOKED_AT)).fetchall()
        for ended, number in rows:
            went += _delete(database, _SOME_WORKERS, number, number, left - went)
            if went >= left:
                return went, seen
            seen = (ended, number)
        return went, seen


def _before(at: datetime, age: timedelta | None) -> int | None:
    return None if age is None else micros(at - age)


def _delete(database: Database, sql: str, *values: Value) -> int:
    database.execute(sql, values).fetchall()
    return int(database.execute("SELECT changes()").fetchone()[0])


def _forget_keys(database: Database, before: int | None, left: int) -> int:
    return _delete(database, _DELETE_KEYS, before, left)


def _forget_events(database: Database, planner: Planner, before: int | None, left: int) -> int:
    """Delete the oldest events, up to the first that is still kept."""
    if before is None or left <= 0:
        return 0
    oldest = database.execute(_OLDEST_EVENTS, (left,)).fetchall()
    old = list(takewhile(lambda row: row[1] < before, oldest))
    if not old:
        return 0
    planner.ledger.floor = max(planner.ledger.floor, old[-1][0])
    return _delete(database, _DELETE_EVENTS, old[-1][0])


def _forget_deliveries(database: Database, before: int | None, left: int) -> int:
    """Delete the oldest deliveries, up to the first that is still kept, but for those that wait."""
    if before is None or left <= 0:
        return 0
    oldest = database.execute(_OLDEST_DELIVERIES, (left,)).fetchall()
    old = [row for row in takewhile(lambda row: row[2] < before, oldest) if row[3] != "waiting"]
    for seq, place, _, _ in old:
        _delete(database, _DELETE_DELIVERY, seq, place)
    return len(old)


def _forget_jobs(database: Database, planner: Planner, before: int | None, left: int) -> int:
    if before is None or left <= 0:
        return 0
    went = 0
    for number, spec, state, labels, child in database.execute(
        _CHILDLESS, (before, left)
    ).fetchall():
        went += _delete(database, _SOME_WORKERS, number, number, left - went)
        went += _delete(database, _SOME_EVENTS, number, left - went)
        if went >= left:
            break
        _delete_job(database, number, spec, [(label, child, state) for label in labels_of(labels)])
        planner.ledger.counts[STATES[state].value] -= 1
        planner.ledger.floor = planner.ledger.seq
        went += 1
    return went


def _delete_job(
    database: Database, number: int, spec: int | None, labels: Sequence[tuple[Value, ...]]
) -> None:
    for label in set(labels):
        _delete(database, DELETE_LABEL, *label, number)
    for table in _BELONGINGS:
        _delete(database, f"DELETE FROM {table} WHERE job = ?", number)  # noqa: S608 -- our own names
    _delete(database, "DELETE FROM job WHERE number = ?", number)
    if spec is not None:
        _delete(database, _UNUSED_SPEC, spec, spec)


def _forget_groups(
    database: Database, planner: Planner, before: int | None, at: datetime, left: int
) -> int:
    """Delete the groups that no other has had for too long, and the places in them."""
    if before is None or left <= 0:
        return 0
    went = 0
    for (number,) in database.execute(_LOOSE, (before, left)).fetchall():
        for position, child in database.execute(_SOME_MEMBERS, (number, left - went)).fetchall():
            went += _delete(database, _DELETE_MEMBER, number, position)
            if child is not None:
                database.execute(_LOOSEN, (micros(at), child))
        if went >= left:
            break
        went += _delete(database, "DELETE FROM job_group WHERE number = ?", number)
    if went:
        planner.ledger.floor = planner.ledger.seq
    return went
