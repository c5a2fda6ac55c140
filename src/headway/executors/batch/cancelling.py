"""Has the scheduler end the native jobs of attempts whose end was asked for: it may list them later than that."""

import logging
from collections.abc import Sequence
from typing import Final

from headway.core.errors import ExecutorRejected
from headway.core.model.names import NativeId
from headway.executors.batch.entries import Entry
from headway.executors.batch.native import Listing, NativeJob
from headway.executors.batch.site import Site

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 500  #: attempts that one command ends: scancel needs seconds for thousands


class Cancelling:
    """Ends what a listing shows under the marks of attempts that are to end, and nothing else."""

    def __init__(self, site: Site) -> None:
        self._dialect = site.dialect
        self._transport = site.transport
        self._entries = site.entries

    async def end(self, listing: Listing) -> None:
        """End what is listed, once each; a listing from before the wish is not used: its ids may be others' by now.

        Raises:
            ExecutorUnavailable: the scheduler could not be asked.
        """
        cancelled = [
            entry
            for entry in self._entries
            if entry.cancelled and entry.cancelled <= listing.asked and not entry.over
        ]
        if not cancelled:
            return
        listed = self._listed(cancelled, listing.rows)
        entries = sorted(listed, key=lambda entry: set(listed[entry]) <= set(entry.ending))
        for first in range(0, len(entries), _AT_ONCE):
            some = entries[first : first + _AT_ONCE]
            ids = [each for entry in some for each in listed[entry] if each not in entry.ending]
            if ids:
                await self._end(ids)
            for entry in some:
                entry.ending = tuple(listed[entry]) or entry.ending

    async def _end(self, ids: Sequence[NativeId]) -> None:
        output = await self._transport.run(self._dialect.cancel(ids))
        try:
            self._dialect.cancelled(output)
        except ExecutorRejected as error:
            logger.warning("%s will not cancel: %s", self._dialect.name, error)

    def _listed(
        self, cancelled: Sequence[Entry], rows: Sequence[NativeJob]
    ) -> dict[Entry, list[NativeId]]:
        """Give the ids to be ended of each; one that stands for a stranger's job too, as a listing tells, is left alone."""
        found: dict[Entry, dict[NativeId, None]] = {entry: {} for entry in cancelled}
        strangers: set[NativeId] = set()
        for row in rows:
            if row.state is not None and row.state.is_final:
                continue
            entry = self._entries.of(row)
            if entry is None:
                strangers.add(row.id)
            elif entry in found:
                found[entry][row.id] = None
        return {
            entry: [each for each in ids if each not in strangers] for entry, ids in found.items()
        }
