"""Asks a scheduler's sources about single jobs: its memory, its accounting."""

import logging
from collections.abc import Sequence
from typing import Final

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, InvalidRequest
from headway.core.model.names import NativeId
from headway.executors.batch.dialect import Dialect, Source, tells_marked_only
from headway.executors.batch.native import NativeJob
from headway.executors.batch.transport import Transport
from headway.executors.batch.words import ProgramNotThere

logger = logging.getLogger(__name__)

_ASKED_AT_ONCE: Final = 2000  #: ids in one command: an argument has at most 128 KiB


class Sources:
    """The sources of one cluster, best first.

    One that this site does not have (no accounting, no such program) knows no job, and nothing is missed by its silence; but
    once it has answered it is there, and what says otherwise then is a trouble that passes.
    """

    def __init__(self, dialect: Dialect, transport: Transport) -> None:
        self._dialect = dialect
        self._transport = transport
        self._heard: set[str] = set()

    @property
    def all(self) -> Sequence[Source]:
        """All of them."""
        return self._dialect.sources

    async def ask(self, source: Source, ids: Sequence[NativeId]) -> Sequence[NativeJob] | None:
        """Ask one of them about jobs, however many; None when it could not be asked."""
        rows: list[NativeJob] = []
        own = [each for each in ids if _can_be_asked(source, each)]
        if not own:
            return rows
        try:
            for first in range(0, len(own), _ASKED_AT_ONCE):
                some = own[first : first + _ASKED_AT_ONCE]
                rows += _asked_for(
                    source, some, source.read(await self._transport.run(source.ask(some)))
                )
        except (ExecutorRejected, ProgramNotThere) as error:
            is_there = source.name in self._heard
            logger.log(logging.INFO if is_there else logging.DEBUG, "%s: %s", source.name, error)
            return None if is_there else []
        except ExecutorUnavailable as error:
            logger.info("%s: %s", source.name, error)
            return None
        self._heard.add(source.name)
        return rows


def _asked_for(
    source: Source, ids: Sequence[NativeId], rows: Sequence[NativeJob]
) -> Sequence[NativeJob]:
    """Leave out what was not asked for: a source that finds jobs by their names finds those that others called like ours."""
    if not tells_marked_only(source):
        return rows
    wanted = set(ids)
    return [row for row in rows if row.id in wanted]


def _can_be_asked(source: Source, native_id: NativeId) -> bool:
    """Tell whether this is an id at all: it may come from a file that the job itself has written."""
    try:
        source.ask([native_id])
    except InvalidRequest:
        return False
    return True
