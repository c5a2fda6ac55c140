"""What readers read, one function a question; see headway.core.ports.store for what each answer is."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from headway.core.model.belongings import Belongings
from headway.core.model.change import Alias, RequestKey
from headway.core.model.event import Event
from headway.core.model.job import Attempt, Job
from headway.core.model.names import Cluster, JobId, Seq, WorkerId
from headway.core.model.principal import Token
from headway.core.model.result import Returned
from headway.core.model.saved_filter import SavedFilter
from headway.core.model.selection import Visibility
from headway.core.model.worker import NO_TALLY, Counter, Tally, Worker
from headway.stores.sql.codes import FINAL_FROM, STATES, id_of, optional_id_of, sought_bytes
from headway.stores.sql.database import Database
from headway.stores.sql.job_rows import SELECTED, job_of
from headway.stores.sql.pages import Clause, visible
from headway.stores.sql.rows import (
    ATTEMPT_COLUMNS,
    COUNTER_COLUMNS,
    EVENT_COLUMNS,
    FILTER_COLUMNS,
    TOKEN_COLUMNS,
    WORKER_COLUMNS,
    alias_of,
    attempt_of,
    counter_of,
    event_of,
    filter_of,
    request_key_of,
    token_of,
    worker_of,
)
from headway.stores.sql.times import micros, time_or_none

# ruff: noqa: S608 -- every name put into these texts is one of our own columns

_FROM: Final = f"SELECT {SELECTED} FROM job"
_SPEC: Final = "LEFT JOIN spec ON spec.id = job.spec"
_JOB: Final = f"{_FROM} {_SPEC}"
_NUMBER: Final = "(SELECT number FROM job WHERE id = ?)"
_UNFINISHED: Final = f"job.state < {FINAL_FROM}"
_UNFINISHED_COUNTS: Final = (
    f"SELECT state, count(*) FROM job WHERE cluster = ? AND {_UNFINISHED} GROUP BY state"
)
_EVENT: Final = ", ".join(f"event.{name.strip()}" for name in EVENT_COLUMNS.split(","))

_ATTEMPTS: Final = f"SELECT {ATTEMPT_COLUMNS} FROM attempt WHERE job = {_NUMBER} ORDER BY no"
_WORKERS: Final = (
    f"SELECT {WORKER_COLUMNS} FROM worker WHERE job = {_NUMBER} AND id > ? ORDER BY id LIMIT ?"
)
_FIRST_WORKERS: Final = (
    f"SELECT {WORKER_COLUMNS} FROM worker WHERE job = {_NUMBER} ORDER BY id LIMIT ?"
)
_ONE_WORKER: Final = f"SELECT {WORKER_COLUMNS} FROM worker WHERE job = {_NUMBER} AND id = ?"
_NOBODYS: Final = """
SELECT (SELECT count(*) FROM job INDEXED BY job_root_owner WHERE parent IS NULL AND owner = '')
     + (SELECT count(*) FROM job INDEXED BY job_root_owner CROSS JOIN worker ON worker.job = job.number
         WHERE job.parent IS NULL AND job.owner = '')
"""
_COUNTERS: Final = f"SELECT {COUNTER_COLUMNS} FROM counter WHERE job = {_NUMBER} ORDER BY position"
_ALIAS: Final = (
    "SELECT namespace, key, generation, shown, job.id FROM alias JOIN job ON job.number = alias.job"
    " WHERE namespace = ? AND key = ? ORDER BY generation DESC LIMIT 1"
)
_REQUEST_KEY: Final = (
    "SELECT caller, key, digest, at, job.id FROM request_key"
    " JOIN job ON job.number = request_key.job WHERE caller = ? AND key = ?"
)
_ACCEPTED: Final = (
    f"{_FROM} INDEXED BY job_unfinished {_SPEC}"
    f" WHERE job.cluster = ? AND {_UNFINISHED} AND job.state = 0 AND job.reason IS NOT 'dependency'"
    " ORDER BY job.number LIMIT ?"
)
_ENDED: Final = f"{_JOB} WHERE job.ended < ? ORDER BY job.ended, job.number LIMIT ?"
_OF_CLUSTER: Final = (
    f"{_FROM} INDEXED BY job_unfinished {_SPEC}"
    f" WHERE job.cluster = ? AND {_UNFINISHED} ORDER BY job.number"
)
_REPORTING: Final = (
    f"{_FROM} INDEXED BY job_reporting {_SPEC}"
    f" WHERE job.kind = 'report' AND {_UNFINISHED} ORDER BY job.number"
)
_TALLIES: Final = """
SELECT job.id, count(*), sum(total > 0 AND total <= current), sum(NOT ok),
       avg(CASE WHEN total > 0 THEN max(0.0, min(1.0, current / total)) END), max(worker.updated)
  FROM job CROSS JOIN worker ON worker.job = job.number WHERE job.id IN ({}) GROUP BY job.number
