"""Compares all that there is to be with what Redis has, and writes and publishes the difference."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from headway.core.model.group import Group, MemberKind
from headway.core.model.job import Job
from headway.protocols.moi.bus.batch import Batch
from headway.protocols.moi.bus.echoes import Echoes
from headway.protocols.moi.bus.limited import Limited
from headway.protocols.moi.bus.link import Link
from headway.protocols.moi.bus.mirror import send
from headway.protocols.moi.bus.ours import Ours
from headway.protocols.moi.bus.users import Users
from headway.protocols.moi.wire.info import Info, info_of_job
from headway.protocols.moi.wire.keys import all_sets_of, has_key, value_of
from headway.protocols.moi.wire.messages import Verb

_MOST_FOREIGN: Final = 1_000  #: ids in a group's set that are none of its members
_MOST_BYTES: Final = 1 << 26  #: of a set that is read


class Whole:
    """What was there before is not published again, so that a server that starts says nothing of what has not changed."""

    def __init__(self, ours: Ours, users: Users, link: Link, echoes: Echoes, log: Limited) -> None:
        self._ours = ours
        self._users = users
        self._link = link
        self._echoes = echoes
        self._log = log
        self._dropped: Collection[str] = ()

    async def write(self, dropped: Collection[str] = ()) -> None:
        """Compare everything; ``dropped`` are ids of groups that are no more.

        Raises:
            Away, Refused: it cannot be done.
        """
        groups = await self._ours.groups()
        self._dropped = {one for one in dropped if has_key(one)}
        batch = Batch()
        for one in self._dropped - {group.id for group in groups}:
            batch.drop_group(one)
            await self._users.drop(batch, one)
        await self._users.put(batch, [group for group in groups if group.is_root])
        await send(self._link, self._echoes, batch)
        await self.write_groups(groups)

    async def write_groups(self, groups: Sequence[Group], *, is_told: bool = True) -> None:
        """Compare some groups, which are in the order of their ids, and what is in them.

        Args:
            groups: all groups, or one and all below it.
            is_told: publish what is new. Not for what somebody asked for who reads the keys then.

        Raises:
            Away, Refused: it cannot be done.
        """
        seen: set[str] = set()
        for group in groups:
            await self.write_infos([await self._ours.info_of_group(group)], is_told=is_told)
            await self._members(group, seen, is_told=is_told)
            await asyncio.sleep(0)

    async def write_infos(self, infos: Sequence[Info], *, is_told: bool) -> None:
        """Compare some info objects; those that are there already live longer."""
        values = [value_of(info) for info in infos]
        # No more than what is to be there: what is there may be anybody's, and of any length.
        there = await self._link.read(
            [
                ("GETRANGE", info.id, 0, len(value))
                for info, value in zip(infos, values, strict=True)
            ]
        )
        batch = Batch()
        for info, value, found in zip(infos, values, there, strict=True):
            if found == value:
                batch.keep([info.id])
                continue
            batch.put(info, value)
            if found and is_told:
                batch.tell(info.id, Verb.UPDATE, [info.id])
        await send(self._link, self._echoes, batch)

    async def _members(self, group: Group, seen: set[str], *, is_told: bool) -> None:
        """Compare a group's sets. ``seen`` are jobs that are in a group before this one."""
        there = await self._there(group)
        wanted: set[str] = set()
        async for page in self._ours.members(group):
            members = [(one.membership.kind, str(one.membership.member)) for one in page]
            wanted.update(node for _, node in members)
            jobs = [one.job for one in page if one.job is not None and one.job.id not in seen]
            seen.update(job.id for job in jobs)
            await self._jobs(group, jobs, is_told=is_told)
            if there is None:
                continue
            batch = Batch()
            for kind, node in members:
                batch.place(group.id, kind, node, is_in=True)
            new = [node for _, node in members if node not in there]
            if is_told:
                batch.tell(group.id, Verb.ADD, new)
            await send(self._link, self._echoes, batch)
        if there is not None:
            await self._others(group, there - wanted, is_told=is_told)

    async def _jobs(self, group: Group, jobs: Iterable[Job], *, is_told: bool) -> None:
        """Compare jobs that are told with a group; one with a long result by itself."""
        infos: list[Info] = []
        for job in jobs:
            info = info_of_job(job, parent=group.id)
            whole = await self._ours.whole(info, job)
            if whole is info:
                infos.append(info)
            else:
                await self.write_infos([whole], is_told=is_told)
        await self.write_infos(infos, is_told=is_told)

    async def _there(self, group: Group) -> set[str] | None:
        """Read a group's set; None where it cannot be one of moi's."""
        children, jobs = all_sets_of(group.id)
        count, other, size = await self._link.read(
            [("SCARD", children), ("SCARD", jobs), ("MEMORY", "USAGE", children, "SAMPLES", 0)]
        )
        is_set = isinstance(count, int) and isinstance(other, int)
        if not is_set or (size is not None and size > _MOST_BYTES):
            self._log.say(f"{children} or {jobs} is none of moi's in this Redis: they are left")
            return None
        (found,) = await self._link.read([("SMEMBERS", children)])
        return {text for one in found if (text := _text(one)) is not None}

    async def _others(self, group: Group, nodes: Iterable[str], *, is_told: bool) -> None:
        """Take out of a group's sets what is not in it: what is ours, and what Redis has nothing of.

        What others have put there of their own is theirs.
        """
        gone: list[str] = []
        foreign: list[str] = []
        for node in sorted(nodes)[:_MOST_FOREIGN]:
            (gone if await self._is_ours(node) else foreign).append(node)
        left = await self._link.read([("EXISTS", node) for node in foreign])
        expired = [node for node, is_left in zip(foreign, left, strict=True) if not is_left]
        batch = Batch()
        for node in (*gone, *expired):
            batch.place(group.id, MemberKind.JOB, node, is_in=False)
        if is_told:
            batch.tell(group.id, Verb.REMOVE, gone)
        await send(self._link, self._echoes, batch)

    async def _is_ours(self, node: str) -> bool:
        if node in self._dropped:
            return True
        return await self._ours.job(node) is not None or await self._ours.group(node) is not None


def _text(name: bytes) -> str | None:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return None
