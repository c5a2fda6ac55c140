"""Follows attempts: what a listing, the records in their directories, and the scheduler's other sources say of them together.

"Cannot ask" is never "there is no such job": where one of the three could not be asked, nothing is concluded from its silence.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.core.model.names import NativeId, Tag, job_of_tag, tag_of
from headway.core.model.state import REASONS, Reason, State
from headway.core.ports.clock import Clock
from headway.core.ports.executor import Observation
from headway.executors.batch import verdict
from headway.executors.batch.dialect import Dialect, Source
from headway.executors.batch.entries import Entries, Entry, Told, Waiting
from headway.executors.batch.native import NativeJob
from headway.executors.batch.record import Ended, Started
from headway.executors.batch.records import Found, Records, Wanted
from headway.executors.batch.transport import Transport
from headway.executors.batch.verdict import Verdict

logger = logging.getLogger(__name__)

_RECORD_LATE: Final = timedelta(seconds=10)  #: network file systems show a new file so much later
_WORD_LATE: Final = timedelta(
    seconds=30
)  #: a scheduler's word for why it killed a job comes by then
_FORGOTTEN: Final = timedelta(
    seconds=30
)  #: a job that was never listed for so long never reached the scheduler's disk
_LOOK_FOR_LOST: Final = timedelta(seconds=60)
_LOST_FOR_GOOD: Final = timedelta(days=1)
_ASKED_AT_ONCE: Final = 2000  #: ids in one command: an argument has at most 128 KiB
_LIVELY: Final = {State.RUNNING: 2, State.QUEUED: 1}


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long silence is borne before something is concluded from it."""

    record_late: timedelta = _RECORD_LATE
    word_late: timedelta = _WORD_LATE
    forgotten: timedelta = _FORGOTTEN
    lost: timedelta = timedelta(minutes=5)


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing said, and when it was asked for: attempts handed over since are not in it."""

    rows: Sequence[NativeJob]
    asked: datetime


class Following:
    """Makes observations of what is known of the attempts in ``entries``."""

    def __init__(
        self,
        *,
        dialect: Dialect,
        transport: Transport,
        records: Records,
        entries: Entries,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._dialect = dialect
        self._transport = transport
        self._records = records
        self._entries = entries
        self._clock = clock
        self._patience = patience

    async def look(self, listing: Listing) -> list[Observation]:
        """Say what is new after a listing.

        Raises:
            ExecutorUnavailable: the attempts' directories could not be looked into.
        """
        by_tag = self._of_entries(listing.rows)
        news: list[Observation] = []
        open_ends: dict[Tag, NativeJob | None] = {}
        for entry in self._entries:
            if entry.over or entry.since > listing.asked:
                continue
            row = by_tag.get(entry.tag)
            if row is not None:
                entry.seen, entry.native_id = True, row.id
                news += self._put_back(entry, row, listing.asked)
            if row is None or (row.state is not None and row.state.is_final):
                open_ends[entry.tag] = row
                continue
            entry.silent = None
            news += self._alive(entry, row, listing.asked)
        news += await self._ends(open_ends)
        return news + await self._late(by_tag, listing.asked)

    def began(self, entry: Entry, record: Started) -> list[Observation]:
        """Say that an attempt has begun, by its own word."""
        if entry.over or record.run != entry.run:
            return []
        entry.started = record.at
        native_id = entry.native_id or _native_id(record.native_id)
        return self._tell(
            entry,
            Observation(
                tag=entry.tag,
                state=State.RUNNING,
                native_id=native_id,
                native_state=entry.told.native_state if entry.told else "",
                host=record.host,
                started=record.at,
                at=record.at,
            ),
        )

    def ended(self, entry: Entry, record: Ended) -> list[Observation]:
        """Say that an attempt has ended, by its own word; nothing where the scheduler's is needed too."""
        if entry.over and not entry.is_lost:
            return []
        if record.run != entry.run or not verdict.is_enough(record):
            return []
        return self._tell(entry, self._final(entry, verdict.by_record(record), record, None))

    def _of_entries(self, rows: Iterable[NativeJob]) -> dict[Tag, NativeJob]:
        """Give each attempt's row; of two native jobs with one mark the one that is further on."""
        found: dict[Tag, NativeJob] = {}
        for row in rows:
            entry = self._entries.of(row)
            if entry is None:
                continue
            other = found.get(entry.tag)
            if other is None or _likelier(row, other, entry):
                found[entry.tag] = row
        return found

    def _alive(self, entry: Entry, row: NativeJob, at: datetime) -> list[Observation]:
        entry.waiting = Waiting(row.why, row.expected_start, row.position, row.queue, row.host, at)
        if row.state is None:  # a word that nobody here knows: kept, shown, and nothing guessed
            if entry.told is None or entry.told.native_state == row.word:
                return []
            return self._tell(entry, _with_word(entry, row, at))
        reason = row.reason if row.reason in REASONS[row.state] else None
        started = (entry.started or row.started) if row.state is State.RUNNING else None
        return self._tell(
            entry,
            Observation(
                tag=entry.tag,
                state=row.state,
                reason=reason,
                native_id=row.id,
                native_state=row.word,
                host=row.host,
                started=started,
                at=started or at,
                message=row.why,
            ),
        )

    def _put_back(self, entry: Entry, row: NativeJob, at: datetime) -> list[Observation]:
        """Say how often the scheduler has put an attempt back into its queue since: each time it is the next one."""
        news: list[Observation] = []
        while entry.run < (row.restarts or 0):
            news.append(self._next_run(entry, at))
        return news

    def _next_run(self, entry: Entry, at: datetime) -> Observation:
        """Say that an attempt is over and has begun again as the next one.

        So an attempt is always as many after its base as its run is after the first, and its log is found without anybody's
        memory.
        """
        job_id, no = job_of_tag(entry.tag)
        before = entry.tag
        entry.run += 1
        entry.started, entry.told = None, None
        self._entries.rename(entry, tag_of(job_id, no + 1))
        logger.info("attempt %s was put back into the queue", before)
        return Observation(
            tag=before,
            state=State.QUEUED,
            reason=Reason.PREEMPTED,
            again=True,
            native_id=entry.native_id,
            at=at,
            message="the scheduler ended it and put it back into its queue",
        )

    async def _ends(self, open_ends: Mapping[Tag, NativeJob | None]) -> list[Observation]:
        """Judge attempts that the listing says have ended, or does not know."""
        if not open_ends:
            return []
        entries = [entry for tag in open_ends if (entry := self._entries.get(tag)) is not None]
        wanted = {entry.tag: _wanted(entry) for entry in entries}
        next_runs = {entry.tag: _wanted(entry, later=1) for entry in entries}
        found = await self._records.of([*wanted.values(), *next_runs.values()])
        news: list[Observation] = []
        doubtful: dict[Tag, Found] = {}
        for entry in entries:
            row, own = open_ends[entry.tag], found[wanted[entry.tag]]
            if found[next_runs[entry.tag]].started is not None:  # not every scheduler counts them
                news.append(self._next_run(entry, self._clock.now()))
                continue
            told = self._judged(entry, row, own)
            if told is None:
                doubtful[entry.tag] = own
            else:
                news += self._tell(entry, told)
        return news + await self._asked(doubtful, open_ends)

    def _judged(self, entry: Entry, row: NativeJob | None, own: Found) -> Observation | None:
        """Judge by listing and records; None when they are not enough."""
        record = own.ended
        if record is not None and verdict.is_enough(record):
            return self._final(entry, verdict.by_record(record), record, row)
        if own.revoked or row is None or row.state is None or not _has_words(row):
            return None
        if record is not None:
            return self._final(entry, verdict.by_both(record, row), record, row)
        return self._by_word(entry, row, own)

    def _by_word(self, entry: Entry, row: NativeJob, own: Found) -> Observation | None:
        """Judge by the listing where there is no record; None when one may still come."""
        if entry.follows is not None:
            return self._final(entry, verdict.by_scheduler(row), None, row)
        if own.claimed is not None and not _same_job(own.claimed, row.id):
            return None  # a double of ours that ran nothing: the claim's holder is the attempt
        if row.state is State.CANCELLED and own.started is None:
            return self._final(entry, verdict.by_scheduler(row), None, row)
        return None

    async def _asked(
        self, doubtful: Mapping[Tag, Found], open_ends: Mapping[Tag, NativeJob | None]
    ) -> list[Observation]:
        """Ask the scheduler's other sources about attempts that are not clear, best first; conclude from silence in the end."""
        rows = dict(open_ends)
        asked_all = True
        for source in self._dialect.sources:
            due = self._unanswered(doubtful, rows)
            if not due:
                break
            answers = await self._ask(source, due)
            if answers is None:
                asked_all = False
            else:
                rows |= answers
        news: list[Observation] = []
        for tag, own in doubtful.items():
            entry = self._entries.get(tag)
            if entry is not None:
                news += await self._concluded(entry, own, rows[tag], asked_all=asked_all)
        return news

    def _unanswered(
        self, doubtful: Iterable[Tag], rows: Mapping[Tag, NativeJob | None]
    ) -> dict[Tag, Entry]:
        """Give the attempts that no source has said enough of yet, and that have an id to be asked by."""
        found: dict[Tag, Entry] = {}
        for tag in doubtful:
            entry, row = self._entries.get(tag), rows[tag]
            if entry is not None and entry.native_id and (row is None or not _has_words(row)):
                found[tag] = entry
        return found

    async def _ask(self, source: Source, due: Mapping[Tag, Entry]) -> dict[Tag, NativeJob] | None:
        """Give what a source knows of attempts; None when it could not be asked."""
        ids = [entry.native_id for entry in due.values() if entry.native_id]
        rows: list[NativeJob] = []
        try:
            for first in range(0, len(ids), _ASKED_AT_ONCE):
                some = ids[first : first + _ASKED_AT_ONCE]
                rows += source.read(await self._transport.run(source.ask(some)))
        except ExecutorRejected as error:  # this site has no such source: its silence says nothing
            logger.debug("%s: %s", source.name, error)
            return {}
        except ExecutorUnavailable as error:
            logger.info("%s: %s", source.name, error)
            return None
        by_id = {row.id: row for row in rows}
        found: dict[Tag, NativeJob] = {}
        for tag, entry in due.items():
            row = by_id.get(entry.native_id) if entry.native_id else None
            if row is not None and self._is_ours(row, entry):
                found[tag] = row
        return found

    def _is_ours(self, row: NativeJob, entry: Entry) -> bool:
        """Tell whether a row that was asked for by its id is our job: ids are given out again."""
        if entry.follows is not None:
            return entry.follows.is_this(row)
        return row.mark == self._dialect.mark(entry.home) and row.index == entry.element

    async def _concluded(
        self, entry: Entry, own: Found, row: NativeJob | None, *, asked_all: bool
    ) -> list[Observation]:
        now = self._clock.now()
        if own.revoked:
            return self._given_up(entry)
        if row is not None and (row.state is None or not row.state.is_final):
            entry.silent = None
            return self._alive(entry, row, now)
        if entry.silent is None:
            entry.silent = now
        silent = now - entry.silent
        if row is not None:
            return await self._after_word(entry, own, row, silent)
        if own.ended is not None:
            if silent < self._patience.word_late:
                return []
            return self._tell(
                entry, self._final(entry, verdict.by_record(own.ended), own.ended, None)
            )
        return await self._after_silence(entry, own, silent, asked_all=asked_all)

    async def _after_word(
        self, entry: Entry, own: Found, row: NativeJob, silent: timedelta
    ) -> list[Observation]:
        """Judge by a final word of the scheduler's; the exit record is given time to appear."""
        if own.ended is not None:
            return self._tell(
                entry, self._final(entry, verdict.by_both(own.ended, row), own.ended, row)
            )
        if entry.follows is not None:
            return self._tell(entry, self._final(entry, verdict.by_scheduler(row), None, row))
        if silent < self._patience.record_late:
            return []
        if own.claimed is not None and not _same_job(own.claimed, row.id):
            entry.native_id = own.claimed
            return []
        judged = verdict.by_scheduler(row)
        if own.started is None and own.claimed is None:
            judged = verdict.before_it_began(judged, await self._records.last_words(entry.home))
        elif judged.reason is Reason.SIGNAL and entry.element is None:
            judged = verdict.of_memory(judged, await self._records.last_words(entry.home))
        return self._tell(entry, self._final(entry, judged, None, row))

    async def _after_silence(
        self, entry: Entry, own: Found, silent: timedelta, *, asked_all: bool
    ) -> list[Observation]:
        """Conclude from the silence of queue, accounting and records, when it has lasted."""
        begun = own.started is not None
        forgotten = not entry.seen and silent >= self._patience.forgotten
        if not begun and (entry.cancelled or forgotten) and await self._records.revoke(entry.base):
            return self._given_up(entry)
        if silent < self._patience.lost or not asked_all:
            return []
        return self._tell(entry, self._final(entry, _LOST, None, None))

    def _given_up(self, entry: Entry) -> list[Observation]:
        """Say what becomes of an attempt that never begins any more, whatever its native job does."""
        if entry.cancelled:
            return self._tell(entry, self._final(entry, _CANCELLED, None, None))
        logger.warning("attempt %s: the scheduler has forgotten it; it is sent again", entry.tag)
        self._entries.drop(entry)
        return [self._sent_again(entry)]

    async def _late(self, by_tag: Mapping[Tag, NativeJob], at: datetime) -> list[Observation]:
        """Say of attempts that were given up as lost how they have ended, if that has come to light."""
        due = [entry for entry in self._entries if entry.is_lost and self._is_due(entry, at)]
        if not due:
            return []
        found = await self._records.of([_wanted(entry) for entry in due])
        news: list[Observation] = []
        for entry in due:
            entry.silent = at
            row = by_tag.get(entry.tag)
            if row is not None and (row.state is None or not row.state.is_final):
                continue
            told = self._judged(entry, row, found[_wanted(entry)])
            if told is not None:
                news += self._tell(entry, told)
            elif at - entry.since > _LOST_FOR_GOOD:
                self._entries.drop(entry)
        return news

    def _is_due(self, entry: Entry, at: datetime) -> bool:
        return entry.silent is None or at - entry.silent >= _LOOK_FOR_LOST

    def _sent_again(self, entry: Entry) -> Observation:
        return Observation(
            tag=entry.tag,
            state=State.ACCEPTED,
            reason=Reason.LOST,
            again=True,
            native_id=entry.native_id,
            at=self._clock.now(),
            message="the scheduler had taken it and forgot it before it began",
        )

    def _final(
        self, entry: Entry, judged: Verdict, record: Ended | None, row: NativeJob | None
    ) -> Observation:
        if entry.cancelled:
            judged = verdict.of_cancelled(judged, record)
        usage = record.usage if record is not None else row.usage if row is not None else None
        started = record.started if record is not None else row.started if row is not None else None
        ended = record.at if record is not None else row.ended if row is not None else None
        at = ended or self._clock.now()
        return Observation(
            tag=entry.tag,
            state=judged.state,
            reason=judged.reason,
            native_id=entry.native_id,
            native_state=row.word if row is not None else "",
            host=record.host if record is not None else row.host if row is not None else "",
            exit_code=judged.exit_code if judged.signal is None else None,
            signal=judged.signal,
            usage=usage,
            started=started or entry.started,
            at=at,
            message=judged.message,
        )

    def _tell(self, entry: Entry, news: Observation) -> list[Observation]:
        """Keep what is said of an attempt, and say nothing twice."""
        told = Told(news.state, news.reason, news.native_state)
        if entry.told == told:
            return []
        entry.told = told
        entry.over = news.state.is_final
        return [news]


