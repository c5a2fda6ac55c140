"""The lists of arrays' elements on the cluster: which attempt is which element of which submission."""

import re
from collections.abc import Collection
from typing import Final

from headway.core.errors import NotFound
from headway.core.model.names import Tag
from headway.executors.batch.place import Places
from headway.executors.batch.script import read_elements
from headway.executors.batch.transport import Transport

_PART_BYTES: Final = 1 << 20
_MOST_BYTES: Final = 256 << 20
_TAG: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[0-9]{1,9}")


class Arrays:
    """Reads, once, what was submitted as an array before this server was started; what it submits itself it need not read."""

    def __init__(self, places: Places, transport: Transport) -> None:
        self._places = places
        self._transport = transport
        self._known: dict[Tag, tuple[Tag, int]] = {}
        self._has_read = False

    async def read(self) -> None:
        """Read all lists, if that was not done yet.

        Raises:
            ExecutorUnavailable: not now.
        """
        if self._has_read:
            return
        for name in await self._transport.names(self._places.arrays):
            if _TAG.fullmatch(name):  # else it was never whole, or a job has put it there
                home = Tag(name)
                for index, directory in read_elements(await self._content(home)).items():
                    self._known[Tag(directory.rpartition("/")[2])] = (home, index)
        self._has_read = True

    def of(self, base: Tag) -> tuple[Tag, int | None]:
        """Give the attempt that one was submitted with, and its place in that array; itself and None when it was alone."""
        return self._known.get(base, (base, None))

    async def forget(self, tags: Collection[Tag]) -> None:
        """Delete the lists of arrays whose first elements these are."""
        await self._transport.remove([self._places.elements(tag) for tag in tags])
        for tag in tags:
            self._known.pop(tag, None)

    async def _content(self, home: Tag) -> bytes:
        found = b""
        try:
            while len(found) < _MOST_BYTES:
                part = await self._transport.read(
                    self._places.elements(home), offset=len(found), limit=_PART_BYTES
                )
                found += part.data
                if not part.data:
                    return found
        except NotFound:  # deleted meanwhile
            return b""
        return b""  # we write none so long
