"""The operations that read groups: one, many, what is in them, and what a path means."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import Forbidden, InvalidRequest, NotFound
from headway.core.model.group import Group, InGroups, Member, MemberKind, Membership, Subtree
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId
from headway.core.model.principal import Principal, Scope
from headway.core.model.selection import Selection
from headway.core.model.worker import Tally
from headway.core.operations.group_paths import SEPARATOR, FoundAt, first_step, walk
from headway.core.policy.access import is_user, require, visibility_of

_NAMED: Final = 5  # groups of one name whose ids are told

RollUps = Mapping[GroupId, Mapping[str, int]]


class GroupPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some groups, the first made first, each with its jobs' states; ``next`` is where to go on, None at the end."""

    groups: Sequence[Group]
    roll_ups: RollUps
    next: tuple[datetime, GroupId] | None = None


class MemberPage(msgspec.Struct, frozen=True, kw_only=True):
    """What is directly in a group, oldest first, without jobs that the actor may not see; ``next`` as a position."""

    group: Group
    members: Sequence[Member]
    roll_ups: RollUps
    tallies: Mapping[JobId, Tally]
    next: int | None = None


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """All below a group.

    Attributes:
        groups: each once, the group itself first, then breadth first; ``roll_ups`` has their jobs' states.
        memberships: in the groups' order; each group's own are oldest first. Without those of jobs that may not be seen.
        jobs: those of the memberships.
        is_whole: nothing was left out because there is more than was asked for.
    """

    groups: Sequence[Group]
    memberships: Sequence[Membership]
    jobs: Mapping[JobId, Job]
    roll_ups: RollUps
    is_whole: bool


def group_owner(actor: Principal, scope: Scope) -> str:
    """Give whose groups an actor's are.

    Raises:
        Forbidden: the actor lacks the scope, or is nobody in particular.
        Unauthenticated: nobody knows who asks, and knowing it might help.
    """
    require(actor, scope)
    if not is_user(actor):
        raise Forbidden("groups belong to a user; this is not one")
    return actor.name


async def find_group(core: Core, *, actor: Principal, ref: str, scope: Scope = Scope.READ) -> Group:
    """Read one group, by its id, its name or a path to it. ``scope`` is what it is read for.

    Raises:
        NotFound: the actor has no such group.
        InvalidRequest: several have that name.
        Forbidden: the actor lacks the scope, or is nobody in particular.
    """
    return await group_called(core, owner=group_owner(actor, scope), ref=ref)


async def group_called(core: Core, *, owner: str, ref: str) -> Group:
    """Read one of an owner's groups, by its id, its name or a path to it; raises as ``find_group`` does."""
    found = await groups_called(core, owner=owner, ref=ref)
    if not found:
        raise NotFound(f"no group is called {ref!r}")
    if len(found) > 1:
        ids = ", ".join(repr(one.id) for one in found[:_NAMED])
        more = ", …" if len(found) > _NAMED else ""
        raise InvalidRequest(
            f"{len(found)} groups are called {ref!r} ({ids}{more}); say which by its id, or by a path as in a:b"
        )
    return found[0]


async def groups_called(core: Core, *, owner: str, ref: str) -> list[Group]:
    """Read all groups that an id, a name or a path may mean."""
    found = await first_step(core, owner, ref)
    if not found and SEPARATOR in ref:
        at_path = await walk(core, owner, ref, None)
        return [one.group for one in at_path if one.group is not None]
    return found


async def find_groups(
    core: Core,
    *,
    actor: Principal,
    limit: int,
    after: tuple[datetime, GroupId] | None = None,
    name: str | None = None,
    roots: bool = False,
) -> GroupPage:
    """Read a page of the actor's groups; those of one name, or roots only, when asked for.

    Raises:
        Forbidden: the actor may not read, or is nobody in particular.
    """
    owner = group_owner(actor, Scope.READ)
    found = await core.store.groups(owner, limit=limit + 1, after=after, name=name, roots=roots)
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    return GroupPage(
        groups=page,
        roll_ups=await _roll_ups(core, actor, page),
        next=None if last is None else (last.created, last.id),
    )


async def find_groups_of(
    core: Core, *, actor: Principal, member: GroupId | JobId, kind: MemberKind
) -> GroupPage:
    """Read which of the actor's groups a job or group is directly in.

    Raises:
        Forbidden: the actor may not read, or is nobody in particular.
    """
    owner = group_owner(actor, Scope.READ)
    found = await core.store.parents(owner, member, kind)
    return GroupPage(groups=found, roll_ups=await _roll_ups(core, actor, found))


