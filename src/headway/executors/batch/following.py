"""Follows attempts: what a listing, the records in their directories, and the scheduler's other sources say of them together.

"Cannot ask" is never "there is no such job": where one of the three could not be asked, nothing is concluded from its silence.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from headway.core.model.names import Tag
from headway.core.ports.executor import Observation
from headway.executors.batch import observing, verdict
from headway.executors.batch.ending import Ending
from headway.executors.batch.entries import Entry
from headway.executors.batch.late import LateWords
from headway.executors.batch.lost import Lost
from headway.executors.batch.native import Listing, NativeJob
from headway.executors.batch.patience import Patience
from headway.executors.batch.record import Ended, Started
from headway.executors.batch.site import Site

_WORD_WITHIN: Final = timedelta(minutes=1)


class Following:
    """Makes observations of what is known of the attempts in ``entries``."""

    def __init__(self, site: Site, patience: Patience) -> None:
        self._entries = site.entries
        self._clock = site.clock
        self._ending = Ending(site, patience)
        self._late = LateWords(site)
        self._lost = Lost(site)

    async def look(self, listing: Listing) -> list[Observation]:
        """Say what is new after a listing.

        Raises:
            ExecutorUnavailable: the attempts' directories could not be looked into.
        """
        rows = self._entries.rows_of(listing.rows)
        news: list[Observation] = []
        open_ends: dict[Tag, NativeJob | None] = {}
        gone: list[Entry] = []
        for entry in self._entries:
            if entry.settled is not None and listing.asked > entry.settled:
                row = rows.get(entry.tag)
                if row is None:
                    gone.append(entry)
                else:
                    news += self._called(entry, row, entry.settled, listing.asked)
            if entry.over or entry.is_past(listing.asked):
                continue
            entry.asked = listing.asked
            row = rows.get(entry.tag)
            if row is not None:
                entry.seen, entry.native_id = True, row.id
                news += self._put_back(entry, row, listing)
            if row is None or (row.state is not None and row.state.is_final):
                open_ends[entry.tag] = row
                continue
            entry.silent = None
            news += observing.alive(entry, row, listing.asked)
        news += await self._ending.of(open_ends)
        news += await self._late.of(gone)
        return news + await self._lost.corrected(rows, listing.asked)

    def _called(
        self, entry: Entry, row: NativeJob, settled: datetime, asked: datetime
    ) -> list[Observation]:
        """Hear the scheduler's word for an end, and follow the attempt no more; it may list a job as running for some time yet."""
        news: list[Observation] = []
        if row.state is not None and row.state.is_final:
            news = observing.called_otherwise(entry, row)
        elif asked - settled < _WORD_WITHIN:
            return []
        self._entries.drop(entry)
        return news

    def began(self, entry: Entry, record: Started) -> list[Observation]:
        """Say that an attempt has begun, by its own word."""
        if entry.over or record.run != entry.run:
            return []
        return observing.began(entry, record, self._clock.now())

    def ended(self, entry: Entry, record: Ended) -> list[Observation]:
        """Say that an attempt has ended, by its own word; nothing where the scheduler's is needed too."""
        if entry.over and not entry.is_lost:
            return []
        if record.run != entry.run or not verdict.is_enough(record):
            return []
        judged = verdict.by_record(record)
        return observing.ended(entry, judged, self._clock.now(), record=record, row=None)

    def _put_back(self, entry: Entry, row: NativeJob, listing: Listing) -> Iterator[Observation]:
        """Say how often the scheduler has put an attempt back into its queue since: each time it is the next one."""
        while entry.run < (row.restarts or 0):
            yield observing.put_back(self._entries, entry, listing.asked)
