"""The hash of users: the names of moi users, which are roots, and their groups' ids, each by the other."""

from collections.abc import Sequence
from typing import Final

from headway.core.model.group import Group
from headway.protocols.moi.bus.batch import Batch
from headway.protocols.moi.bus.limited import Limited
from headway.protocols.moi.bus.link import Link
from headway.protocols.moi.wire.keys import USERS

_LONGEST: Final = 1_000  #: bytes of a name or an id


class Users:
    """Reads what of it others may have written, and never more than a name's length of that."""

    def __init__(self, link: Link, log: Limited) -> None:
        self._link = link
        self._log = log

    async def put(self, batch: Batch, roots: Sequence[Group]) -> None:
        """Have roots written, both ways, that are not there so; a name that one had before is dropped.

        Raises:
            Away, Refused: Redis cannot be asked.
        """
        groups = await self._read([root.name for root in roots])
        names = await self._read([root.id for root in roots])
        for root, group, name in zip(roots, groups, names, strict=True):
            if group not in {None, root.id.encode()}:
                self._log.say(f"{USERS} had another id for {root.name!r}: {group!r}")
            if name is not None and name != root.name.encode():
                await self._drop_name(batch, name, root.id)
            if (group, name) != (root.id.encode(), root.name.encode()):
                batch.put_user(root.name, root.id)

    async def drop(self, batch: Batch, group_id: str) -> None:
        """Have a group dropped that may have been a user's.

        Raises:
            Away, Refused: Redis cannot be asked.
        """
        (name,) = await self._read([group_id])
        if name is not None:
            batch.drop_user([group_id])
            await self._drop_name(batch, name, group_id)

    async def _drop_name(self, batch: Batch, name: bytes, group_id: str) -> None:
        if await self._read([name]) == [group_id.encode()]:
            batch.drop_user([name])

    async def _read(self, fields: Sequence[str | bytes]) -> list[bytes | None]:
        """Read fields; None where there is nothing, or too much to be a name or an id."""
        lengths = await self._link.read([("HSTRLEN", USERS, field) for field in fields])
        short = [isinstance(length, int) and 0 < length <= _LONGEST for length in lengths]
        found = iter(
            await self._link.read(
                [
                    ("HGET", USERS, field)
                    for field, is_short in zip(fields, short, strict=True)
                    if is_short
                ]
            )
        )
        values = [next(found) if is_short else None for is_short in short]
        return [value if isinstance(value, bytes) else None for value in values]