"""
_CHILDREN: Final = """
SELECT parent, state, count(*) FROM job INDEXED BY job_parent_state
 WHERE parent IN ({}) GROUP BY parent, state
"""
_AT_ONCE: Final = 500  # values in one statement
_RESULT: Final = (
    "SELECT media_type, type, data FROM result WHERE job = (SELECT number FROM job WHERE id = ?)"
)
_FILTERS: Final = f"SELECT {FILTER_COLUMNS} FROM saved_filter WHERE owner = ? ORDER BY name"
_TOKENS: Final = f"SELECT {TOKEN_COLUMNS} FROM token ORDER BY created, id"


def read_job(database: Database, job_id: JobId) -> Job | None:
    """Read a job by its id."""
    row = database.execute(f"{_JOB} WHERE job.id = ?", (sought_bytes(job_id),)).fetchone()
    return job_of(row) if row else None


def read_job_by_number(database: Database, number: int) -> Job | None:
    """Read a job by its number."""
    row = database.execute(f"{_JOB} WHERE job.number = ?", (number,)).fetchone()
    return job_of(row) if row else None


def read_alias(database: Database, namespace: str, key: str) -> Alias | None:
    """Read the newest generation of an alias."""
    row = database.execute(_ALIAS, (namespace, key)).fetchone()
    return alias_of(id_of(row[-1]), row) if row else None


def read_request_key(database: Database, caller: str, key: str) -> RequestKey | None:
    """Read an idempotency key."""
    row = database.execute(_REQUEST_KEY, (caller, key)).fetchone()
    return request_key_of(id_of(row[-1]), row) if row else None


def read_accepted(database: Database, cluster: Cluster, limit: int) -> list[Job]:
    """Read a cluster's accepted jobs."""
    return [job_of(row) for row in database.execute(_ACCEPTED, (cluster, limit)).fetchall()]


def read_unfinished(database: Database, cluster: Cluster) -> list[Job]:
    """Read a cluster's unfinished jobs."""
    return [job_of(row) for row in database.execute(_OF_CLUSTER, (cluster,)).fetchall()]


def read_ended(database: Database, before: datetime, limit: int) -> list[Job]:
    """Read jobs that ended before a time."""
    rows = database.execute(_ENDED, (micros(before), limit)).fetchall()
    return [job_of(row) for row in rows]


def read_reporting(database: Database) -> list[Job]:
    """Read the live report-only jobs."""
    return [job_of(row) for row in database.execute(_REPORTING).fetchall()]


def read_attempts(database: Database, job_id: JobId) -> list[Attempt]:
    """Read a job's attempts."""
    rows = database.execute(_ATTEMPTS, (sought_bytes(job_id),)).fetchall()
    return [attempt_of(job_id, row) for row in rows]


def read_workers(
    database: Database, job_id: JobId, limit: int, after: WorkerId | None
) -> list[Worker]:
    """Read a page of a job's workers."""
    if after is None:
        rows = database.execute(_FIRST_WORKERS, (sought_bytes(job_id), limit)).fetchall()
    else:
        rows = database.execute(_WORKERS, (sought_bytes(job_id), after, limit)).fetchall()
    return [worker_of(job_id, row) for row in rows]


