"""What a MemoryStore holds, and how a Change alters it."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from headway.core.errors import Conflict, InvalidRequest, NotFound
from headway.core.model.change import Alias, Change, CounterPatch, Reports, RequestKey, Written
from headway.core.model.delivery import Delivery, deliveries_of
from headway.core.model.event import Event
from headway.core.model.job import Attempt, Job
from headway.core.model.names import JobId, Seq, WorkerId
from headway.core.model.principal import Token
from headway.core.model.result import Returned
from headway.core.model.saved_filter import SavedFilter
from headway.core.model.worker import Counter, Worker
from headway.stores.memory.groups import GroupRows

_NONE: Final = Seq(0)


@dataclass
class Rows:
    """All rows. ``floor``: what changed up to it cannot be told any more, because rows were deleted."""

    jobs: dict[JobId, Job] = field(default_factory=dict)
    ids: dict[int, JobId] = field(default_factory=dict)  # by number, in its order
    attempts: dict[JobId, dict[int, Attempt]] = field(default_factory=dict)
    workers: dict[JobId, dict[WorkerId, Worker]] = field(default_factory=dict)
    counters: dict[JobId, tuple[Counter, ...]] = field(default_factory=dict)
    counters_seq: dict[JobId, Seq] = field(default_factory=dict)
    results: dict[JobId, Returned] = field(default_factory=dict)
    aliases: dict[tuple[str, str], dict[int, Alias]] = field(default_factory=dict)
    keys: dict[tuple[str, str], RequestKey] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    filters: dict[tuple[str, str], SavedFilter] = field(default_factory=dict)
    groups: GroupRows = field(default_factory=GroupRows)
    events: list[Event] = field(default_factory=list)
    deliveries: dict[tuple[Seq, int], Delivery] = field(default_factory=dict)  # in its keys' order
    seq: Seq = _NONE
    number: int = 0
    floor: Seq = _NONE

    def apply(self, change: Change) -> Written:
        """Check a whole Change, then keep it.

        Raises:
            Conflict: see Store.write.
            NotFound: see Store.write.
            InvalidRequest: a report's numbers are not finite, or a job has too many counters.
        """
        self._check(change)
        events = self._numbered(change.events)
        seq = events[-1].seq if events else Seq(self.seq + 1)
        self.groups, grouped = self.groups.after(change, seq, self.jobs.__contains__)
        self.seq = seq
        before: list[Job | None] = []
        jobs: list[Job] = []
        for job in change.jobs:
            before.append(self.jobs.get(job.id))
            jobs.append(self._keep_job(job))
        self._keep_belongings(change)
        self.events.extend(events)
        deliveries = (*change.deliveries, *deliveries_of(self.jobs, events))
        self.deliveries |= {(one.seq, one.place): one for one in deliveries}
        patch = change.counters
        if change.workers_gone is not None:
            self.workers.pop(change.workers_gone, None)
        return Written(
            seq=self.seq,
            jobs=tuple(jobs),
            before=tuple(before),
            workers_gone=change.workers_gone,
            workers=self._keep_reports(change.reports) if change.reports else (),
            counters=self._keep_counters(patch) if patch else (),
            counters_of=patch.job if patch else None,
            tokens=change.tokens,
            deliveries=deliveries,
            groups=grouped.groups,
            removals=grouped.removals,
            memberships=grouped.memberships,
            dropped_groups=grouped.dropped_groups,
            events=events,
        )

    def drop_job(self, job_id: JobId) -> None:
        """Delete a job with all that belongs to it."""
        self.groups.forget_job(job_id)
        del self.ids[self.jobs.pop(job_id).number]
        for table in (
            self.attempts,
            self.workers,
            self.counters,
            self.counters_seq,
            self.results,
        ):
            table.pop(job_id, None)
        for (namespace, key), generations in list(self.aliases.items()):
            kept = {no: alias for no, alias in generations.items() if alias.job != job_id}
            self.aliases[namespace, key] = kept
        self.keys = {name: key for name, key in self.keys.items() if key.job != job_id}
        self.events = [event for event in self.events if event.job != job_id]
        self.deliveries = {key: one for key, one in self.deliveries.items() if one.job != job_id}

    def _check(self, change: Change) -> None:
        revs: dict[JobId, int] = {}
        for job in change.jobs:
            stored = self.jobs.get(job.id)
            rev = revs.get(job.id, stored.rev if stored else 0)
            if rev != job.rev - 1:
                raise Conflict(f"job {job.id} is stored as rev {rev}; rev {job.rev} cannot follow")
            revs[job.id] = job.rev
        for job_id in _named(change):
            if job_id not in self.jobs and job_id not in revs:
                raise NotFound(f"no job is called {job_id}")
        self._check_names(change)
        self._check_deliveries(change.deliveries)
        if change.reports:
            _check_numbers(change.reports)
        if change.counters:
            self._patched(change.counters)

    def _check_names(self, change: Change) -> None:
        seen: set[tuple[str, str, int]] = set()
        for alias in change.aliases:
            name = (alias.namespace, alias.key, alias.generation)
            if name in seen or alias.generation in self.aliases.get(name[:2], {}):
                raise Conflict(f"the name {alias.key!r} is taken")
            seen.add(name)
        key = change.request_key
        if key is not None and (key.caller, key.key) in self.keys:
            raise Conflict(f"the idempotency key {key.key!r} is taken")

    def _check_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        revs: dict[tuple[Seq, int], int] = {}
        for delivery in deliveries:
            key = (delivery.seq, delivery.place)
            if key not in self.deliveries:
                raise NotFound(f"event {delivery.seq} has no callback {delivery.place}")
            rev = revs.get(key, self.deliveries[key].rev)
            if rev != delivery.rev - 1:
                raise Conflict(
                    f"callback {delivery.place} of event {delivery.seq} is stored as rev {rev};"
                    f" rev {delivery.rev} cannot follow"
                )
            revs[key] = delivery.rev

    def _numbered(self, events: Sequence[Event]) -> tuple[Event, ...]:
        return tuple(
            [
                msgspec.structs.replace(event, seq=Seq(seq))
                for seq, event in enumerate(events, self.seq + 1)
            ]
        )

    def _keep_job(self, job: Job) -> Job:
        before = self.jobs.get(job.id)
        if before is None:
            self.number += 1
            self.ids[self.number] = job.id
        number = before.number if before else self.number
        self.jobs[job.id] = msgspec.structs.replace(job, number=number, seq=self.seq)
        return self.jobs[job.id]

    def _keep_belongings(self, change: Change) -> None:
        for attempt in change.attempts:
            self.attempts.setdefault(attempt.job, {})[attempt.no] = attempt
        self.results |= dict(change.results)
        for alias in change.aliases:
            name = (alias.namespace, alias.key)
            self.aliases.setdefault(name, {})[alias.generation] = alias
        if change.request_key is not None:
            self.keys[change.request_key.caller, change.request_key.key] = change.request_key
        self.tokens |= {token.id: token for token in change.tokens}
        for name in change.dropped_filters:
            self.filters.pop(name, None)
        self.filters |= {(saved.user, saved.name): saved for saved in change.filters}

    def _keep_reports(self, reports: Reports) -> tuple[Worker, ...]:
        known = self.workers.setdefault(reports.job, {})
        changed: dict[WorkerId, Worker] = {}
        for report in reports.reports:
            before = changed.get(report.worker) or known.get(report.worker)
            after = Worker.first(reports.job, report) if before is None else before.after(report)
            if after is not before:
                changed[report.worker] = msgspec.structs.replace(after, seq=self.seq)
        known |= changed
        return tuple(changed.values())

    def _keep_counters(self, patch: CounterPatch) -> tuple[Counter, ...]:
        counters = self._patched(patch)
        self.counters[patch.job] = counters
        self.counters_seq[patch.job] = self.seq
        return counters

    def _patched(self, patch: CounterPatch) -> tuple[Counter, ...]:
        return patch.applied_to(self.counters.get(patch.job, ()), seq=self.seq)


def _named(change: Change) -> Collection[JobId]:
    named = (
        {alias.job for alias in change.aliases}
        | {job_id for job_id, _ in change.results}
        | {event.job for event in change.events}
    )
    named |= {attempt.job for attempt in change.attempts} | {change.workers_gone}
    for part in (change.reports, change.counters, change.request_key):
        named.add(part.job if part else None)
    return [job_id for job_id in named if job_id is not None]


def _check_numbers(reports: Reports) -> None:
    for report in reports.reports:
        if not (math.isfinite(report.current) and math.isfinite(report.total or 0.0)):
            raise InvalidRequest(
                f"worker {report.worker!r}: current and total must be finite numbers",
                field="current",
            )
