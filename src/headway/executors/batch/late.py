"""Asks for a scheduler's words for ends that the jobs' own records have told, where its listing has no ended jobs.

Once each, right after a job has left the listing: nothing is listed more often for it, and a word that cannot be had is not waited for.
"""

from collections.abc import Sequence
from typing import Final

from headway.core.model.state import State
from headway.core.ports.executor import Observation
from headway.executors.batch import observing
from headway.executors.batch.dialect import is_asked_of_all
from headway.executors.batch.entries import Entry
from headway.executors.batch.native import NativeJob
from headway.executors.batch.site import Site
from headway.executors.batch.sources import Sources

#: Of more that have ended since the last listing the others' words are let go.
_MOST_AT_ONCE: Final = 500


class LateWords:
    """See above; asks nobody where the dialect has no source for it."""

    def __init__(self, site: Site) -> None:
        self._entries = site.entries
        self._sources = Sources(site.dialect, site.transport)
        self._asked: set[Entry] = set()  # now, by a look that has not come to its end

    async def of(self, entries: Sequence[Entry]) -> list[Observation]:
        """Say what the scheduler calls ends otherwise, and follow these attempts no more."""
        own = [entry for entry in entries if entry not in self._asked]
        self._asked.update(own)
        try:
            return await self._of(own)
        finally:
            self._asked.difference_update(own)
            for entry in own:
                self._entries.drop(entry)

    async def _of(self, entries: Sequence[Entry]) -> list[Observation]:
        due = {entry.tag: entry for entry in entries[:_MOST_AT_ONCE]}
        ids = [entry.native_id for entry in due.values() if entry.native_id]
        source = next(filter(is_asked_of_all, self._sources.all), None)
        if source is None or not ids:
            return []
        rows = self._entries.rows_of(await self._sources.ask(source, ids) or [])
        news: list[Observation] = []
        for tag in due.keys() & rows.keys():
            row = rows[tag]
            if _tells_how(row):
                news += observing.called_otherwise(due[tag], row)
        return news


def _tells_how(row: NativeJob) -> bool:
    """Tell whether a row says how a job has ended. Of an array's elements PBS may keep only that they have."""
    if row.state is None or not row.state.is_final:
        return False
    causes = (row.reason, row.exit_code, row.signal)
    return row.state is State.CANCELLED or any(each is not None for each in causes)