_NOTHING: Final = Told(State.ACCEPTED, None, "")
_CANCELLED: Final = Verdict(State.CANCELLED, Reason.BY_USER, "", None, None)
_LOST: Final = Verdict(
    State.FAILED,
    Reason.LOST,
    "neither the scheduler's queue nor its accounting nor an exit record knows how it ended",
    None,
    None,
)


def _wanted(entry: Entry, *, later: int = 0) -> Wanted:
    return Wanted(entry.base, entry.run + later, entry.home)


def _has_words(row: NativeJob) -> bool:
    """Tell whether a final row says how it ended, not only that it did."""
    return (
        row.state in {State.SUCCEEDED, State.CANCELLED}
        or row.reason is not None
        or row.exit_code is not None
        or row.signal is not None
    )


def _likelier(row: NativeJob, other: NativeJob, entry: Entry) -> bool:
    """Tell which of two native jobs with one mark is the attempt: the one that lives, or the one that was answered."""
    lively = _LIVELY.get(row.state or State.QUEUED, 0) - _LIVELY.get(other.state or State.QUEUED, 0)
    return lively > 0 or (lively == 0 and row.id == entry.native_id)


def _same_job(claimed: NativeId, row_id: NativeId) -> bool:
    """Tell whether the id that a wrapper found in its environment is a row's: ``12`` or ``12.3`` against ``12``, ``12_3``, ``12[3]``."""
    return _digits(claimed) == _digits(row_id)


def _digits(native_id: str) -> list[str]:
    words = "".join(c if c.isdigit() else " " for c in native_id.partition("@")[0]).split()
    return words[:2]


def _native_id(text: str) -> NativeId | None:
    return NativeId(text) if text else None


def _with_word(entry: Entry, row: NativeJob, at: datetime) -> Observation:
    told = entry.told or _NOTHING
    return Observation(
        tag=entry.tag,
        state=told.state,
        reason=told.reason,
        native_id=row.id,
        native_state=row.word,
        host=row.host,
        at=at,
        message=row.why,
    )
