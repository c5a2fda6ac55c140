"""The Store over plain dicts."""

import collections
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from headway.core.errors import HeadwayError, NotFound
from headway.core.model.belongings import Belongings
from headway.core.model.change import Alias, Change, RequestKey, Retention, Written
from headway.core.model.condition import VOCABULARIES, Field, values_of
from headway.core.model.delivery import Backlog, Delivery, DeliveryState
from headway.core.model.event import Event
from headway.core.model.job import Attempt, Job
from headway.core.model.names import Cluster, JobId, Seq, WorkerId
from headway.core.model.principal import Token
from headway.core.model.result import Returned
from headway.core.model.saved_filter import SavedFilter
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import Reason, State
from headway.core.model.storage import Footprint
from headway.core.model.worker import Counter, Tally, Worker
from headway.core.ports.store import Listener
from headway.stores.memory import outbox
from headway.stores.memory.group_reads import GroupReads
from headway.stores.memory.resume import changed_since
from headway.stores.memory.retention import forget
from headway.stores.memory.rows import Rows


class MemoryStore(GroupReads):
    """A Store that forgets at exit; see headway.core.ports.store. Every call takes as long as there are rows."""

    def __init__(self) -> None:
        self._rows = Rows()
        self._listeners: list[Listener] = []

    async def write(self, change: Change) -> Written:
        """Commit one Change; see Store."""
        written = self._rows.apply(change)
        for listener in tuple(self._listeners):
            listener((written,))
        return written

    async def write_many(self, changes: Sequence[Change]) -> Sequence[Written | HeadwayError]:
        """Commit many Changes; see Store."""
        answers: list[Written | HeadwayError] = []
        for change in changes:
            try:
                answers.append(self._rows.apply(change))
            except HeadwayError as error:
                answers.append(error)
        committed = [answer for answer in answers if isinstance(answer, Written)]
        for listener in tuple(self._listeners) if committed else ():
            listener(committed)
        return answers

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after each write; see Store."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def job(self, job_id: JobId) -> Job:
        """Read one job; see Store."""
        try:
            return self._rows.jobs[job_id]
        except KeyError:
            raise NotFound(f"no job is called {job_id}") from None

    async def job_by_number(self, number: int) -> Job:
        """Read one job by its number; see Store."""
        try:
            return self._rows.jobs[self._rows.ids[number]]
        except KeyError:
            raise NotFound(f"no job has the number {number}") from None

    async def alias(self, namespace: str, key: str) -> Alias | None:
        """Read an alias; see Store."""
        generations = self._rows.aliases.get((namespace, key))
        return generations[max(generations)] if generations else None

    async def request_key(self, caller: str, key: str) -> RequestKey | None:
        """Read an idempotency key; see Store."""
        return self._rows.keys.get((caller, key))

    async def jobs(
        self, selection: Selection, visibility: Visibility, *, limit: int, before: int | None = None
    ) -> list[Job]:
        """Read a page of jobs; see Store."""
        below = self._rows.groups.below_all(selection)
        found = [
            job
            for job in reversed(self._by_number())
            if (before is None or job.number < before)
            and visibility.covers(job)
            and selection.matches(job, below)
        ]
        return found[:limit]

    async def accepted(self, cluster: Cluster, *, limit: int) -> list[Job]:
        """Read a cluster's accepted jobs; see Store."""
        unfinished = await self.unfinished(cluster)
        waiting = (job for job in unfinished if job.state is State.ACCEPTED)
        return [job for job in waiting if job.reason is not Reason.DEPENDENCY][:limit]

    async def unfinished(self, cluster: Cluster) -> list[Job]:
        """Read a cluster's unfinished jobs; see Store."""
        return [j for j in self._by_number() if j.cluster == cluster and not j.state.is_final]

    async def ended(self, *, before: datetime, limit: int) -> list[Job]:
        """Read jobs that ended before a time; see Store."""
        ended = [(j.ended, j.number, j) for j in self._by_number() if j.ended and j.ended < before]
        return [job for _, _, job in sorted(ended)[:limit]]

    async def reporting(self) -> list[Job]:
        """Read the live report-only jobs; see Store."""
        return [job for job in self._by_number() if job.only_reports and not job.state.is_final]

    async def attempts(self, job_id: JobId) -> list[Attempt]:
        """Read a job's attempts; see Store."""
        attempts = self._rows.attempts.get(job_id, {})
        return [attempts[no] for no in sorted(attempts)]

    async def workers(
        self, job_id: JobId, *, limit: int, after: WorkerId | None = None
    ) -> list[Worker]:
        """Read a page of workers; see Store."""
        workers = self._rows.workers.get(job_id, {})
        ids = [worker_id for worker_id in sorted(workers) if after is None or worker_id > after]
        return [workers[worker_id] for worker_id in ids[:limit]]

    async def worker(self, job_id: JobId, worker_id: WorkerId) -> Worker | None:
        """Read one worker; see Store."""
        return self._rows.workers.get(job_id, {}).get(worker_id)

    async def counters(self, job_id: JobId) -> list[Counter]:
        """Read a job's counters; see Store."""
        return list(self._rows.counters.get(job_id, ()))

    async def result(self, job_id: JobId) -> Returned | None:
        """Read what a job gave back; see Store."""
        return self._rows.results.get(job_id)

    async def belongings(self, job_id: JobId) -> Belongings:
        """Read what is shown with a job; see Store."""
        return Belongings(
            tally=(await self.tallies([job_id]))[job_id],
            attempts=await self.attempts(job_id),
            counters=await self.counters(job_id),
        )

    async def tallies(self, job_ids: Collection[JobId]) -> Mapping[JobId, Tally]:
        """Read roll-ups; see Store."""
        children: dict[JobId, dict[str, int]] = {job_id: {} for job_id in job_ids}
        for job in self._rows.jobs.values():
            if job.parent in children:
                states = children[job.parent]
                states[job.state] = states.get(job.state, 0) + 1
        return {
            job_id: Tally.of(self._rows.workers.get(job_id, {}).values(), states)
            for job_id, states in children.items()
        }

    async def events(
        self, visibility: Visibility, *, job: JobId | None, after: Seq, limit: int
    ) -> list[Event]:
        """Read events; see Store."""
        found = [
            event
            for event in self._rows.events
            if event.seq > after
            and (job is None or event.job == job)
            and self._may_see(visibility, event)
        ]
        return found[:limit]

    async def backlogs(self) -> list[Backlog]:
        """Read which callbacks have deliveries waiting; see Store."""
        return outbox.backlogs(self._rows)

    async def next_delivery(self, job_id: JobId, place: int) -> Delivery | None:
        """Read a callback's first waiting delivery; see Store."""
        return outbox.next_delivery(self._rows, job_id, place)

    async def last_word(self, job_id: JobId, place: int) -> str:
        """Read what a callback was told last; see Store."""
        return outbox.last_word(self._rows, job_id, place)

    async def delivery(self, seq: Seq, place: int) -> Delivery:
        """Read one delivery; see Store."""
        try:
            return self._rows.deliveries[seq, place]
        except KeyError:
            raise NotFound(f"event {seq} has no callback {place}") from None

    async def deliveries(
        self,
        visibility: Visibility,
        *,
        job: JobId | None,
        states: AbstractSet[DeliveryState],
        limit: int,
        before: tuple[Seq, int] | None = None,
    ) -> list[Delivery]:
        """Read a page of deliveries; see Store."""
        found = outbox.deliveries(self._rows, visibility, job=job, states=states, before=before)
        return found[:limit]

    async def changed_since(
        self,
        seq: Seq,
        selection: Selection,
        visibility: Visibility,
        *,
        job: JobId | None,
        limit: int,
    ) -> Sequence[Written] | None:
        """Read what changed; see Store."""
        return changed_since(self._rows, seq, selection, visibility, job=job, limit=limit)

    def last_seq(self) -> Seq:
        """Give the newest sequence; see Store."""
        return self._rows.seq

    async def token_by_hash(self, secret_hash: bytes) -> Token | None:
        """Read a token; see Store."""
        tokens = self._rows.tokens.values()
        return next((token for token in tokens if token.secret_hash == secret_hash), None)

    async def tokens(self) -> list[Token]:
        """Read all tokens; see Store."""
        return sorted(self._rows.tokens.values(), key=lambda token: (token.created, token.id))

    async def filters(self, user: str) -> list[SavedFilter]:
        """Read a user's filters; see Store."""
        of_user = [saved for saved in self._rows.filters.values() if saved.user == user]
        return sorted(of_user, key=lambda saved: saved.name)

    async def words(
        self, field: Field, prefix: str, visibility: Visibility, *, limit: int
    ) -> list[str]:
        """Read words that jobs have in a field; see Store."""
        words = {
            value
            for job in self._rows.jobs.values()
            if field in VOCABULARIES and visibility.covers(job)
            for value in values_of(job, field)
            if isinstance(value, str) and value.startswith(prefix)
        }
        return sorted(words)[:limit]

    async def forget(self, retention: Retention, *, at: datetime, limit: int) -> int:
        """Delete what is too old; see Store."""
        return forget(self._rows, retention, at=at, limit=limit)

    async def counts(self) -> Mapping[str, int]:
        """Count the jobs in each state; see Store."""
        counts = {state.value: 0 for state in State}
        for job in self._rows.jobs.values():
            counts[job.state] += 1
        return counts

    async def unfinished_counts(self, cluster: Cluster) -> Mapping[str, int]:
        """Count a cluster's jobs that have not ended; see Store."""
        return collections.Counter(
            job.state.value
            for job in self._rows.jobs.values()
            if job.cluster == cluster and not job.state.is_final
        )

    async def footprint(self) -> Footprint:
        """Tell that nothing is on disk; see Store."""
        return Footprint()

    async def nobodys(self) -> int:
        """Count what nobody owns; see Store."""
        jobs = [job.id for job in self._rows.jobs.values() if not job.owner]
        return len(jobs) + sum(len(self._rows.workers.get(job_id, {})) for job_id in jobs)

    async def close(self) -> None:
        """Do nothing."""

    def _by_number(self) -> list[Job]:
        return [self._rows.jobs[job_id] for job_id in self._rows.ids.values()]

    def _may_see(self, visibility: Visibility, event: Event) -> bool:
        if event.group is not None:
            return visibility.covers_owner(event.group[0])
        if event.job is None:
            return visibility.everything
        return visibility.covers(self._rows.jobs[event.job])
