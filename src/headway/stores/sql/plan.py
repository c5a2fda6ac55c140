"""From a Change to the rows it will write: everything that can be refused is refused here, before anything is written.

So a refused Change leaves nothing behind in the transaction that it would have shared with its neighbours.
"""

import math
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from headway.core.errors import Conflict, InvalidRequest, NotFound
from headway.core.model.change import Change, CounterPatch, Reports, Written
from headway.core.model.delivery import Delivery, deliveries_of
from headway.core.model.event import Event
from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq, WorkerId
from headway.core.model.worker import Counter, Report, Worker
from headway.stores.sql import statements
from headway.stores.sql.database import Database
from headway.stores.sql.delivery_rows import delivery_row
from headway.stores.sql.draft import Draft, Plan, label_rows, relabel, update_row
from headway.stores.sql.grouping import Grouping, has_groups
from headway.stores.sql.job_rows import Value, row_of
from headway.stores.sql.ledger import Ledger
from headway.stores.sql.outbox import Outbox
from headway.stores.sql.rows import (
    attempt_row,
    counter_row,
    event_row,
    filter_row,
    token_row,
    worker_row,
)
from headway.stores.sql.stored import Stored, StoredJob
from headway.stores.sql.times import micros


class Planner:
    """Makes plans on what is stored and on the plans made before in the same transaction."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self.ledger = ledger
        self.stored = Stored(database)
        self._outbox = Outbox(database)
        self._grouping = Grouping(database)
        self._database = database
        self._taken: set[tuple[str, ...]] = set()  # names and keys of this transaction

    def settle(self) -> None:
        """Hear that the transaction was committed."""
        self._taken.clear()
        self._outbox.clear()
        self._grouping.clear()
        self.stored.trim()

    def undo(self, ledger: Ledger) -> None:
        """Hear that the transaction was undone; ``ledger`` is what was there before it."""
        self.ledger = ledger
        self._taken.clear()
        self._outbox.clear()
        self._grouping.clear()
        self.stored.clear()

    def plan(self, change: Change) -> tuple[Plan, Written]:
        """Check a Change and make its rows. Once it is given, it counts as done for the plans that follow.

        Raises:
            Conflict: see Store.write.
            NotFound: see Store.write.
            InvalidRequest: a value cannot be stored.
        """
        if change.reports is not None and _is_only_reports(change):
            return self._only_reports(change.reports)
        draft = Draft(
            seq=Seq(self.ledger.seq + max(1, len(change.events))), number=self.ledger.number
        )
        pairs = [self._job(draft, job) for job in change.jobs]
        self._belongings(draft, change)
        for job_id, result in change.results:
            row = (self._owner(draft, job_id).number, result.media_type, result.type, result.data)
            draft.add(statements.UPSERT_RESULT, row)
        patch, reports = change.counters, change.reports
        gone = self._workers_gone(draft, change.workers_gone)
        counters = self._counters(draft, patch) if patch else ()
        workers = self._reported(draft, reports) if reports else ()
        for delivery in change.deliveries:
            self._outbox.update(draft, delivery)
        events, deliveries = self._events(draft, change.events) if change.events else ((), ())
        grouped = self._grouping.plan(change, draft.seq, lambda job_id: self._number(draft, job_id))
        self._keep(draft, workers)
        if patch:
            self.stored.keep_counters(self._owner(draft, patch.job).number, counters)
        if grouped is not None:
            self._grouping.keep(grouped)
            draft.statements += grouped.statements
        plan = Plan(
            draft.statements,
            draft.new_jobs,
            draft.updates,
            draft.attempts,
            draft.new_labels,
            draft.events,
            draft.deliveries,
            draft.workers,
            gone,
        )
        return plan, Written(
            seq=draft.seq,
            jobs=tuple([after for _, after in pairs]),
            before=tuple([before for before, _ in pairs]),
            workers_gone=change.workers_gone,
            workers=workers,
            counters=counters,
            counters_of=patch.job if patch else None,
            tokens=change.tokens,
            events=events,
            deliveries=(*change.deliveries, *deliveries),
            groups=grouped.groups if grouped else (),
            removals=grouped.removals if grouped else (),
            memberships=grouped.memberships if grouped else (),
            dropped_groups=grouped.dropped_groups if grouped else (),
        )

    def _only_reports(self, reports: Reports) -> tuple[Plan, Written]:
        """Do what ``plan`` does, for the Changes that come by the thousand."""
        stored = self.stored.job(reports.job)
        if stored is None:
            raise NotFound(f"no job is called {reports.job}")
        seq = Seq(self.ledger.seq + 1)
        number = stored.job.number
        workers = self._workers(stored.job, reports, seq)
        self.ledger.seq = seq
        rows = {(number, worker.id): worker_row(number, worker) for worker in workers}
        for key, worker in zip(rows, workers, strict=True):
            self.stored.keep_worker(key, worker)
        return Plan((), (), {}, {}, (), (), (), rows), Written(seq=seq, workers=workers)

    def _keep(self, draft: Draft, workers: Iterable[Worker]) -> None:
        self.ledger.seq = draft.seq
        self.ledger.number = draft.number
        self._taken |= draft.names
        self._outbox.keep(draft)
        for key, worker in zip(draft.workers, workers, strict=True):
            self.stored.keep_worker(key, worker)
        for state in draft.left:
            self.ledger.counts[state] -= 1
        for stored in draft.jobs.values():
            self.ledger.counts[stored.job.state] += 1
            self.stored.keep_job(stored)
        for row in draft.specs.values():
            self.stored.keep_spec(row)

    def _owner(self, draft: Draft, job_id: JobId) -> Job:
        stored = draft.jobs.get(job_id) or self.stored.job(job_id)
        if stored is None:
            raise NotFound(f"no job is called {job_id}")
        return stored.job

    def _number(self, draft: Draft, job_id: JobId) -> int:
        new = draft.jobs.get(job_id)
        number = self.stored.number(job_id) if new is None else new.job.number
        if number is None:
            raise NotFound(f"no job is called {job_id}")
        return number

    def _job(self, draft: Draft, job: Job) -> tuple[Job | None, Job]:
        """Plan a job's row; gives what was stored before, and what will be."""
        before = draft.jobs.get(job.id)
        if before is None and not (job.rev == 1 and self.stored.is_new(job.id)):
            before = self.stored.job(job.id)
        rev = before.job.rev if before else 0
        if rev != job.rev - 1:
            raise Conflict(f"job {job.id} is stored as rev {rev}; rev {job.rev} cannot follow")
        if before is None:
            draft.number += 1
        number = before.job.number if before else draft.number
        after = replace(job, number=number, seq=draft.seq)
        spec = self._spec(draft, before, after)
        if before is None:
            draft.new_jobs.append(row_of(after, spec=spec))
            draft.new_labels += label_rows(after, number)
        else:
            update_row(draft, before, StoredJob(after, spec))
            if job.id not in draft.jobs:
                draft.left.append(before.job.state)
            relabel(draft, before.job, after)
        draft.jobs[job.id] = StoredJob(after, spec)
        return (before.job if before else None), after

    def _spec(self, draft: Draft, before: StoredJob | None, after: Job) -> int | None:
        if before is not None and (before.job.spec is after.spec or before.job.spec == after.spec):
            return before.spec
        number, row = self.stored.spec(after.spec)
        if row is None:
            return number
        known = draft.specs.setdefault(row[2], row)
        if known is row:
            draft.add(statements.INSERT_SPEC, row)
        return known[0]

    def _belongings(self, draft: Draft, change: Change) -> None:
        for dropped in change.dropped_filters:
            draft.add(statements.DELETE_FILTER, dropped)
        for saved in change.filters:
            draft.add(statements.UPSERT_FILTER, filter_row(saved))
        if not (change.attempts or change.aliases or change.request_key or change.tokens):
            return
        for attempt in change.attempts:
            number = self._owner(draft, attempt.job).number
            draft.attempts[number, attempt.no] = attempt_row(number, attempt)
        for alias in change.aliases:
            number = self._owner(draft, alias.job).number
            name = (alias.namespace, alias.key, alias.generation)
            if self._is_taken(draft, ("alias", *map(str, name)), statements.HAS_ALIAS, name):
                raise Conflict(f"the name {alias.key!r} is taken")
            draft.add(statements.INSERT_ALIAS, (*name, number, alias.shown))
        key = change.request_key
        if key is not None:
            number = self._owner(draft, key.job).number
            pair = (key.caller, key.key)
            if self._is_taken(draft, ("key", *pair), statements.HAS_REQUEST_KEY, pair):
                raise Conflict(f"the idempotency key {key.key!r} is taken")
            draft.add(statements.INSERT_REQUEST_KEY, (*pair, key.digest, number, micros(key.at)))
        for token in change.tokens:
            draft.add(statements.UPSERT_TOKEN, token_row(token))

    def _is_taken(
        self, draft: Draft, name: tuple[str, ...], question: str, values: Sequence[Value]
    ) -> bool:
        if name in draft.names or name in self._taken:
            return True
        draft.names.add(name)
        return self._database.execute(question, values).fetchone() is not None

    def _workers_gone(self, draft: Draft, job_id: JobId | None) -> int | None:
        if job_id is None:
            return None
        number = self._owner(draft, job_id).number
        draft.add(statements.DELETE_WORKERS, (number,))
        self.stored.forget_workers(number, draft.seq)
        return number

    def _reported(self, draft: Draft, reports: Reports) -> tuple[Worker, ...]:
        job = self._owner(draft, reports.job)
        workers = self._workers(job, reports, draft.seq)
        for worker in workers:
            draft.workers[job.number, worker.id] = worker_row(job.number, worker)
        return workers

    def _workers(self, job: Job, reports: Reports, seq: Seq) -> tuple[Worker, ...]:
        changed: dict[WorkerId, Worker] = {}
        for report in reports.reports:
            _check_finite(report)
            before = changed.get(report.worker) or self.stored.worker(job, report.worker)
            after = before.after(report) if before else Worker.first(job.id, report)
            if after is not before:
                changed[report.worker] = after
        return tuple([replace(worker, seq=seq) for worker in changed.values()])

    def _counters(self, draft: Draft, patch: CounterPatch) -> tuple[Counter, ...]:
        job = self._owner(draft, patch.job)
        counters = patch.applied_to(self.stored.counters(job), seq=draft.seq)
        draft.add(statements.DELETE_COUNTERS, (job.number,))
        for counter in counters:
            draft.add(statements.INSERT_COUNTER, counter_row(job.number, counter))
        draft.add(statements.UPSERT_COUNTED, (job.number, draft.seq))
        return counters

    def _events(
        self, draft: Draft, events: Sequence[Event]
    ) -> tuple[tuple[Event, ...], tuple[Delivery, ...]]:
        first = draft.seq - len(events) + 1
        numbered = [replace(event, seq=Seq(seq)) for seq, event in enumerate(events, first)]
        called: dict[JobId, Job] = {}
        for event in numbered:
            job = None if event.job is None else self._owner(draft, event.job)
            draft.events.append(event_row(None if job is None else job.number, event))
            if job is not None and job.callbacks:
                called[job.id] = job
        deliveries = deliveries_of(called, numbered) if called else ()
        for delivery in deliveries:
            draft.deliveries.append(delivery_row(called[delivery.job].number, delivery))
            draft.delivery_revs[delivery.seq, delivery.place] = delivery.rev
        return tuple(numbered), deliveries


def _is_only_reports(change: Change) -> bool:
    return not (
        change.jobs
        or change.events
        or change.workers_gone
        or change.counters
        or change.results
        or change.attempts
        or change.aliases
        or change.request_key
        or change.tokens
        or change.filters
        or change.dropped_filters
        or change.deliveries
        or has_groups(change)
    )


def _check_finite(report: Report) -> None:
    if not (math.isfinite(report.current) and math.isfinite(report.total or 0.0)):
        raise InvalidRequest(
            f"worker {report.worker!r}: current and total must be finite numbers", field="current"
        )
