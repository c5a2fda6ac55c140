"""Why some jobs stand as they do, where the listing does not say it and another source does."""

import logging
from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

from msgspec.structs import replace

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.executors.batch.dialect import Source
from headway.executors.batch.native import NativeJob
from headway.executors.batch.transport import Transport

logger = logging.getLogger(__name__)

_MOST_AT_ONCE: Final = 100  #: as many more are asked about after the next listing


@runtime_checkable
class Reticent(Protocol):
    """A dialect whose listing tells of some jobs only that something is wrong."""

    @property
    def explains(self) -> Source:
        """Where to ask what it is."""
        ...

    def is_unexplained(self, row: NativeJob) -> bool:
        """Tell whether a row of the listing is of such a job."""
        ...


class Explaining:
    """Asks about such jobs, once each for as long as they stand so; about none where the dialect is not reticent."""

    def __init__(self, dialect: object, transport: Transport) -> None:
        self._dialect = dialect if isinstance(dialect, Reticent) else None
        self._transport = transport
        self._known: dict[NativeId, tuple[NativeJob, NativeJob]] = {}  # as listed, and explained

    async def of(self, rows: Sequence[NativeJob]) -> Sequence[NativeJob]:
        """Give the rows of a listing with what is known beside them; one that is as it was is the same object."""
        if self._dialect is None:
            return rows
        wanted = [row for row in rows if self._dialect.is_unexplained(row)]
        known = {row.id: self._known[row.id] for row in wanted if self._is_known(row)}
        new = [row for row in wanted if row.id not in known][:_MOST_AT_ONCE]
        if new:
            said = await self._said(self._dialect.explains, [row.id for row in new])
            known |= {row.id: (row, _explained(row, said[row.id])) for row in new if row.id in said}
        self._known = known
        return [known[row.id][1] if row.id in known else row for row in rows]

    def _is_known(self, row: NativeJob) -> bool:
        found = self._known.get(row.id)
        return found is not None and found[0] == row

    async def _said(self, source: Source, ids: Sequence[NativeId]) -> dict[NativeId, str]:
        """Give what is said of jobs; nothing of those that are not known there, or when it cannot be asked."""
        try:
            told = source.read(await self._transport.run(source.ask(ids)))
        except (ExecutorRejected, ExecutorUnavailable) as error:
            logger.info("%s: %s", source.name, error)
            return {}
        return {row.id: row.why for row in told}


def _explained(row: NativeJob, said: str) -> NativeJob:
    return replace(row, why=f"{row.why}: {said}" if row.why else said) if said else row
