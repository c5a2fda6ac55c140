"""Follows attempts again that were handed over before this server was started, or whose answers were lost."""

import logging
from collections.abc import Mapping, Sequence

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId, Tag
from headway.executors.batch.arrays import Arrays
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.entries import Entry
from headway.executors.batch.native import Listing
from headway.executors.batch.records import Found, Wanted, bases_of, run_of, wanted
from headway.executors.batch.site import Site

logger = logging.getLogger(__name__)


class TakingUp:
    """Finds attempts by their marks in a listing, or by the records in their directories."""

    def __init__(self, site: Site, arrays: Arrays) -> None:
        self._dialect = site.dialect
        self._records = site.records
        self._entries = site.entries
        self._clock = site.clock
        self._arrays = arrays

    async def take_up(self, tags: Sequence[Tag], listing: Listing) -> None:
        """Follow those of these attempts that are listed, or have records.

        Raises:
            ExecutorUnavailable: their directories could not be looked into.
        """
        await self._arrays.read()
        restarts = {(row.mark, row.index): row.restarts or 0 for row in listing.rows if row.mark}
        candidates = {tag: [self._as_run_of(base, tag) for base in bases_of(tag)] for tag in tags}
        unlisted: list[Tag] = []
        taken: list[Entry] = []
        for tag, entries in candidates.items():
            listed = next((one for one in entries if self._is_listed(one, restarts)), None)
            if listed is None:
                unlisted.append(tag)
            else:
                listed.since = listing.asked
                taken.append(self._entries.add(listed))
        of_unlisted = [wanted(one) for tag in unlisted for one in candidates[tag]]
        found = await self._records.of([*of_unlisted, *map(wanted, taken)])
        for tag in unlisted:
            self._take_up_recorded(candidates[tag], found, listing)
        await self._keep_answers(taken, found, listing)

    async def _keep_answers(
        self, taken: Sequence[Entry], found: Mapping[Wanted, Found], listing: Listing
    ) -> None:
        """Write beside attempts whose answers were lost what their marks have told: the next listing may lack them."""
        rows = {(row.mark, row.index): row.array or row.id for row in listing.rows if row.mark}
        answers = {
            entry.home: rows[self._dialect.mark(entry.home), entry.element]
            for entry in taken
            if found[wanted(entry)].submitted is None
        }
        if not answers:
            return
        try:
            await self._records.write_submitted(answers, {})
        except ExecutorUnavailable as error:  # a job may have made its directory unusable
            logger.warning("not all ids could be written beside their attempts: %s", error)

    def _as_run_of(self, base: Tag, tag: Tag) -> Entry:
        """Give an attempt as the run that it would be of a submission: its own, or an earlier one's that was put back."""
        home, element = self._arrays.of(base)
        entry = Entry(tag, base=base, since=self._clock.now(), home=home, element=element)
        entry.run = run_of(tag, base)
        return entry

    def _is_listed(self, entry: Entry, restarts: Mapping[tuple[str, int | None], int]) -> bool:
        there = restarts.get((self._dialect.mark(entry.home), entry.element))
        return there is not None and there >= entry.run

    def _take_up_recorded(
        self, candidates: Sequence[Entry], found: Mapping[Wanted, Found], listing: Listing
    ) -> None:
        for entry in candidates:
            own = found[wanted(entry)]
            if own.is_there and (entry.run == 0 or own.started is not None):
                entry.since = listing.asked
                if own.submitted is not None:
                    entry.native_id = own_id(self._dialect, entry, own.submitted)
                if own.followed is not None:
                    self._entries.follow(entry, own.followed)
                entry.started = own.started.at if own.started is not None else None
                self._entries.add(entry)
                return
            if own != Found():
                return


def own_id(dialect: Dialect, entry: Entry, native_id: NativeId) -> NativeId:
    """Give the id of an entry's own job, where the whole submission's is ``native_id``."""
    return native_id if entry.element is None else dialect.element(native_id, entry.element)
