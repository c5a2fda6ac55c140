"""What a batch scheduler's listing says of jobs that carry no mark of Headway's: the user's own, handed over by hand.

They come out of the listing that is made for Headway's jobs anyway. Nothing here changes anything on the cluster.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from headway.core.model.names import NativeId
from headway.core.model.state import REASONS, State
from headway.core.ports.foreign import Fates, FilePart, ForeignJob, ForeignListing
from headway.executors.batch import verdict
from headway.executors.batch.dialect import Dialect, Source, tells_marked_only
from headway.executors.batch.native import Listing, NativeJob
from headway.executors.batch.pace import Pace
from headway.executors.batch.reading import detail_of
from headway.executors.batch.sources import Sources
from headway.executors.batch.transport import Transport

_MOST_WAITING: Final = (
    200  #: elements of one array that wait; the others are told of when they start
)
_SINGLY: Final = 8  #: jobs that are asked about one by one, at a time

_Key = tuple[NativeId, datetime | None]


class Foreign:
    """Keeps the newest listing's foreign jobs. See headway.core.ports.foreign.ForeignJobs.

    Args:
        dialect: how the scheduler is asked.
        transport: how it is reached.
        pace: knows whether somebody looks.
        list_now: has the scheduler listed as soon as may be.
    """

    def __init__(
        self, dialect: Dialect, transport: Transport, pace: Pace, list_now: Callable[[], None]
    ) -> None:
        self._dialect = dialect
        self._transport = transport
        self._sources = Sources(dialect, transport)
        self._pace = pace
        self._list_now = list_now
        self._listing: ForeignListing | None = None
        self._rows: dict[NativeId, tuple[NativeJob, ForeignJob]] = {}
        self.is_followed = False

    def follow(self) -> None:
        """Have them listed also while there are none of ours."""
        self.is_followed = True
        self._list_now()

    def heard(self, listing: Listing) -> None:
        """Hear what a listing said."""
        before, self._rows = self._rows, {}
        jobs: dict[NativeId, ForeignJob] = {}
        arrays: dict[NativeId, list[int]] = {}
        for row in _worth_telling(listing.rows, arrays):
            known = before.get(row.id)
            job = known[1] if known is not None and known[0] == row else foreign_job(row)
            self._rows[row.id] = row, job
            jobs[row.id] = job
        self._listing = ForeignListing(at=listing.asked, jobs=jobs, arrays=arrays)

    def listing(self) -> ForeignListing | None:
        """Give the newest listing's foreign jobs."""
        return self._listing

    def is_watched(self, at: datetime) -> bool:
        """Tell whether the scheduler is listed more often now than by itself."""
        return self._pace.is_watched(at_s=at.timestamp())

    async def fates(self, native_ids: Sequence[NativeId]) -> Fates:
        """Ask the scheduler's other sources, the best first, until each job is known.

        What is told of an id's other jobs, which had it before or have it now, is told too: ids are given out again.
        """
        found: dict[_Key, ForeignJob] = {}
        not_asked: set[NativeId] = set()
        for source in self._sources.all:
            known = {job.id for job in found.values() if job.state is not None}
            due = [native_id for native_id in native_ids if native_id not in known]
            portions = _portions(source, due)
            not_asked |= set(due).difference(*portions)
            for ids in portions:
                rows = await self._sources.ask(source, ids)
                if rows is None:
                    not_asked |= set(ids)
                own = [row for row in rows or () if row.id in ids and not row.is_marked]
                told = {(row.id, row.submitted): foreign_job(row) for row in own}
                found = told | {key: job for key, job in found.items() if key not in told}
        not_asked -= {job.id for job in found.values()}
        return Fates(jobs=list(found.values()), asked=set(native_ids) - not_asked)

    async def native_detail(self, native_id: NativeId) -> str:
        """Ask the scheduler for all it has on a job."""
        return await detail_of(native_id, self._dialect, self._transport)

    async def read_log(self, path: str, *, offset: int, limit: int) -> FilePart:
        """Read some bytes of a file that is not ours."""
        part = await self._transport.read(path, offset=offset, limit=limit, is_ours=False)
        return FilePart(part.data, part.size)


def foreign_job(row: NativeJob) -> ForeignJob:
    """Give a row in the core's words; the row itself where these are its own."""
    judged = row
    if row.state is not None and row.state.is_final:
        end = verdict.by_scheduler(row)
        judged = replace(
            row,
            state=end.state,
            reason=end.reason,
            why=end.message,
            exit_code=None if end.signal is not None else end.exit_code,
            signal=end.signal,
        )
    elif row.state is not None and row.reason not in REASONS[row.state]:
        judged = replace(row, reason=None)
    if (row.array is None) is not (row.index is None):
        judged = replace(judged, array=None, index=None)
    log = _absolute(row)
    return judged if log == row.log else replace(judged, log=log)


def _worth_telling(
    rows: Sequence[NativeJob], arrays: dict[NativeId, list[int]]
) -> Iterator[NativeJob]:
    """Give the rows without a mark, of each array's waiting elements only the first; note which elements there are."""
    waiting: dict[NativeId, int] = {}
    for row in rows:
        if row.is_marked:
            continue
        if row.array is not None and row.index is not None:
            arrays.setdefault(row.array, []).append(row.index)
            if row.state is State.QUEUED:
                waiting[row.array] = waiting.get(row.array, 0) + 1
                if waiting[row.array] > _MOST_WAITING:
                    continue
        yield row


def _absolute(row: NativeJob) -> str:
    if not row.log or row.log.startswith("/"):
        return row.log
    return f"{row.directory.rstrip('/')}/{row.log}" if row.directory.startswith("/") else ""


def _portions(source: Source, due: Sequence[NativeId]) -> list[Sequence[NativeId]]:
    """Divide jobs into those that one question is about; not all have their turn where each is asked about by itself."""
    if tells_marked_only(source):
        return [[native_id] for native_id in due[:_SINGLY]]
    return [due] if due else []
