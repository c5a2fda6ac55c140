"""What the writer knows of the rows it may have to change: read when needed, kept while it is used.

Nobody else writes to the file, so what is here is true until the transaction it belongs to is undone.
"""

import hashlib
from typing import Final, NamedTuple

from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq, WorkerId
from headway.core.model.spec import Spec
from headway.core.model.worker import Counter, Worker
from headway.stores.sql.codes import id_of, sought_bytes
from headway.stores.sql.database import Database
from headway.stores.sql.job_rows import SELECTED, job_of, json_text
from headway.stores.sql.lru import Lru
from headway.stores.sql.rows import COUNTER_COLUMNS, WORKER_COLUMNS, counter_of, worker_of

_JOB: Final = (
    f"SELECT {SELECTED}, job.spec FROM job LEFT JOIN spec ON spec.id = job.spec WHERE job.id = ?"  # noqa: S608
)
_HAS_JOB: Final = "SELECT 1 FROM job WHERE id = ?"
_NUMBER: Final = "SELECT number FROM job WHERE id = ?"
_WORKER: Final = f"SELECT {WORKER_COLUMNS} FROM worker WHERE job = ? AND id = ?"  # noqa: S608
_SPEC: Final = "SELECT id FROM spec WHERE hash = ? AND body = ?"
_COUNTERS: Final = f"SELECT {COUNTER_COLUMNS} FROM counter WHERE job = ? ORDER BY position"  # noqa: S608

_JOBS_KEPT: Final = 8_192
_WORKERS_KEPT: Final = 16_384
_SPECS_KEPT: Final = 1_024
_COUNTERS_KEPT: Final = 1_024


class StoredJob(NamedTuple):
    """A job and the id of its spec's row, None for an empty spec."""

    job: Job
    spec: int | None


class Stored:
    """Jobs, workers and specs as the open transaction has them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs: Lru[JobId, StoredJob] = Lru(_JOBS_KEPT)
        self._workers: Lru[tuple[int, WorkerId], Worker] = Lru(_WORKERS_KEPT)
        self._specs: Lru[str, int] = Lru(_SPECS_KEPT)
        self._counters: Lru[int, tuple[Counter, ...]] = Lru(_COUNTERS_KEPT)
        self._gone: dict[
            int, Seq
        ] = {}  # jobs whose workers up to a sequence this transaction deletes
        newest = database.execute("SELECT max(id) FROM job").fetchone()[0]
        self._newest = id_of(newest) if newest else ""  # no job's id is greater
        self._next_spec = 1 + (database.execute("SELECT max(id) FROM spec").fetchone()[0] or 0)

    def is_new(self, job_id: JobId) -> bool:
        """Tell whether no job has an id; cheaper than reading one. Ids sort by time: mostly the new one is the greatest."""
        if job_id > self._newest:
            return True
        if self._jobs.get(job_id) is not None:
            return False
        return self._database.execute(_HAS_JOB, (sought_bytes(job_id),)).fetchone() is None

    def job(self, job_id: JobId) -> StoredJob | None:
        """Give a job, None when there is none."""
        known = self._jobs.get(job_id)
        if known is None:
            sought = sought_bytes(job_id)
            row = sought and self._database.execute(_JOB, (sought,)).fetchone()
            if not row:
                return None
            known = StoredJob(job_of(row), row[-1])
            self._jobs.put(job_id, known)
        return known

    def number(self, job_id: JobId) -> int | None:
        """Give a job's number, None when there is none; cheaper than reading all of it."""
        known = self._jobs.get(job_id)
        if known is not None:
            return known.job.number
        sought = sought_bytes(job_id)
        row = sought and self._database.execute(_NUMBER, (sought,)).fetchone()
        return int(row[0]) if row else None

    def keep_job(self, stored: StoredJob) -> None:
        """Know a job as it will be."""
        self._jobs.put(stored.job.id, stored)
        self._newest = max(self._newest, stored.job.id)

    def worker(self, job: Job, worker_id: WorkerId) -> Worker | None:
        """Give a worker, None when there is none."""
        key = (job.number, worker_id)
        known = self._workers.get(key)
        if job.number in self._gone:
            return None if known is None or known.seq <= self._gone[job.number] else known
        if known is None:
            row = self._database.execute(_WORKER, key).fetchone()
            if row is None:
                return None
            known = worker_of(job.id, row)
            self._workers.put(key, known)
        return known

    def keep_worker(self, key: tuple[int, WorkerId], worker: Worker) -> None:
        """Know a worker as it will be, by its job's number and its id."""
        self._workers.put(key, worker)

    def forget_workers(self, number: int, seq: Seq) -> None:
        """Know that a job has lost the workers that it had before ``seq``."""
        self._gone[number] = Seq(seq - 1)

    def counters(self, job: Job) -> tuple[Counter, ...]:
        """Give a job's counters."""
        known = self._counters.get(job.number)
        if known is None:
            rows = self._database.execute(_COUNTERS, (job.number,)).fetchall()
            known = tuple([counter_of(job.id, row) for row in rows])
        return known

    def keep_counters(self, number: int, counters: tuple[Counter, ...]) -> None:
        """Know a job's counters as they will be."""
        self._counters.put(number, counters)

    def spec(self, spec: Spec) -> tuple[int | None, tuple[int, int, str] | None]:
        """Give the id of a spec's row, and the row itself when it is not there yet."""
        if spec == _EMPTY:
            return None, None
        body = json_text(spec)
        known = self._specs.get(body)
        if known is not None:
            return known, None
        digest = int.from_bytes(hashlib.blake2b(body.encode(), digest_size=8).digest(), signed=True)
        row = self._database.execute(_SPEC, (digest, body)).fetchone()
        if row is not None:
            self._specs.put(body, row[0])
            return row[0], None
        number = self._next_spec
        self._next_spec += 1
        return number, (number, digest, body)

    def keep_spec(self, row: tuple[int, int, str]) -> None:
        """Know a spec's row as it will be."""
        self._specs.put(row[2], row[0])

    def trim(self) -> None:
        """Forget what was deleted, and what was used longest ago; the transaction was committed."""
        if self._gone:
            self._workers.drop(self._is_gone)
            self._gone.clear()
        for kept in (self._jobs, self._workers, self._specs, self._counters):
            kept.trim()

    def clear(self) -> None:
        """Forget everything: a transaction was undone, or rows were deleted."""
        self._gone.clear()
        for kept in (self._jobs, self._workers, self._specs, self._counters):
            kept.clear()

    def _is_gone(self, key: tuple[int, WorkerId], worker: Worker) -> bool:
        return worker.seq <= self._gone.get(key[0], -1)


_EMPTY: Final = Spec()
