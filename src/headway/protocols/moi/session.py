"""One client's conversation: what it asks for, and what it is told of what happens."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.change import Written
from headway.core.model.group import Group, MemberKind, Membership
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId
from headway.core.model.principal import Principal, Scope
from headway.core.policy.access import permits
from headway.protocols.moi.nodes import Nodes, Within
from headway.protocols.moi.view import Node, View, node_of
from headway.protocols.moi.wire.info import Info, info_of_group, info_of_job
from headway.protocols.moi.wire.messages import Request, Verb, told

#: Sends messages, in their order; waits while the client does not read.
Tell: TypeAlias = Callable[[Sequence[bytes]], Awaitable[None]]

_AT_ONCE: Final = 100  #: ids; then others have their turn


class _Walk:
    """What one answer has told, so that each group is walked once in it, however many ways lead there."""

    def __init__(self, verb: Verb) -> None:
        self.verb = verb
        self.groups: set[GroupId] = set()  # with all below them
        self.jobs: set[str] = set()


class _Told(NamedTuple):
    """What was told of a job or group last."""

    rev: int
    parent: GroupId | None


class Session:
    """What a client sees and was told. Not to be called again before a call has returned.

    Args:
        within: what of the actor's it is about.
    """

    def __init__(self, core: Core, actor: Principal, within: Within, tell: Tell) -> None:
        self._nodes = Nodes(core, actor, within)
        self._actor = actor
        self._within = within
        self._tell = tell
        self._view = View()
        self._told: dict[Node, _Told] = {}
        self._dropped_here: set[str] = set()

    async def begin(self) -> None:
        """See what there is."""
        for root in await self._nodes.roots():
            await self._take_root(root.id)

    async def answer(self, request: Request) -> None:
        """Do what the client asks.

        Raises:
            HeadwayError: it cannot be done; the client is to be told, and may go on.
        """
        if request.verb is Verb.GET:
            await self._get(Verb.GET, request.ids)
        elif request.verb is Verb.ADD:
            await self._add(request.ids)
        elif request.verb is Verb.REMOVE:
            await self._remove(request.ids)

    def concerns(self, written: Written) -> bool:
        """Tell whether a commit may have changed anything that is seen, if all before it was followed."""
        if any(self._view.has_job(job.id) for job in written.jobs):
            return True
        return self._actor.name in (
            {one.owner for one in written.groups}
            | {one.owner for one in written.removals}
            | {one.owner for one in written.memberships}
            | {one.owner for one in written.dropped_groups}
        )

    async def follow(self, written: Written) -> None:
        """Tell what a commit has changed of what is seen."""
        told_of: list[bytes] = []
        for group in written.groups:
            if self._is_new_root(group):
                new = await self._take_root(group.id)
                told_of += await self._added(new, written)
            elif group.owner == self._actor.name and self._view.renew(group):
                told_of.append(told(Verb.UPDATE, self._info_of_group(group)))
        for removal in written.removals:
            if removal.owner == self._actor.name:
                told_of += await self._dropped((removal.kind, removal.member), removal.group)
        for membership in written.memberships:
            if membership.owner == self._actor.name and self._view.group(membership.group):
                told_of += await self._placed(membership, written)
        for dropped in written.dropped_groups:
            if dropped.owner == self._actor.name:
                told_of += await self._dropped(node_of(dropped.id), None)
        await self._tell(told_of)
        await self._tell_jobs(Verb.UPDATE, self._changed(written))

    async def _take_root(self, group_id: GroupId) -> list[Node]:
        """See a group and all below it from now on; what was seen before is not read again. Gives what is new.

        Raises:
            NotFound: there is no such group.
        """
        return self._view.take_root(await self._nodes.tree(group_id, but=self._view.groups))

    # What clients ask for

    async def _get(self, verb: Verb, ids: Sequence[str]) -> None:
        walk = _Walk(verb)
        if not ids:
            await self._tell_roots(walk)
        for one in ids:
            if await self._sees_group(GroupId(one)):
                self._view.ask(GroupId(one))
                await self._tell_below(walk, GroupId(one))
            elif one not in walk.jobs:
                walk.jobs.add(one)
                await self._tell_job(verb, one)

    async def _sees_group(self, group_id: GroupId) -> bool:
        """Tell whether there is such a group to see. Outside of one user's, any of the actor's own is."""
        if self._view.group(group_id) is None and self._within.is_all:
            with contextlib.suppress(NotFound):
                await self._take_root(group_id)
        return self._view.group(group_id) is not None

    async def _tell_roots(self, walk: _Walk) -> None:
        """Tell of all that is seen. What nothing is above is not told itself, and comes first: all else is below it."""
        nested: list[GroupId] = []
        for root in self._view.roots:
            if self._view.parent(node_of(root.id)) is not None:
                nested.append(root.id)
            else:
                await self._tell_below(walk, root.id, itself=False)
        for group_id in nested:
            await self._tell_below(walk, group_id)

    async def _tell_below(self, walk: _Walk, group_id: GroupId, *, itself: bool = True) -> None:
        """Tell of a group and what is below it, but for what this walk has told."""
        below = list(self._view.below(group_id, but=walk.groups))
        await self._tell(
            [
                told(walk.verb, self._info_of_group(one))
                for one in below
                if itself or one.id != group_id
            ]
        )
        walk.groups.update(group.id for group in below)
        for group in below:
            async for jobs in self._nodes.jobs_in(group.id):
                new = [
                    job for job in jobs if job.id not in walk.jobs and self._view.has_job(job.id)
                ]
                walk.jobs.update(job.id for job in new)
                await self._tell_jobs(walk.verb, new)

    async def _tell_job(self, verb: Verb, job_id: str) -> None:
        job = await self._job(job_id)
        if job is not None:
            await self._tell_jobs(verb, [job])

    async def _tell_jobs(self, verb: Verb, jobs: Iterable[Job]) -> None:
        """Tell of jobs, each with its whole result. No more than one that is long is held at a time."""
        messages: list[bytes] = []
        for job in jobs:
            info = self._read(job)
            whole = await self._nodes.whole(info, job)
            messages.append(told(verb, whole))
            if whole is not info:
                await self._tell(messages)
                messages = []
        await self._tell(messages)

    async def _add(self, ids: Sequence[str]) -> None:
        """Put these into the user's group. What is new is told when it is stored, the rest now."""
        known, nodes = [], []
        for one in ids:
            node = await self._node(one)
            if self._view.has(node):
                known.append(one)
            nodes.append(node)
        await self._nodes.add(nodes)
        if known:
            await self._get(Verb.ADD, known)

    async def _node(self, name: str) -> Node:
        """Give what an id means. One user is not shown what only others of the actor's users have.

        Raises:
            NotFound: there is no such job or group.
        """
        group, job = node_of(GroupId(name)), (MemberKind.JOB, name)
        if self._view.has(group) or self._view.has(job):
            return group if self._view.has(group) else job
        if self._within.is_all or name in self._dropped_here:
            if await self._nodes.job(name):
                return job
            await self._nodes.tree(GroupId(name))
            return group
        raise NotFound(f"no job or group is called {name!r}")

    async def _remove(self, ids: Sequence[str]) -> None:
        for place, one in enumerate(ids):
            if place % _AT_ONCE == 0:  # what nobody sees needs no waiting for the store
                await asyncio.sleep(0)
            for node in (node_of(GroupId(one)), (MemberKind.JOB, one)):
                for group_id in self._view.parents(node):
                    self._dropped_here.add(one)
                    await self._nodes.remove(group_id, node)

    # What happens

    def _is_new_root(self, group: Group) -> bool:
        if group.owner != self._actor.name or self._view.group(group.id):
            return False
        return self._within.is_root(group)

    async def _placed(self, membership: Membership, written: Written) -> list[bytes]:
        """Tell of what has got a place, and of all below it, if it was not told before."""
        node = (membership.kind, membership.member)
        if membership.kind is MemberKind.JOB:
            self._view.take((), [membership])
            return await self._added([node], written)
        try:
            tree = await self._nodes.tree(GroupId(membership.member))
        except NotFound:
            return []  # it was dropped since
        self._view.take(tree.groups, [membership, *tree.memberships])
        nodes = [node_of(group.id) for group in tree.groups]
        nodes += [(one.kind, one.member) for one in tree.memberships]
        return await self._added(nodes, written)

    def _forget_moved(self, nodes: Collection[Node]) -> None:
        """Have those of them told as new that the client knows to be in another group, and those below them."""
        moved = [node for node in nodes if self._is_moved(node)]
        if moved:
            among = set(nodes)
            for node in moved:
                for one in among.intersection(self._view.parents_below(node)):
                    self._told.pop(one, None)

    def _is_moved(self, node: Node) -> bool:
        known = self._told.get(node)
        return known is not None and known.parent != self._view.parent(node)

    async def _added(self, nodes: Collection[Node], written: Written) -> list[bytes]:
        """Tell of these, but for what was told before and is where it was."""
        self._forget_moved(nodes)
        here = {job.id: job for job in written.jobs}
        told_of: list[bytes] = []
        for node in nodes:
            known = self._told.get(node)
            if node[0] is MemberKind.GROUP:
                group = self._view.group(node[1])
                # It may have been read as a commit left it that is still to be followed, and is no news then.
                if group is not None and (known is None or known.rev != group.rev):
                    verb = Verb.ADD if known is None else Verb.UPDATE
                    told_of.append(told(verb, self._info_of_group(group)))
                continue
            if known is not None:
                continue
            job = here.get(JobId(node[1])) or await self._job(node[1])
            if job is not None and permits(self._actor, Scope.READ, job):
                told_of.append(told(Verb.ADD, await self._nodes.whole(self._read(job), job)))
        return told_of

    async def _dropped(self, node: Node, group_id: GroupId | None) -> list[bytes]:
        """Tell of what is not seen any more: it is as it was, and in nothing here; and of what is in another group for the client now."""
        groups = {group.id: group for group in self._below(node)}
        parents = self._view.parents_below(node)
        if group_id is None:
            gone = self._view.drop_group(GroupId(node[1]))
        else:
            gone = self._view.drop(group_id, node)
        told_of: list[bytes] = []
        for one in gone:
            info = await self._info_of_gone(one, groups, parents.get(one) or group_id)
            told_of += [told(Verb.REMOVE, info)] if info else []
        for one in parents:
            if self._view.has(one) and self._is_moved(one):
                info = await self._info_of(one)
                told_of += [told(Verb.UPDATE, info)] if info else []
        return told_of

    def _below(self, node: Node) -> list[Group]:
        group = self._view.group(node[1]) if node[0] is MemberKind.GROUP else None
        return list(self._view.below(group.id)) if group else []

    async def _info_of_gone(
        self, node: Node, groups: dict[GroupId, Group], parent: GroupId | None
    ) -> Info | None:
        self._told.pop(node, None)
        if node[0] is MemberKind.GROUP:
            return info_of_group(groups[GroupId(node[1])], parent=parent)
        job = await self._nodes.job(node[1])
        return info_of_job(job, parent=parent) if job else None

    def _changed(self, written: Written) -> list[Job]:
        """Give the jobs that a commit has changed for those who see them."""
        changed: list[Job] = []
        befores = written.before or (None,) * len(written.jobs)
        for job, before in zip(written.jobs, befores, strict=True):
            known = self._told.get((MemberKind.JOB, job.id))
            if not self._view.has_job(job.id) or (known is not None and job.rev <= known.rev):
                continue
            if not permits(self._actor, Scope.READ, job):
                continue
            was = None if before is None else self._info_of_job(before)
            if self._read(job) != was:
                changed.append(job)
        return changed

    # In words

    async def _job(self, job_id: str) -> Job | None:
        if not self._view.has_job(job_id):
            return None
        return await self._nodes.job(job_id)

    async def _info_of(self, node: Node) -> Info | None:
        group = self._view.group(node[1]) if node[0] is MemberKind.GROUP else None
        if group is not None:
            return self._info_of_group(group)
        job = await self._job(node[1])
        return None if job is None else await self._nodes.whole(self._read(job), job)

    def _read(self, job: Job) -> Info:
        """Tell of a job, and remember which state of it was told."""
        node = (MemberKind.JOB, job.id)
        self._told[node] = _Told(job.rev, self._view.parent(node))
        return self._info_of_job(job)

    def _info_of_job(self, job: Job) -> Info:
        return info_of_job(job, parent=self._view.parent((MemberKind.JOB, job.id)))

    def _info_of_group(self, group: Group) -> Info:
        parent = self._view.parent(node_of(group.id))
        self._told[node_of(group.id)] = _Told(group.rev, parent)
        return info_of_group(group, parent=parent)
