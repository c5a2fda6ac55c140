"""What is read and changed of groups and jobs for one client."""

from collections.abc import AsyncIterator, Container, Sequence
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.group import Group, MemberKind, Subtree
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId
from headway.core.model.principal import Principal
from headway.core.operations.find import find_one
from headway.core.operations.find_groups import (
    find_groups,
    find_groups_of,
    find_places,
    find_subtree,
    find_tree,
)
from headway.core.operations.functions import whole_result
from headway.core.operations.groups import add_members, remove_members, root_group
from headway.protocols.moi.view import Node, node_of
from headway.protocols.moi.wire.info import KEPT, Info, info_of_group, info_of_job

_MOST_PLACES: Final = 200_000
_PAGE: Final = 1000
#: Of a result, in a message: moi told all of it. Longer ones are said to be there.
MOST_TOLD_BYTES: Final = 1 << 20
_JOBS_AT_ONCE: Final = 250  #: few enough that others are served between two pages


class Within(msgspec.Struct, frozen=True):
    """What of the actor's a client is told of: one moi user's, one group's, or all of it where neither is said."""

    user: str | None = None
    group: GroupId | None = None

    @property
    def is_all(self) -> bool:
        """Tell whether nothing is left out."""
        return self.user is None and self.group is None

    def is_root(self, group: Group) -> bool:
        """Tell whether a group is one that all else hangs below."""
        if self.group is not None:
            return group.id == self.group
        return group.is_root and self.user in {None, group.name}


class Nodes:
    """Reads and changes as the actor."""

    def __init__(self, core: Core, actor: Principal, within: Within = Within()) -> None:  # noqa: B008 -- frozen
        self._core = core
        self._actor = actor
        self._within = within

    async def roots(self) -> list[Group]:
        """Read the groups that all hangs below which the client is told of; none is made."""
        try:
            if self._within.group is not None:
                return [(await self.tree(self._within.group)).groups[0]]
            if self._within.user is not None:
                return [await self._root(self._within.user, create=False)]
        except NotFound:
            return []
        found: list[Group] = []
        page = await find_groups(self._core, actor=self._actor, limit=_PAGE, roots=True)
        found += page.groups
        while page.next is not None:
            page = await find_groups(
                self._core, actor=self._actor, limit=_PAGE, roots=True, after=page.next
            )
            found += page.groups
        return found

    async def tree(self, group_id: GroupId, *, but: Container[GroupId] = ()) -> Subtree:
        """Read a group and the places of all that is below it, but for what is below these.

        Raises:
            NotFound: there is no such group of the actor's.
        """
        return await find_subtree(
            self._core, actor=self._actor, group_id=group_id, limit=_MOST_PLACES, but=but
        )

    async def jobs_in(self, group_id: GroupId) -> AsyncIterator[list[Job]]:
        """Read the jobs that are directly in a group, in the order in which they came there, some at a time."""
        after: int | None = 0
        while after is not None:
            page = await find_places(
                self._core,
                actor=self._actor,
                group_id=group_id,
                limit=_JOBS_AT_ONCE,
                after=after,
                kind=MemberKind.JOB,
            )
            after = page[-1].membership.position if len(page) == _JOBS_AT_ONCE else None
            yield [member.job for member in page if member.job is not None]

    async def job(self, job_id: str) -> Job | None:
        """Read a job; None where there is none that the actor may see."""
        try:
            return await find_one(self._core, actor=self._actor, ref=job_id)
        except NotFound:
            return None

    async def info(self, name: str) -> Info:
        """Tell of a job or a group.

        Raises:
            NotFound: there is none that the actor may see.
        """
        job = await self.job(name)
        if job is not None:
            info = info_of_job(job, parent=await self.parent((MemberKind.JOB, job.id)))
            return await self.whole(info, job)
        group = (await self.tree(GroupId(name))).groups[0]
        return info_of_group(group, parent=await self.parent(node_of(group.id)))

    async def whole(self, info: Info, job: Job) -> Info:
        """Give what is told of a job with its whole result, where that is long but JSON, and can be told at all."""
        if info.result is not job.result:
            return info
        result = await whole_result(self._core, job=job, most_bytes=MOST_TOLD_BYTES)
        return info if result is job.result else msgspec.structs.replace(info, result=result)

    async def infos_below(self, group_id: GroupId) -> list[Info]:
        """Tell of all below a group, each once.

        Raises:
            NotFound: there is no such group of the actor's.
        """
        tree = await find_tree(self._core, actor=self._actor, group_id=group_id, limit=_MOST_PLACES)
        groups = {group.id: group for group in tree.groups}
        infos: dict[Node, Info] = {}
        for place in tree.memberships:
            node = (place.kind, place.member)
            if node in infos:
                continue
            if place.kind is MemberKind.JOB:
                infos[node] = info_of_job(tree.jobs[JobId(place.member)], parent=place.group)
            elif GroupId(place.member) in groups:
                infos[node] = info_of_group(groups[GroupId(place.member)], parent=place.group)
        return list(infos.values())

    async def parent(self, node: Node) -> GroupId | None:
        """Read which group a job or group is in; None where it is in none."""
        kind, name = node
        member = GroupId(name) if kind is MemberKind.GROUP else JobId(name)
        page = await find_groups_of(self._core, actor=self._actor, member=member, kind=kind)
        return page.groups[0].id if page.groups else None

    async def add(self, nodes: Sequence[Node]) -> None:
        """Put these into the client's group; a user's is made, where there is none.

        Raises:
            NotFound: there is no such group.
            Conflict: a group would be below itself or too deep.
            Forbidden: the actor may only read.
        """
        group = self._within.group
        if group is None:
            group = (await self._root(self._within.user or self._actor.name, create=True)).id
        await add_members(
            self._core,
            actor=self._actor,
            protocol=KEPT,
            group_id=group,
            jobs=[name for kind, name in nodes if kind is MemberKind.JOB],
            groups=[GroupId(name) for kind, name in nodes if kind is MemberKind.GROUP],
        )

    async def remove(self, group_id: GroupId, node: Node) -> None:
        """Take something out of a group. It is not ended or deleted.

        Raises:
            Forbidden: the actor may only read.
        """
        kind, name = node
        await remove_members(
            self._core,
            actor=self._actor,
            protocol=KEPT,
            group_id=group_id,
            jobs=[JobId(name)] if kind is MemberKind.JOB else [],
            groups=[GroupId(name)] if kind is MemberKind.GROUP else [],
        )

    async def _root(self, name: str, *, create: bool) -> Group:
        return await root_group(
            self._core, actor=self._actor, protocol=KEPT, name=name, create=create
        )
