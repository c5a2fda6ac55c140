"""Looks further after attempts that were given up as lost: how they have ended may still come to light."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from headway.core.model.names import Tag
from headway.core.ports.executor import Observation
from headway.executors.batch import observing
from headway.executors.batch.ending import judged_by
from headway.executors.batch.entries import Entry
from headway.executors.batch.native import NativeJob
from headway.executors.batch.records import wanted
from headway.executors.batch.site import Site

_EVERY: Final = timedelta(seconds=60)
_FOR_GOOD: Final = timedelta(days=1)  #: after it was given up, or was found to have begun since


class Lost:
    """Corrects; see above."""

    def __init__(self, site: Site) -> None:
        self._records = site.records
        self._entries = site.entries

    async def corrected(self, rows: Mapping[Tag, NativeJob], at: datetime) -> list[Observation]:
        """Say of lost attempts how they have ended, where that is known by now.

        Raises:
            ExecutorUnavailable: their directories could not be looked into.
        """
        due = [entry for entry in self._entries if entry.is_lost and _is_due(entry, at)]
        if not due:
            return []
        found = await self._records.of([wanted(entry) for entry in due])
        news: list[Observation] = []
        for entry in due:
            own, row = found[wanted(entry)], rows.get(entry.tag)
            entry.silent = at
            if row is not None and (row.state is None or not row.state.is_final):
                continue
            if own.started is not None:
                entry.started = min(own.started.at, at)
                entry.since = max(entry.since, entry.started)
            judged = judged_by(entry, row, own)
            if judged is not None:
                news += observing.ended(entry, judged, at, record=own.ended, row=row)
            elif at - entry.since > _FOR_GOOD:
                self._entries.drop(entry)
        return news


def _is_due(entry: Entry, at: datetime) -> bool:
    return entry.silent is None or at - entry.silent >= _EVERY
