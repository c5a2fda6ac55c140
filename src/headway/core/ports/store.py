"""Where everything is kept. The ground state: all else can be made again from it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Protocol, TypeAlias

from headway.core.errors import HeadwayError
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
from headway.core.ports.groups import Groups

#: Called in the event loop after each commit, with all Changes of that commit in order of ``seq``. Must not block or raise.
Listener: TypeAlias = Callable[[Sequence[Written]], None]


class Store(Groups, Protocol):
    """Durable jobs. A write that returned is on disk; one that raised changed nothing.

    Reads see every write that has returned. All lists take the caller's visibility.
    """

    async def write(self, change: Change) -> Written:
        """Commit one Change, together with others that are waiting.

        Raises:
            Conflict: a job's, a group's or a delivery's stored rev is not one less than the new one, an alias, a request
                key or a root's name is taken, or a group would be below itself.
            NotFound: a report, a counter or a membership names a job or group that is not stored, or a delivery is not.
            StorageFull: no space; nothing was changed; later calls may succeed.
        """
        ...

    async def write_many(self, changes: Sequence[Change]) -> Sequence[Written | HeadwayError]:
        """Commit many Changes, in as few transactions as possible; each is answered on its own, in their order.

        What ``write`` would raise for one stands in its place. Changes of the same job are applied in their order.
        """
        ...

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have ``listener`` called after each commit; gives a function that ends this."""
        ...

    async def job(self, job_id: JobId) -> Job:
        """Read one job.

        Raises:
            NotFound: no job has that id.
        """
        ...

    async def job_by_number(self, number: int) -> Job:
        """Read one job by its short number.

        Raises:
            NotFound: no job has that number.
        """
        ...

    async def alias(self, namespace: str, key: str) -> Alias | None:
        """Read the newest generation of an alias."""
        ...

    async def request_key(self, caller: str, key: str) -> RequestKey | None:
        """Read an idempotency key."""
        ...

    async def jobs(
        self, selection: Selection, visibility: Visibility, *, limit: int, before: int | None = None
    ) -> list[Job]:
        """Read jobs, the newest number first, at most ``limit``, with numbers below ``before``."""
        ...

    async def accepted(self, cluster: Cluster, *, limit: int) -> list[Job]:
        """Read a cluster's accepted jobs, oldest first, but for those whose reason is that they wait for others."""
        ...

    async def unfinished(self, cluster: Cluster) -> list[Job]:
        """Read a cluster's jobs that have not ended, oldest first."""
        ...

    async def ended(self, *, before: datetime, limit: int) -> list[Job]:
        """Read jobs that ended before a time, the first to end first."""
        ...

    async def reporting(self) -> list[Job]:
        """Read the report-only jobs that have not ended, in the order of their numbers."""
        ...

    async def attempts(self, job_id: JobId) -> list[Attempt]:
        """Read a job's attempts, first one first."""
        ...

    async def workers(
        self, job_id: JobId, *, limit: int, after: WorkerId | None = None
    ) -> list[Worker]:
        """Read a job's workers in the order of their ids' code points, those after ``after``."""
        ...

    async def worker(self, job_id: JobId, worker_id: WorkerId) -> Worker | None:
        """Read one worker; None when the job has none of that id."""
        ...

    async def counters(self, job_id: JobId) -> list[Counter]:
        """Read a job's counters in their order."""
        ...

    async def result(self, job_id: JobId) -> Returned | None:
        """Read what a job gave back, when it is too long for its document or no JSON; None where nothing is kept so."""
        ...

    async def belongings(self, job_id: JobId) -> Belongings:
        """Read all that is shown with a job; empty for one that is not there."""
        ...

    async def tallies(self, job_ids: Collection[JobId]) -> Mapping[JobId, Tally]:
        """Read roll-ups; a job without workers and children may be left out."""
        ...

    async def events(
        self,
        visibility: Visibility,
        *,
        job: JobId | None,
        after: Seq,
        limit: int,
    ) -> list[Event]:
        """Read events after a sequence, oldest first; those of one job when given."""
        ...

    async def backlogs(self) -> list[Backlog]:
        """Read which callbacks have deliveries waiting, those first whose next call is due first."""
        ...

    async def next_delivery(self, job_id: JobId, place: int) -> Delivery | None:
        """Read the first waiting delivery of one of a job's callbacks, in the order of events; None when none waits."""
        ...

    async def last_word(self, job_id: JobId, place: int) -> str:
        """Read the word of the last event that one of a job's callbacks has acknowledged; "" when it has none."""
        ...

    async def delivery(self, seq: Seq, place: int) -> Delivery:
        """Read one delivery.

        Raises:
            NotFound: that event has none for a callback of that place.
        """
        ...

    async def deliveries(
        self,
        visibility: Visibility,
        *,
        job: JobId | None,
        states: AbstractSet[DeliveryState],
        limit: int,
        before: tuple[Seq, int] | None = None,
    ) -> list[Delivery]:
        """Read deliveries, the newest event first, with (seq, place) below ``before``.

        Those of one job when given; those in some states, or in any when ``states`` is empty.
        """
        ...

    async def changed_since(
        self,
        seq: Seq,
        selection: Selection,
        visibility: Visibility,
        *,
        job: JobId | None,
        limit: int,
    ) -> Sequence[Written] | None:
        """Read what changed after ``seq`` as a live client would have been told, oldest first.

        Gives the rows as they are now (a row changed twice comes once) and the events, and the ids of jobs that may have
        been selected before they changed and are not now. None when that cannot be told any
        more, or is more than ``limit`` rows: the client starts anew.
        """
        ...

    def last_seq(self) -> Seq:
        """Give the sequence of the newest commit."""
        ...

    async def token_by_hash(self, secret_hash: bytes) -> Token | None:
        """Read the token whose secret has this SHA-256, revoked or not."""
        ...

    async def tokens(self) -> list[Token]:
        """Read all tokens, oldest first."""
        ...

    async def filters(self, user: str) -> list[SavedFilter]:
        """Read a user's filters, in the order of their names' code points."""
        ...

    async def words(
        self, field: Field, prefix: str, visibility: Visibility, *, limit: int
    ) -> list[str]:
        """Read words that begin with ``prefix`` and that jobs have in a field, in the order of their code points.

        For labels, names, owners, clusters, protocols and projects; of any other field there are none. Words that only
        parts of other jobs have, or only old jobs, may be left out.
        """
        ...

    async def forget(self, retention: Retention, *, at: datetime, limit: int) -> int:
        """Delete at most ``limit`` of the rows that retention no longer keeps; gives how many went.

        Raises:
            StorageFull: no space to note the deletion.
        """
        ...

    async def counts(self) -> Mapping[str, int]:
        """Count the jobs in each state, by the state's word; for metrics."""
        ...

    async def unfinished_counts(self, cluster: Cluster) -> Mapping[str, int]:
        """Count a cluster's jobs that have not ended in each state, by the state's word; states without any may be left out."""
        ...

    async def footprint(self) -> Footprint:
        """Tell how much room the store takes and has."""
        ...

    async def nobodys(self) -> int:
        """Count the jobs that nobody owns, together with their workers. Takes longer the more they are."""
        ...

    async def close(self) -> None:
        """Commit what is waiting and let go; the store is not used again."""
        ...
