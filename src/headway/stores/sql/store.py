"""The Store over one SQLite file."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Final

from headway.core.errors import HeadwayError, NotFound
from headway.core.model.belongings import Belongings
from headway.core.model.change import Alias, Change, RequestKey, Retention, Written
from headway.core.model.condition import Field
from headway.core.model.delivery import Backlog, Delivery, DeliveryState
from headway.core.model.event import Event
from headway.core.model.job import Attempt, Job
from headway.core.model.names import Cluster, JobId, Seq, WorkerId
from headway.core.model.principal import Token
from headway.core.model.result import Returned
from headway.core.model.saved_filter import SavedFilter
from headway.core.model.selection import Selection, Visibility
from headway.core.model.storage import Footprint
from headway.core.model.worker import Counter, Tally, Worker
from headway.core.ports.store import Listener
from headway.stores.sql import deliveries, queries
from headway.stores.sql.cache import Cache, through
from headway.stores.sql.database import FILE_NAME, Connect, Database
from headway.stores.sql.footprint import read_footprint
from headway.stores.sql.group_reads import GroupReads
from headway.stores.sql.ledger import Ledger
from headway.stores.sql.pages import is_slow, read_page
from headway.stores.sql.plan import Planner
from headway.stores.sql.readers import Readers
from headway.stores.sql.resume import read_changed_since
from headway.stores.sql.retention import Forgetting
from headway.stores.sql.vocabulary import read_words
from headway.stores.sql.writer import Fatal, Writer

logger = logging.getLogger(__name__)

_LARGEST: Final = (1 << 63) - 1  # of SQLite's integers


class SqlStore(GroupReads):
    """See headway.core.ports.store. Made by ``open_store``, in the event loop that uses it."""

    def __init__(
        self,
        directory: Path,
        database: Database,
        *,
        connect: Connect,
        fatal: Fatal,
        held: ExitStack,
    ) -> None:
        planner = Planner(database, Ledger.read(database))
        self._seq = Seq(planner.ledger.seq)
        self._held = held
        self._directory = directory
        self._cache = Cache(queries.read_tokens(database))
        self._listeners: list[Listener] = []
        self._forgetting = Forgetting()
        self._readers = Readers(directory / FILE_NAME, connect)
        # A search that goes through all rows takes long: only other searches wait for it.
        self._searchers = Readers(directory / FILE_NAME, connect, count=1)
        # So does counting what is below many groups that are in one another: only other counts wait for it.
        self._counters = Readers(directory / FILE_NAME, connect, count=1)
        self._writer = Writer(database, planner, directory, committed=self._committed, fatal=fatal)

    async def write(self, change: Change) -> Written:
        """Commit one Change; see Store."""
        (answer,) = await self._writer.write((change,))
        if isinstance(answer, HeadwayError):
            raise answer
        return answer

    async def write_many(self, changes: Sequence[Change]) -> Sequence[Written | HeadwayError]:
        """Commit many Changes; see Store."""
        return await self._writer.write(tuple(changes)) if changes else ()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after each commit; see Store."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def job(self, job_id: JobId) -> Job:
        """Read one job; see Store."""
        kept = self._cache.jobs.get(job_id)
        return await self._load(job_id) if kept is None else kept

    async def job_by_number(self, number: int) -> Job:
        """Read one job by its number; see Store."""
        job = None
        if 0 < number <= _LARGEST:
            job = await self._readers.ask(lambda db: queries.read_job_by_number(db, number))
        if job is None:
            raise NotFound(f"no job has the number {number}")
        return self._cache.jobs.get(job.id) or job

    async def alias(self, namespace: str, key: str) -> Alias | None:
        """Read an alias; see Store."""
        kept = self._cache.aliases.get((namespace, key))
        if kept is not None:
            return kept

        async def load() -> Alias | None:
            return await self._readers.ask(lambda db: queries.read_alias(db, namespace, key))

        return await through(self._cache.aliases, (namespace, key), load)

    async def request_key(self, caller: str, key: str) -> RequestKey | None:
        """Read an idempotency key; see Store."""
        return await self._readers.ask(lambda db: queries.read_request_key(db, caller, key))

    async def jobs(
        self, selection: Selection, visibility: Visibility, *, limit: int, before: int | None = None
    ) -> list[Job]:
        """Read a page of jobs; see Store."""
        readers = self._searchers if is_slow(selection) else self._readers
        return await readers.ask(
            lambda db: read_page(db, selection, visibility, limit=limit, before=before)
        )

    async def accepted(self, cluster: Cluster, *, limit: int) -> list[Job]:
        """Read a cluster's accepted jobs; see Store."""
        return await self._readers.ask(lambda db: queries.read_accepted(db, cluster, limit))

    async def unfinished(self, cluster: Cluster) -> list[Job]:
        """Read a cluster's unfinished jobs; see Store."""
        return await self._readers.ask(lambda db: queries.read_unfinished(db, cluster))

    async def ended(self, *, before: datetime, limit: int) -> list[Job]:
        """Read jobs that ended before a time; see Store."""
        return await self._readers.ask(lambda db: queries.read_ended(db, before, limit))

    async def reporting(self) -> list[Job]:
        """Read the live report-only jobs; see Store."""
        return await self._readers.ask(queries.read_reporting)

    async def attempts(self, job_id: JobId) -> list[Attempt]:
        """Read a job's attempts; see Store."""
        return await self._readers.ask(lambda db: queries.read_attempts(db, job_id))

    async def workers(
        self, job_id: JobId, *, limit: int, after: WorkerId | None = None
    ) -> list[Worker]:
        """Read a page of workers; see Store."""
        return await self._readers.ask(lambda db: queries.read_workers(db, job_id, limit, after))

    async def worker(self, job_id: JobId, worker_id: WorkerId) -> Worker | None:
        """Read one worker; see Store."""
        return await self._readers.ask(lambda db: queries.read_worker(db, job_id, worker_id))

    async def counters(self, job_id: JobId) -> list[Counter]:
        """Read a job's counters; see Store."""
        return await self._readers.ask(lambda db: queries.read_counters(db, job_id))

    async def result(self, job_id: JobId) -> Returned | None:
        """Read what a job gave back; see Store."""
        return await self._readers.ask(lambda db: queries.read_result(db, job_id))

    async def belongings(self, job_id: JobId) -> Belongings:
        """Read what is shown with a job; see Store."""
        return await self._readers.ask(lambda db: queries.read_belongings(db, job_id))

    async def tallies(self, job_ids: Collection[JobId]) -> Mapping[JobId, Tally]:
        """Read roll-ups; see Store."""
        wanted = tuple(job_ids)
        if not wanted:
            return {}
        return await self._readers.ask(lambda db: queries.read_tallies(db, wanted))

    async def events(
        self, visibility: Visibility, *, job: JobId | None, after: Seq, limit: int
    ) -> list[Event]:
        """Read events; see Store."""
        return await self._readers.ask(
            lambda db: queries.read_events(db, visibility, job, min(after, self._seq), limit)
        )

    async def backlogs(self) -> list[Backlog]:
        """Read which callbacks have deliveries waiting; see Store."""
        return await self._readers.ask(deliveries.read_backlogs)

    async def next_delivery(self, job_id: JobId, place: int) -> Delivery | None:
        """Read a callback's first waiting delivery; see Store."""
        return await self._readers.ask(lambda db: deliveries.read_next_delivery(db, job_id, place))

    async def last_word(self, job_id: JobId, place: int) -> str:
        """Read what a callback was told last; see Store."""
        return await self._readers.ask(lambda db: deliveries.read_last_word(db, job_id, place))

    async def delivery(self, seq: Seq, place: int) -> Delivery:
        """Read one delivery; see Store."""
        found = None
        if max(seq, place) <= _LARGEST:
            found = await self._readers.ask(lambda db: deliveries.read_delivery(db, seq, place))
        if found is None:
            raise NotFound(f"event {seq} has no callback {place}")
        return found

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
        return await self._readers.ask(
            lambda db: deliveries.read_deliveries(db, visibility, job, states, limit, before)
        )

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
        if seq > self._seq:
            return None
        return await self._readers.ask(
            lambda db: read_changed_since(db, seq, selection, visibility, job=job, limit=limit)
        )

    def last_seq(self) -> Seq:
        """Give the newest sequence; see Store."""
        return self._seq

    async def token_by_hash(self, secret_hash: bytes) -> Token | None:
        """Read a token; see Store."""
        return self._cache.token(secret_hash)

    async def tokens(self) -> list[Token]:
        """Read all tokens; see Store."""
        tokens = self._cache.tokens.values()
        return sorted(tokens, key=lambda token: (token.created, token.id))

    async def filters(self, user: str) -> list[SavedFilter]:
        """Read a user's filters; see Store."""
        return await self._readers.ask(lambda db: queries.read_filters(db, user))

    async def words(
        self, field: Field, prefix: str, visibility: Visibility, *, limit: int
    ) -> list[str]:
        """Read words that jobs have in a field; see Store."""
        return await self._readers.ask(lambda db: read_words(db, field, prefix, visibility, limit))

    async def forget(self, retention: Retention, *, at: datetime, limit: int) -> int:
        """Delete what is too old; see Store."""
        went = await self._writer.run(
            lambda db, planner: self._forgetting.forget(db, planner, retention, at, limit)
        )
        if went:
            self._cache.clear()
        return went

    async def counts(self) -> Mapping[str, int]:
        """Count the jobs in each state; see Store."""
        return await self._readers.ask(lambda db: Ledger.read(db).counts)

    async def unfinished_counts(self, cluster: Cluster) -> Mapping[str, int]:
        """Count a cluster's jobs that have not ended; see Store."""
        return await self._readers.ask(lambda db: queries.count_unfinished(db, cluster))

    async def footprint(self) -> Footprint:
        """Tell how much room the file and its log take; see Store."""
        return await self._readers.ask(lambda db: read_footprint(db, self._directory))

    async def nobodys(self) -> int:
        """Count what nobody owns; see Store."""
        return await self._readers.ask(queries.count_nobodys)

    async def close(self) -> None:
        """Commit what is waiting and let go; see Store."""
        await self._readers.close()
        await self._searchers.close()
        await self._counters.close()
        await self._writer.close()
        self._held.close()

    async def _load(self, job_id: JobId) -> Job:
        async def load() -> Job | None:
            return await self._readers.ask(lambda db: queries.read_job(db, job_id))

        job = await through(self._cache.jobs, job_id, load)
        if job is None:
            raise NotFound(f"no job is called {job_id}")
        return job

    def _committed(self, pairs: Sequence[tuple[Change, Written]]) -> None:
        self._seq = pairs[-1][1].seq
        self._cache.committed(pairs)
        written = [written for _, written in pairs]
        for listener in tuple(self._listeners):
            try:
                listener(written)
            except Exception:
                logger.exception("a listener of the store failed")