async def find_members(
    core: Core,
    *,
    actor: Principal,
    group_id: GroupId,
    limit: int,
    after: int = 0,
    kind: MemberKind | None = None,
) -> MemberPage:
    """Read a page of what is directly in a group; of one kind when given.

    Raises:
        NotFound: the actor has no such group.
        Forbidden: the actor may not read, or is nobody in particular.
    """
    group = await core.store.group(group_owner(actor, Scope.READ), group_id)
    found = await find_places(
        core, actor=actor, group_id=group_id, limit=limit + 1, after=after, kind=kind
    )
    page = [one for one in found[:limit] if one.group is not None or one.job is not None]
    groups = [one.group for one in page if one.group is not None]
    return MemberPage(
        group=group,
        members=page,
        roll_ups=await _roll_ups(core, actor, groups),
        tallies=await core.store.tallies([one.job.id for one in page if one.job is not None]),
        next=found[limit - 1].membership.position if len(found) > limit else None,
    )


async def find_places(
    core: Core,
    *,
    actor: Principal,
    group_id: GroupId,
    limit: int,
    after: int = 0,
    kind: MemberKind | None = None,
) -> list[Member]:
    """Read a page of what is directly in a group, with nothing counted; jobs that the actor may not see are None.

    Raises:
        Forbidden: the actor may not read, or is nobody in particular.
    """
    owner = group_owner(actor, Scope.READ)
    return await core.store.members(
        owner, group_id, visibility_of(actor), limit=limit, after=after, kind=kind
    )


async def find_subtree(
    core: Core,
    *,
    actor: Principal,
    group_id: GroupId,
    limit: int,
    but: Container[GroupId] = (),
) -> Subtree:
    """Read the groups and places below a group, at most ``limit`` places, with nothing counted.

    Groups of ``but`` that are in it are not looked into.

    Raises:
        NotFound: the actor has no such group.
        Forbidden: the actor may not read, or is nobody in particular.
    """
    owner = group_owner(actor, Scope.READ)
    return await core.store.subtree(owner, group_id, limit=limit, but=but)


async def find_tree(
    core: Core,
    *,
    actor: Principal,
    group_id: GroupId,
    limit: int,
    jobs: bool = True,
    groups_only: bool = False,
) -> Tree:
    """Read all below a group, at most ``limit`` places; the jobs' documents only when asked for.

    With ``groups_only`` there are no jobs and none of their places.

    Raises:
        NotFound: the actor has no such group.
        Forbidden: the actor may not read, or is nobody in particular.
    """
    owner = group_owner(actor, Scope.READ)
    found = await core.store.subtree(owner, group_id, limit=limit, groups_only=groups_only)
    rows: dict[JobId, Job] = {}
    if jobs and any(one.kind is MemberKind.JOB for one in found.memberships):
        below = Selection(
            groups=(InGroups(owner=owner, any_of=(group_id,)),), children=True, hidden=True
        )
        some = await core.store.jobs(below, visibility_of(actor), limit=limit)
        rows = {job.id: job for job in some}
    return Tree(
        groups=found.groups,
        memberships=[
            one
            for one in found.memberships
            if one.kind is MemberKind.GROUP or not jobs or one.member in rows
        ],
        jobs=rows,
        roll_ups=await _roll_ups(core, actor, found.groups),
        is_whole=found.is_whole,
    )


async def roll_up(core: Core, *, actor: Principal, group_id: GroupId) -> Mapping[str, int]:
    """Count the jobs below a group by their states: each once, hidden ones and those that the actor may not see not.

    Raises:
        NotFound: the actor has no such group.
        Forbidden: the actor may not read, or is nobody in particular.
    """
    owner = group_owner(actor, Scope.READ)
    group = await core.store.group(owner, group_id)
    return (await _roll_ups(core, actor, [group])).get(group_id, {})


async def resolve_path(core: Core, *, actor: Principal, path: str) -> FoundAt:
    """Find what a path means: ``a:b:c`` is what is called c in the group b in the group a.

    Each step is an id or a name (of a job also its number) of something directly in the step before; the first is a root or
    any other group. An id or name may have colons itself.

    Raises:
        NotFound: there is nothing at that path that the actor may see.
        InvalidRequest: the path is too long, or may mean several things.
        Forbidden: the actor may not read, or is nobody in particular.
    """
    owner = group_owner(actor, Scope.READ)
    found = await walk(core, owner, path, actor)
    if not found:
        raise NotFound(f"there is nothing at the path {path!r}")
    if len(found) > 1:
        raise InvalidRequest(
            f"the path {path!r} may mean {len(found)} things; use ids", field="path"
        )
    return found[0]


async def _roll_ups(core: Core, actor: Principal, groups: Sequence[Group]) -> RollUps:
    if not groups:
        return {}
    ids = [group.id for group in groups]
    return await core.store.roll_ups(groups[0].owner, ids, visibility_of(actor))