def read_worker(database: Database, job_id: JobId, worker_id: WorkerId) -> Worker | None:
    """Read one worker."""
    row = database.execute(_ONE_WORKER, (sought_bytes(job_id), worker_id)).fetchone()
    return worker_of(job_id, row) if row is not None else None


def count_unfinished(database: Database, cluster: Cluster) -> Mapping[str, int]:
    """Count a cluster's jobs that have not ended, by state."""
    rows = database.execute(_UNFINISHED_COUNTS, (cluster,)).fetchall()
    return {STATES[code].value: count for code, count in rows}


def count_nobodys(database: Database) -> int:
    """Count what nobody owns."""
    count: int = database.execute(_NOBODYS).fetchall()[0][0]
    return count


def read_counters(database: Database, job_id: JobId) -> list[Counter]:
    """Read a job's counters."""
    rows = database.execute(_COUNTERS, (sought_bytes(job_id),)).fetchall()
    return [counter_of(job_id, row) for row in rows]


def read_result(database: Database, job_id: JobId) -> Returned | None:
    """Read what a job gave back, where its document has no room for it."""
    rows = database.execute(_RESULT, (sought_bytes(job_id),)).fetchall()
    return Returned(media_type=rows[0][0], type=rows[0][1], data=rows[0][2]) if rows else None


def read_belongings(database: Database, job_id: JobId) -> Belongings:
    """Read what is shown with a job."""
    return Belongings(
        tally=read_tallies(database, (job_id,)).get(job_id, NO_TALLY),
        attempts=read_attempts(database, job_id),
        counters=read_counters(database, job_id),
    )


def read_tallies(database: Database, job_ids: Collection[JobId]) -> Mapping[JobId, Tally]:
    """Read roll-ups of those jobs that have workers or children."""
    wanted = tuple([sought_bytes(job_id) for job_id in job_ids])
    tallies: dict[JobId, Tally] = {}
    for some in (wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE)):
        tallies |= _some_tallies(database, some)
    return tallies


def _some_tallies(database: Database, wanted: tuple[bytes | None, ...]) -> dict[JobId, Tally]:
    places = ", ".join("?" for _ in wanted)
    children: dict[bytes, dict[str, int]] = {}
    for parent, state, count in database.execute(_CHILDREN.format(places), wanted).fetchall():
        children.setdefault(parent, {})[STATES[state].value] = count
    tallies = {
        id_of(row[0]): Tally(
            workers=row[1],
            finished=row[2] or 0,
            not_ok=row[3],
            progress=row[4],
            last=time_or_none(row[5]),
            children=children.pop(row[0], {}),
        )
        for row in database.execute(_TALLIES.format(places), wanted).fetchall()
    }
    return tallies | {id_of(parent): Tally(children=states) for parent, states in children.items()}


def read_events(
    database: Database, visibility: Visibility, job: JobId | None, after: Seq, limit: int
) -> list[Event]:
    """Read events."""
    clause = Clause("event.seq > ?", values=(after,))
    if job is not None:
        clause.add(f"event.job = {_NUMBER}", sought_bytes(job))
    seen = visible(visibility)
    if not visibility.everything and visibility.owner is not None:
        seen = Clause(
            f"({seen.text()} OR event.group_owner = ?)", values=(*seen.values, visibility.owner)
        )
    sql = (
        f"SELECT {_EVENT}, job.id FROM event LEFT JOIN job ON job.number = event.job"
        f" WHERE {clause.text()} AND {seen.text()} ORDER BY event.seq LIMIT ?"
    )
    rows = database.execute(sql, (*clause.values, *seen.values, limit)).fetchall()
    return [event_of(optional_id_of(row[-1]), row) for row in rows]


def read_tokens(database: Database) -> list[Token]:
    """Read all tokens."""
    return [token_of(row) for row in database.execute(_TOKENS).fetchall()]


def read_filters(database: Database, user: str) -> list[SavedFilter]:
    """Read a user's filters."""
    return [filter_of(row) for row in database.execute(_FILTERS, (user,)).fetchall()]
