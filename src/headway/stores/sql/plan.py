"""From a Change to the rows it will write: everything that can be refused is refused here, before anything is written.

So a refused Change leaves nothing behind in the transaction that it would have shared with its neighbours.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from headway.core.errors import Conflict, InvalidRequest, NotFound
from headway.core.model.change import Change, CounterPatch, Reports, Written
from headway.core.model.event import Event
from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq, WorkerId
from headway.core.model.worker import Counter, Report, Worker
from headway.stores.sql import statements
from headway.stores.sql.codes import STATE_CODES
from headway.stores.sql.database import Database
from headway.stores.sql.job_rows import Value, differences, row_of
from headway.stores.sql.ledger import Ledger
from headway.stores.sql.rows import attempt_row, counter_row, event_row, token_row, worker_row
from headway.stores.sql.stored import Stored, StoredJob
from headway.stores.sql.times import micros

Statement: TypeAlias = tuple[str, Sequence[Value]]
Row: TypeAlias = tuple[Value, ...]


@dataclass
class Plan:
    """What one Change will write: statements in their order, and the rows of the two kinds that come in masses."""

    seq: Seq
    ledger: Ledger
    statements: list[Statement] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    workers: dict[tuple[int, WorkerId], Row] = field(default_factory=dict)
    jobs: dict[JobId, StoredJob] = field(default_factory=dict)
    specs: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    names: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, sql: str, values: Sequence[Value]) -> None:
        """Have one more statement run."""
        self.statements.append((sql, values))


class Planner:
    """Makes plans on what is stored and on the plans made before in the same transaction."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self.ledger = ledger
        self.stored = Stored(database)
        self._database = database
        self._taken: set[tuple[str, ...]] = set()  # names and keys of this transaction

    def settle(self) -> None:
        """Hear that the transaction was committed."""
        self._taken.clear()
        self.stored.trim()

    def undo(self, ledger: Ledger) -> None:
        """Hear that the transaction was undone; ``ledger`` is what was there before it."""
        self.ledger = ledger
        self._taken.clear()
        self.stored.clear()

    def plan(self, change: Change) -> tuple[Plan, Written]:
        """Check a Change and make its rows. Once it is given, it counts as done for the plans that follow.

        Raises:
            Conflict: see Store.write.
            NotFound: see Store.write.
            InvalidRequest: a value cannot be stored.
        """
        ledger = self.ledger.copy() if change.jobs else self.ledger
        plan = Plan(seq=Seq(ledger.seq + max(1, len(change.events))), ledger=ledger)
        jobs = tuple([self._job(plan, job) for job in change.jobs])
        self._belongings(plan, change)
        patch, reports = change.counters, change.reports
        counters = self._counters(plan, patch) if patch else ()
        workers = self._workers(plan, reports) if reports else ()
        events = self._events(plan, change.events) if change.events else ()
        self._keep(plan, workers)
        if patch:
            self.stored.keep_counters(self._owner(plan, patch.job).number, counters)
        return plan, Written(
            seq=plan.seq,
            jobs=jobs,
            workers=workers,
            counters=counters,
            counters_of=patch.job if patch else None,
            tokens=change.tokens,
            events=events,
        )

    def _keep(self, plan: Plan, workers: Iterable[Worker]) -> None:
        self.ledger = plan.ledger
        self.ledger.seq = plan.seq
        self._taken |= plan.names
        for stored in plan.jobs.values():
            self.stored.keep_job(stored)
        for row in plan.specs.values():
            self.stored.keep_spec(row)
        for (number, _), worker in zip(plan.workers, workers, strict=True):
            self.stored.keep_worker(number, worker)

    def _owner(self, plan: Plan, job_id: JobId) -> Job:
        stored = plan.jobs.get(job_id) or self.stored.job(job_id)
        if stored is None:
            raise NotFound(f"no job is called {job_id}")
        return stored.job

    def _job(self, plan: Plan, job: Job) -> Job:
        before = plan.jobs.get(job.id) or self.stored.job(job.id)
        rev = before.job.rev if before else 0
        if rev != job.rev - 1:
            raise Conflict(f"job {job.id} is stored as rev {rev}; rev {job.rev} cannot follow")
        if before is None:
            plan.ledger.number += 1
        number = before.job.number if before else plan.ledger.number
        after = msgspec.structs.replace(job, number=number, seq=plan.seq)
        spec = self._spec(plan, before, after)
        plan.jobs[job.id] = StoredJob(after, spec)
        if before is None:
            plan.add(statements.INSERT_JOB, row_of(after, spec=spec))
        else:
            _update(plan, before, plan.jobs[job.id])
            plan.ledger.counts[before.job.state] -= 1
        plan.ledger.counts[after.state] += 1
        _relabel(plan, before.job if before else None, after)
        return after

    def _spec(self, plan: Plan, before: StoredJob | None, after: Job) -> int | None:
        if before is not None and (before.job.spec is after.spec or before.job.spec == after.spec):
            return before.spec
        number, row = self.stored.spec(after.spec)
        if row is None:
            return number
        known = plan.specs.setdefault(row[2], row)
        if known is row:
            plan.add(statements.INSERT_SPEC, row)
        return known[0]

    def _belongings(self, plan: Plan, change: Change) -> None:
        for attempt in change.attempts:
            number = self._owner(plan, attempt.job).number
            plan.add(statements.UPSERT_ATTEMPT, attempt_row(number, attempt))
        for alias in change.aliases:
            number = self._owner(plan, alias.job).number
            name = (alias.namespace, alias.key, alias.generation)
            if self._is_taken(plan, ("alias", *map(str, name)), statements.HAS_ALIAS, name):
                raise Conflict(f"the name {alias.key!r} is taken")
            plan.add(statements.INSERT_ALIAS, (*name, number, alias.shown))
        key = change.request_key
        if key is not None:
            number = self._owner(plan, key.job).number
            pair = (key.caller, key.key)
            if self._is_taken(plan, ("key", *pair), statements.HAS_REQUEST_KEY, pair):
                raise Conflict(f"the idempotency key {key.key!r} is taken")
            plan.add(statements.INSERT_REQUEST_KEY, (*pair, key.digest, number, micros(key.at)))
        for token in change.tokens:
            plan.add(statements.UPSERT_TOKEN, token_row(token))

    def _is_taken(
        self, plan: Plan, name: tuple[str, ...], question: str, values: Sequence[Value]
    ) -> bool:
        if name in plan.names or name in self._taken:
            return True
        plan.names.add(name)
        return self._database.execute(question, values).fetchone() is not None

    def _workers(self, plan: Plan, reports: Reports) -> tuple[Worker, ...]:
        job = self._owner(plan, reports.job)
        changed: dict[WorkerId, Worker] = {}
        for report in reports.reports:
            _check_finite(report)
            before = changed.get(report.worker) or self.stored.worker(job, report.worker)
            after = Worker.first(job.id, report) if before is None else before.after(report)
            if after is not before:
                changed[report.worker] = after
        workers = [msgspec.structs.replace(worker, seq=plan.seq) for worker in changed.values()]
        for worker in workers:
            plan.workers[job.number, worker.id] = worker_row(job.number, worker)
        return tuple(workers)

    def _counters(self, plan: Plan, patch: CounterPatch) -> tuple[Counter, ...]:
        job = self._owner(plan, patch.job)
        counters = patch.applied_to(self.stored.counters(job), seq=plan.seq)
        plan.add(statements.DELETE_COUNTERS, (job.number,))
        for counter in counters:
            plan.add(statements.INSERT_COUNTER, counter_row(job.number, counter))
        plan.add(statements.UPSERT_COUNTED, (job.number, plan.seq))
        return counters

    def _events(self, plan: Plan, events: Sequence[Event]) -> tuple[Event, ...]:
        first = plan.seq - len(events) + 1
        numbered = [
            msgspec.structs.replace(event, seq=Seq(seq)) for seq, event in enumerate(events, first)
        ]
        for event in numbered:
            number = None if event.job is None else self._owner(plan, event.job).number
            plan.events.append(event_row(number, event))
        return tuple(numbered)


def _update(plan: Plan, before: StoredJob, after: StoredJob) -> None:
    columns = differences(before.job, after.job)
    if before.spec != after.spec:
        columns["spec"] = after.spec
    sql = statements.update_job(tuple(columns))
    plan.add(sql, (*columns.values(), after.job.number))


def _relabel(plan: Plan, before: Job | None, after: Job) -> None:
    old, new = _label_rows(before, after.number), _label_rows(after, after.number)
    for row in old - new:
        plan.add(statements.DELETE_LABEL, row)
    for row in new - old:
        plan.add(statements.INSERT_LABEL, row)


def _label_rows(job: Job | None, number: int) -> set[Row]:
    if job is None or not job.labels:
        return set()
    return {
        (label, int(job.parent is not None), STATE_CODES[job.state], number) for label in job.labels
    }


def _check_finite(report: Report) -> None:
    if not (math.isfinite(report.current) and math.isfinite(report.total or 0.0)):
        raise InvalidRequest(
            f"worker {report.worker!r}: current and total must be finite numbers", field="current"
        )
