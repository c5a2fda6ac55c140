"""Concludes how attempts have ended that a listing says have ended, or does not know."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId, Tag
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Observation
from headway.executors.batch import observing, verdict
from headway.executors.batch.entries import Entry
from headway.executors.batch.native import NativeJob
from headway.executors.batch.patience import Patience
from headway.executors.batch.record import Ended
from headway.executors.batch.records import Found, wanted
from headway.executors.batch.site import Site
from headway.executors.batch.sources import Sources
from headway.executors.batch.verdict import Verdict

logger = logging.getLogger(__name__)

_REVOKED_AT_ONCE: Final = 64
_CANCELLED: Final = Verdict(State.CANCELLED, Reason.BY_USER, "", None, None)
_LOST: Final = Verdict(
    State.FAILED,
    Reason.LOST,
    "neither the scheduler's queue nor its accounting nor an exit record knows how it ended",
    None,
    None,
)
_LOST_WAITING: Final = _LOST._replace(
    message="the scheduler had it in its queue and does not know it any more; nothing says that it ever began: it may have been"
    " cancelled there, or forgotten in a crash"
)


class Ending:
    """Judges by records first, then by the scheduler's words, and by the silence of all in the end."""

    def __init__(self, site: Site, patience: Patience) -> None:
        self._sources = Sources(site.dialect, site.transport)
        self._records = site.records
        self._entries = site.entries
        self._clock = site.clock
        self._patience = patience
        self._judged: set[Entry] = set()  # now, by a look that has not come to its end

    async def of(self, open_ends: Mapping[Tag, NativeJob | None]) -> list[Observation]:
        """Say what has become of attempts, given their rows.

        Those that an earlier look is still judging are left to it: thousands would else be asked about several times at once.

        Raises:
            ExecutorUnavailable: the attempts' directories could not be looked into.
        """
        there = [entry for tag in open_ends if (entry := self._entries.get(tag)) is not None]
        entries = [entry for entry in there if entry not in self._judged]
        if not entries:
            return []
        self._judged.update(entries)
        try:
            return await self._of(entries, open_ends)
        finally:
            self._judged.difference_update(entries)

    async def _of(
        self, entries: Sequence[Entry], open_ends: Mapping[Tag, NativeJob | None]
    ) -> list[Observation]:
        own = {entry.tag: wanted(entry) for entry in entries}
        next_runs = {entry.tag: wanted(entry, later=1) for entry in entries}
        found = await self._records.of([*own.values(), *next_runs.values()])
        news: list[Observation] = []
        doubtful: dict[Tag, Found] = {}
        for entry in entries:
            row, records = open_ends[entry.tag], found[own[entry.tag]]
            if found[next_runs[entry.tag]].started is not None:  # not every scheduler counts them
                news.append(observing.put_back(self._entries, entry, self._clock.now()))
                continue
            judged = judged_by(entry, row, records)
            if judged is None:
                doubtful[entry.tag] = records
            else:
                news += self._end(entry, judged, records.ended, row)
        return news + await self._asked(doubtful, open_ends)

    async def _asked(
        self, doubtful: Mapping[Tag, Found], open_ends: Mapping[Tag, NativeJob | None]
    ) -> list[Observation]:
        """Ask the scheduler's other sources about attempts that are not clear, best first; conclude from silence in the end."""
        rows = dict(open_ends)
        asked_all = True
        for source in self._sources.all:
            due = self._unanswered(doubtful, rows)
            if not due:
                break
            answers = await self._sources.ask(source, list(due.values()))
            if answers is None:
                asked_all = False
            else:
                known = self._entries.rows_of(answers)
                rows |= {tag: known[tag] for tag in due if tag in known}
        revoked = await self._revoked(doubtful, rows)
        news: list[Observation] = []
        for tag, own in doubtful.items():
            entry = self._entries.get(tag)
            if entry is None:
                continue
            if own.revoked or tag in revoked:
                news += self._given_up(entry)
            else:
                news += await self._concluded(entry, own, rows[tag], asked_all=asked_all)
        return news

    async def _revoked(
        self, doubtful: Mapping[Tag, Found], rows: Mapping[Tag, NativeJob | None]
    ) -> set[Tag]:
        """See that attempts never begin that nobody knows and that are to end, or were never listed; gives those of them."""
        now = self._clock.now()
        due: list[Entry] = []
        for tag, own in doubtful.items():
            entry = self._entries.get(tag)
            if entry is None or rows[tag] is not None or _says_anything(own):
                continue
            silent = now - (entry.silent or now)
            forgotten = not entry.seen and silent >= self._patience.forgotten
            if entry.cancelled or forgotten:
                due.append(entry)
        revoked: set[Tag] = set()
        for for_good in (False, True):
            those = [entry for entry in due if for_good is not bool(entry.cancelled)]
            for first in range(0, len(those), _REVOKED_AT_ONCE):
                some = those[first : first + _REVOKED_AT_ONCE]
                revoked |= await self._revoked_of(some, for_good=for_good)
        return revoked

    async def _revoked_of(self, entries: Sequence[Entry], *, for_good: bool) -> set[Tag]:
        """See that nothing ever runs attempts; gives those of which that is known: the others hold up none."""
        tags = {entry.base: entry.tag for entry in entries}
        try:
            done = await self._records.revoke(list(tags), for_good=for_good)
        except ExecutorUnavailable as error:
            logger.warning("attempts cannot be given up: %s", error)
            return set()
        return {tags[base] for base in done}

    def _unanswered(
        self, doubtful: Iterable[Tag], rows: Mapping[Tag, NativeJob | None]
    ) -> dict[Tag, NativeId]:
        """Give the ids of attempts that no source has said enough of yet."""
        found: dict[Tag, NativeId] = {}
        for tag in doubtful:
            entry, row = self._entries.get(tag), rows[tag]
            if entry is not None and entry.native_id and (row is None or not _has_words(row)):
                found[tag] = entry.native_id
        return found

    async def _concluded(
        self, entry: Entry, own: Found, row: NativeJob | None, *, asked_all: bool
    ) -> list[Observation]:
        now = self._clock.now()
        if row is not None and (row.state is None or not row.state.is_final):
            entry.silent = None
            return observing.alive(entry, row, now)
        if entry.silent is None:
            entry.silent = now
        silent = now - entry.silent
        if row is not None:
            return await self._after_word(entry, own, row, silent)
        if own.ended is not None:
            if silent < self._patience.word_late:
                return []
            judged = await self._with_memory(entry, verdict.by_record(own.ended))
            return self._end(entry, judged, own.ended, None)
        return self._after_silence(entry, own, silent, asked_all=asked_all)

    async def _after_word(
        self, entry: Entry, own: Found, row: NativeJob, silent: timedelta
    ) -> list[Observation]:
        """Judge by a final word of the scheduler's; the exit record is given time to appear."""
        if own.ended is not None:
            judged = await self._with_memory(entry, verdict.by_both(own.ended, row))
            return self._end(entry, judged, own.ended, row)
        if entry.follows is not None:
            return self._end(entry, verdict.by_scheduler(row), None, row)
        if silent < self._patience.record_late:
            return []
        if own.claimed is not None and not _same_job(own.claimed, row.id):
            entry.native_id = own.claimed
            return []
        return self._end(entry, await self._by_scheduler(entry, own, row), None, row)

    async def _by_scheduler(self, entry: Entry, own: Found, row: NativeJob) -> Verdict:
        """Judge a run that has left no exit record by the scheduler's word and the last lines beside it."""
        judged = verdict.by_scheduler(row)
        has_begun = own.started is not None or entry.started is not None
        if entry.run and not has_begun:
            return verdict.before_it_began_again(judged, row)
        if not has_begun and own.claimed is None:
            said = await self._records.last_words(entry.home, entry.element)
            return verdict.before_it_began(judged, said)
        judged = await self._with_memory(entry, judged)
        return verdict.without_record(judged, row) if has_begun else judged

    async def _with_memory(self, entry: Entry, judged: Verdict) -> Verdict:
        """Judge a kill by the last lines beside it, too, which may say that it was for the memory."""
        if not verdict.may_be_memory(judged):
            return judged
        return verdict.of_memory(judged, await self._records.last_words(entry.home, entry.element))

    def _after_silence(
        self, entry: Entry, own: Found, silent: timedelta, *, asked_all: bool
    ) -> list[Observation]:
        """Conclude from the silence of queue, accounting and records, when it has lasted."""
        if silent < self._patience.lost or not asked_all:
            return []
        entry.since = self._clock.now()
        return self._end(entry, _LOST if _has_begun(entry, own) else _LOST_WAITING, None, None)

    def _given_up(self, entry: Entry) -> list[Observation]:
        """Say what becomes of an attempt that never begins any more, whatever its native job does."""
        if entry.cancelled:
            return self._end(entry, _CANCELLED, None, None)
        self._entries.drop(entry)
        return [observing.sent_again(entry, self._clock.now())]

    def _end(
        self, entry: Entry, judged: Verdict, record: Ended | None, row: NativeJob | None
    ) -> list[Observation]:
        return observing.ended(entry, judged, self._clock.now(), record=record, row=row)


