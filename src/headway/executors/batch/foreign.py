"""What a batch scheduler's listing says of jobs that carry no mark of Headway's: the user's own, handed over by hand.

They come out of the listing that is made for Headway's jobs anyway. Nothing here changes anything on the cluster.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.core.model.names import NativeId
from headway.core.model.state import REASONS, State
from headway.core.ports.foreign import Fates, FilePart, ForeignJob, ForeignListing
from headway.executors.batch import verdict
from headway.executors.batch.dialect import Dialect, Source, tells_marked_only
from headway.executors.batch.native import NativeJob
from headway.executors.batch.pace import Pace
from headway.executors.batch.transport import Transport

logger = logging.getLogger(__name__)

#: Every dialect's mark has the job's id in it, behind a word of ours. A job of another server's is not foreign either.
_MARKED: Final = re.compile(r"(?:headway:|hw[.-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_WAITING: Final = (
    200  #: elements of one array that wait; the others are told of when they start
)
_SINGLY: Final = 8  #: jobs that are asked about one by one, at a time


class Foreign:
    """Keeps the newest listing's foreign jobs. See headway.core.ports.foreign.ForeignJobs.

    Args:
        dialect: how the scheduler is asked.
        transport: how it is reached.
        pace: knows whether somebody looks.
    """

    def __init__(self, dialect: Dialect, transport: Transport, pace: Pace) -> None:
        self._dialect = dialect
        self._transport = transport
        self._listing: ForeignListing | None = None
        self._pace = pace
        self._rows: dict[NativeId, tuple[NativeJob, ForeignJob]] = {}

    def heard(self, rows: Sequence[NativeJob], asked: datetime) -> None:
        """Hear what a listing said."""
        before, self._rows = self._rows, {}
        jobs: dict[NativeId, ForeignJob] = {}
        arrays: dict[NativeId, list[int]] = {}
        for row in _worth_telling(rows, arrays):
            known = before.get(row.id)
            job = known[1] if known is not None and known[0] == row else foreign_job(row)
            self._rows[row.id] = row, job
            jobs[row.id] = job
        self._listing = ForeignListing(at=asked, jobs=jobs, arrays=arrays)

    def listing(self) -> ForeignListing | None:
        """Give the newest listing's foreign jobs."""
        return self._listing

    def is_watched(self, at: datetime) -> bool:
        """Tell whether the scheduler is listed more often now than by itself."""
        return self._pace.is_watched(at_s=at.timestamp())

    async def fates(self, native_ids: Sequence[NativeId]) -> Fates:
        """Ask the scheduler's other sources, the best first, until each job is known."""
        found: dict[NativeId, ForeignJob] = {}
        left_out: set[NativeId] = set()
        is_answered = False
        for source in self._dialect.sources:
            due = [native_id for native_id in native_ids if not _is_told(found.get(native_id))]
            if not due:
                break
            several = [due]
            if tells_marked_only(source):
                several = [[native_id] for native_id in due[:_SINGLY]]
                left_out |= set(due[_SINGLY:])
            for ids in several:
                rows = await self._ask(source, ids)
                is_answered = is_answered or rows is not None
                found |= {row.id: foreign_job(row) for row in rows or () if row.id in due}
        asked = set(native_ids) - (left_out - found.keys()) if is_answered else set[NativeId]()
        return Fates(jobs=list(found.values()), asked=asked)

    async def _ask(self, source: Source, ids: Sequence[NativeId]) -> Sequence[NativeJob] | None:
        """Ask about jobs; None when nobody answers."""
        try:
            return source.read(await self._transport.run(source.ask(ids)))
        except ExecutorUnavailable as error:
            logger.debug("%s: %s", source.name, error)
            return None

    async def native_detail(self, native_id: NativeId) -> str:
        """Ask the scheduler for all it has on a job."""
        output = await self._transport.run(self._dialect.detail(native_id))
        if output.exit_code and not output.stdout.strip():
            raise NotFound(f"{self._dialect.name} says of {native_id}: {output.complaint}")
        return output.text

    async def read_log(self, path: str, *, offset: int, limit: int) -> FilePart:
        """Read some bytes of a file that is not ours."""
        part = await self._transport.read(path, offset=offset, limit=limit, is_ours=False)
        return FilePart(part.data, part.size)


def foreign_job(row: NativeJob) -> ForeignJob:
    """Give a row in the core's words."""
    state, reason, why = row.state, row.reason, row.why
    exit_code, signal = row.exit_code, row.signal
    if state is not None and state.is_final:
        judged = verdict.by_scheduler(row)
        state, reason = judged.state, judged.reason
        why, signal = judged.message, judged.signal
        exit_code = None if signal is not None else judged.exit_code
    elif state is not None and reason not in REASONS[state]:
        reason = None
    return ForeignJob(
        native_id=row.id,
        submitted=row.submitted,
        name=row.name,
        state=state,
        reason=reason,
        word=row.word,
        why=why,
        exit_code=exit_code,
        signal=signal,
        usage=row.usage,
        restarts=row.restarts or 0,
        array=None if row.index is None else row.array,
        index=None if row.array is None else row.index,
        queue=row.queue,
        account=row.account,
        host=row.host,
        directory=row.directory,
        log=_absolute(row),
        started=row.started,
        ended=row.ended,
        expected_start=row.expected_start,
        position=row.position,
        asked=row.asked,
    )


def _worth_telling(
    rows: Sequence[NativeJob], arrays: dict[NativeId, list[int]]
) -> Iterator[NativeJob]:
    """Give the rows without a mark, of each array's waiting elements only the first; note which elements there are."""
    waiting: dict[NativeId, int] = {}
    for row in rows:
        if row.mark and _MARKED.search(row.mark):
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


def _is_told(job: ForeignJob | None) -> bool:
    return job is not None and job.state is not None
