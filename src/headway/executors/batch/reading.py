"""Reads for people what an attempt has written, and what its scheduler has to say of it."""

import contextlib
from collections.abc import Sequence

from headway.core.errors import NotFound
from headway.core.model.names import NativeId, Tag
from headway.core.ports.executor import LogPart, Stream
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.entries import Entry, Followed
from headway.executors.batch.records import Wanted, bases_of, run_of
from headway.executors.batch.site import Site
from headway.executors.batch.transport import Transport
from headway.executors.batch.words import ProgramNotThere


class Reading:
    """Reads of attempts that are followed, and of those that are not any more."""

    def __init__(self, site: Site) -> None:
        self._dialect = site.dialect
        self._transport = site.transport
        self._places = site.places
        self._records = site.records
        self._entries = site.entries

    async def log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read some bytes of what an attempt wrote, from its directory on the cluster.

        Raises:
            NotFound: there is none.
            ExecutorUnavailable: it cannot be reached now.
        """
        entry = self._entries.get(tag)
        for base in bases_of(tag) if entry is None else [entry.base]:
            path = self._places.log(base, stream, run_of(tag, base))
            with contextlib.suppress(NotFound):
                return await self._transport.read(path, offset=offset, limit=limit)
        followed = await self._followed(tag, entry)
        if followed is not None and followed.log and stream is Stream.STDOUT:  # it has both
            path = followed.log  # named by its user: rights that it lacks are not given back to it
            return await self._transport.read(path, offset=offset, limit=limit, is_ours=False)
        if entry is not None or followed is not None:
            return LogPart(data=b"", size=0)
        raise NotFound(f"the cluster has no log of attempt {tag}; it may have been deleted")

    async def detail(self, tag: Tag) -> str:
        """Ask the scheduler for all it has on an attempt: ``scontrol show job``, or ``sacct`` of one that this does not know.

        Raises:
            NotFound: it has nothing.
            ExecutorUnavailable: it could not be asked.
        """
        native_id = await self._native_id(tag)
        if native_id is None:
            raise NotFound(f"{self._dialect.name} has given attempt {tag} no id that is known here")
        return await detail_of(native_id, self._dialect, self._transport)

    async def _native_id(self, tag: Tag) -> NativeId | None:
        entry = self._entries.get(tag)
        if entry is not None and entry.native_id is not None:
            return entry.native_id
        wanted = [Wanted(base) for base in bases_of(tag)]
        found = await self._records.of(wanted)
        return next((own for each in wanted if (own := found[each].submitted)), None)

    async def _followed(self, tag: Tag, entry: Entry | None) -> Followed | None:
        """Give the native job of an attempt whose own command has submitted it."""
        if entry is not None:
            return entry.follows
        return (await self._records.of([Wanted(tag)]))[Wanted(tag)].followed


async def detail_of(native_id: NativeId, dialect: Dialect, transport: Transport) -> str:
    """Ask a scheduler for all it has on one of its jobs; of one that its queue does not know, its accounting, and say so.

    Raises:
        NotFound: it has nothing.
        ExecutorUnavailable: it could not be asked.
    """
    silent: list[str] = []
    said = ""
    for detail in dialect.details:
        try:
            output = await transport.run(detail.ask(native_id))
        except ProgramNotThere:
            if not silent:
                raise
            continue  # this site has none
        words = detail.read(output)
        if words:
            return f"{_not_of(silent, native_id, detail.name)}{words}"
        said = said or output.complaint
        silent.append(detail.name)
    others = f"; {' and '.join(silent[1:])} has nothing of it either" if silent[1:] else ""
    raise NotFound(f"{dialect.name} says of {native_id}: {said}{others}")


def _not_of(silent: Sequence[str], native_id: NativeId, name: str) -> str:
    if not silent:
        return ""
    return f"{silent[0]} does not know job {native_id} any more. This is what {name} has of it:\n\n"