def judged_by(entry: Entry, row: NativeJob | None, own: Found) -> Verdict | None:
    """Judge by row and records; None when they are not enough."""
    record = own.ended
    if record is not None and verdict.is_enough(record):
        return verdict.by_record(record)
    if own.revoked or row is None or row.state is None or not _has_words(row):
        return None
    if record is not None:
        return verdict.by_both(record, row)
    return _by_word(entry, row, own)


def _by_word(entry: Entry, row: NativeJob, own: Found) -> Verdict | None:
    """Judge by the row where there is no record; None when one may still come."""
    if entry.follows is not None:
        return verdict.by_scheduler(row)
    if own.claimed is not None and not _same_job(own.claimed, row.id):
        return None  # a double of ours that ran nothing: the claim's holder is the attempt
    if row.state is State.CANCELLED and own.started is None:
        return verdict.by_scheduler(row)
    return None


def _has_begun(entry: Entry, own: Found) -> bool:
    """Tell whether an attempt has begun, or may have: one that its own command has submitted leaves no records."""
    was_running = entry.told is not None and entry.told.state is State.RUNNING
    return was_running or own.started is not None or own.claimed is not None or bool(entry.follows)


def _says_anything(own: Found) -> bool:
    """Tell whether an attempt's own records say that it has begun, or never will."""
    return own.revoked or own.started is not None or own.ended is not None


def _has_words(row: NativeJob) -> bool:
    """Tell whether a final row says how it ended, not only that it did."""
    return (
        row.state in {State.SUCCEEDED, State.CANCELLED}
        or row.reason is not None
        or row.exit_code is not None
        or row.signal is not None
    )


def _same_job(claimed: NativeId, row_id: NativeId) -> bool:
    """Tell whether the id that a wrapper found in its environment is a row's: ``12`` or ``12.3`` against ``12``, ``12_3``, ``12[3]``."""
    return _digits(claimed) == _digits(row_id)


def _digits(native_id: str) -> list[str]:
    words = "".join(c if c.isdigit() else " " for c in native_id.partition("@")[0]).split()
    return words[:2]
