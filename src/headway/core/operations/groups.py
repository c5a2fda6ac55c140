"""The operations that change groups. Each user has their own: nobody changes another's, admins neither."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import Conflict, InvalidRequest, NotFound
from headway.core.model.change import Change, Written
from headway.core.model.event import Event, EventType
from headway.core.model.group import (
    LONGEST_NAME,
    LONGEST_URL,
    MOST_MEMBERS,
    DroppedGroup,
    Group,
    MemberKind,
    Membership,
    Removal,
    check_group_id,
    has_controls,
)
from headway.core.model.names import GroupId, JobId
from headway.core.model.principal import Principal, Scope
from headway.core.operations.find import find_one
from headway.core.operations.find_groups import group_owner
from headway.core.policy.access import require
from headway.lib.jsonvalue import JsonObject

_TRIES: Final = 20


class CreatedGroup(msgspec.Struct, frozen=True):
    """A group; ``is_new`` when this call made it."""

    group: Group
    is_new: bool


async def create_group(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    name: str,
    group_id: str | None = None,
    url: str | None = None,
    parent: GroupId | None = None,
) -> CreatedGroup:
    """Make a group in another one. Durable on return.

    The same call again gives the group that is there, unchanged, and puts it into ``parent`` if it is not there yet.

    Args:
        group_id: any text that is free among the actor's groups; None for a new UUID.
        parent: where it hangs; None for the actor's own root, unless the group is there already.

    Raises:
        InvalidRequest: the id, the name or the address cannot be one.
        NotFound: the actor has no group ``parent``.
        Conflict: the group would be below itself, or too deep.
        Forbidden: the actor may not report, or is nobody in particular.
        StorageFull: no space; nothing was stored.
    """
    owner = group_owner(actor, Scope.REPORT)
    made = _new_group(core, owner, name=name, group_id=group_id, url=url)
    if parent is None:
        known = None if group_id is None else await _stored(core, owner, made.id)
        if known is not None:
            return CreatedGroup(known, is_new=False)
        parent = (await root_group(core, actor=actor, protocol=protocol, name=owner)).id
    place = Membership(
        owner=owner, group=parent, member=made.id, kind=MemberKind.GROUP, added=made.created
    )
    try:
        change = Change(
            groups=(made,),
            memberships=(place,),
            events=(_created(made, actor, protocol), *_added((place,), actor, protocol)),
        )
        return CreatedGroup((await core.store.write(change)).groups[0], is_new=True)
    except Conflict:
        there = await _stored(core, owner, made.id)
        if there is None:
            raise
    await _place(core, actor, protocol, (place,))
    return CreatedGroup(await core.store.group(owner, made.id), is_new=False)


async def root_group(
    core: Core, *, actor: Principal, protocol: str, name: str, create: bool = True
) -> Group:
    """Give the root of a name: the actor's own one for their own name, else one that stands for a user of theirs.

    Durable on return, when it is made. Its name and its id are each other's alias: ``find_group`` gives it by its id.

    Raises:
        NotFound: the actor has no such root, and none is to be made.
        InvalidRequest: the name cannot be one.
        Forbidden: the actor may not report (or, when none is made, not read), or is nobody in particular.
        StorageFull: no space; nothing was stored.
    """
    owner = group_owner(actor, Scope.REPORT if create else Scope.READ)
    known = await core.store.root(owner, name)
    if known is not None:
        return known
    if not create:
        raise NotFound(f"no root group is called {name!r}")
    made = msgspec.structs.replace(_new_group(core, owner, name=name), is_root=True)
    try:
        written = await core.store.write(
            Change(groups=(made,), events=(_created(made, actor, protocol),))
        )
    except Conflict:  # somebody was quicker
        return await root_group(core, actor=actor, protocol=protocol, name=name, create=False)
    return written.groups[0]


async def change_group(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    group_id: GroupId,
    name: str | None = None,
    url: str | None = None,
) -> Group:
    """Give a group another name or address; None leaves it, an empty address takes it away. Durable on return.

    Raises:
        InvalidRequest: the name or the address cannot be one.
        NotFound: the actor has no such group.
        Conflict: another root has that name, or it is the actor's own root, which is called as they are.
        Forbidden: the actor may not report, or is nobody in particular.
        StorageFull: no space; nothing was changed.
    """
    owner = group_owner(actor, Scope.REPORT)

    def renamed(group: Group) -> Group:
        if name is not None and name != group.name and _is_own_root(group):
            raise Conflict(f"{group.name!r} is your own root group, which has your name")
        return msgspec.structs.replace(
            group,
            name=group.name if name is None else _checked_name(name),
            url=group.url if url is None else _checked_url(url),
            rev=group.rev + 1,
        )

    return await _changed(core, actor, protocol, (owner, group_id), renamed)


async def delete_group(core: Core, *, actor: Principal, protocol: str, group_id: GroupId) -> None:
    """Forget a group and its places. Nothing that was in it is touched: its jobs run on, its groups hang where else they do.

    Raises:
        NotFound: the actor has no such group.
        Conflict: it is the actor's own root.
        Forbidden: the actor may not report, or is nobody in particular.
        StorageFull: no space; it is still there.
    """
    owner = group_owner(actor, Scope.REPORT)
    group = await core.store.group(owner, group_id)
    if _is_own_root(group):
        raise Conflict(f"{group.name!r} is your own root group, which stays")
    now = core.clock.now()
    parents = await core.store.parents(owner, group_id, MemberKind.GROUP)
    gone = _members_json(((MemberKind.GROUP, group_id),))
    await core.store.write(
        Change(
            dropped_groups=(DroppedGroup(owner=owner, id=group_id, at=now),),
            events=(
                *(
                    _told(EventType.GROUP_REMOVED, one, actor, protocol, now, gone)
                    for one in parents
                ),
                _told(EventType.GROUP_DELETED, group, actor, protocol, now, {"name": group.name}),
            ),
        )
    )


async def add_members(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    group_id: GroupId,
    jobs: Sequence[str] = (),
    groups: Sequence[GroupId] = (),
) -> Sequence[Membership]:
    """Put jobs, by UUID or number, and groups into a group; gives the places that are new. Durable on return, all or nothing.

    Raises:
        InvalidRequest: more than ``MOST_MEMBERS``.
        NotFound: the actor has no such group, or may not see one of the jobs.
        Conflict: a group would be below itself or too deep; the message names the way or the limit.
        Forbidden: the actor may not report, or is nobody in particular.
        StorageFull: no space; nothing was changed.
    """
    owner = group_owner(actor, Scope.REPORT)
    _check_count(jobs, groups)
    now = core.clock.now()
    await core.store.group(owner, group_id)
    found = [await find_one(core, actor=actor, ref=ref) for ref in jobs]
    for job in found:
        require(actor, Scope.REPORT, job)
    members = [(MemberKind.GROUP, one) for one in groups] + [
        (MemberKind.JOB, job.id) for job in found
    ]
    places = tuple(
        Membership(owner=owner, group=group_id, member=member, kind=kind, added=now)
        for kind, member in dict.fromkeys(members)
    )
    return (await _place(core, actor, protocol, places)).memberships if places else ()


async def remove_members(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    group_id: GroupId,
    jobs: Sequence[JobId] = (),
    groups: Sequence[GroupId] = (),
) -> Sequence[Removal]:
    """Take jobs and groups out of a group, and with them all below them; gives the places that were there.

    Nothing is ended or deleted. A group that hangs nowhere any more can still be read by its id, and put somewhere, until
    retention forgets it. Durable on return.

    Raises:
        InvalidRequest: more than ``MOST_MEMBERS``.
        NotFound: the actor has no such group.
        Forbidden: the actor may not report, or is nobody in particular.
        StorageFull: no space; nothing was changed.
    """
    owner = group_owner(actor, Scope.REPORT)
    _check_count(jobs, groups)
    group = await core.store.group(owner, group_id)
    now = core.clock.now()
    members: list[tuple[MemberKind, GroupId | JobId]] = [(MemberKind.GROUP, one) for one in groups]
    members += [(MemberKind.JOB, one) for one in jobs]
    removals = tuple(
        Removal(owner=owner, group=group_id, member=member, kind=kind, at=now)
        for kind, member in dict.fromkeys(members)
    )
    if not removals:
        return ()
    data = _members_json([(one.kind, one.member) for one in removals])
    event = _told(EventType.GROUP_REMOVED, group, actor, protocol, now, data)
    return (await core.store.write(Change(removals=removals, events=(event,)))).removals


async def remove_member(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    group_id: GroupId,
    ref: str,
    kind: MemberKind | None = None,
) -> Removal:
    """Take one thing out of a group, as ``remove_members`` does: a group by its id or a job by UUID or number.

    Raises:
        NotFound: it is not directly in that group, or the actor has no such group.
        Forbidden, StorageFull: as ``remove_members``.
    """
    gone: Sequence[Removal] = ()
    if kind is not MemberKind.JOB:
        gone = await remove_members(
            core, actor=actor, protocol=protocol, group_id=group_id, groups=[GroupId(ref)]
        )
    if not gone and kind is not MemberKind.GROUP:
        try:
            job_id = (await find_one(core, actor=actor, ref=ref)).id
        except NotFound:
            job_id = JobId(ref.lower())  # one that may not be seen any more
        gone = await remove_members(
            core, actor=actor, protocol=protocol, group_id=group_id, jobs=[job_id]
        )
    if not gone:
        raise NotFound(f"{ref!r} is not in that group")
    return gone[0]


def places_of(
    job_id: JobId, groups: Sequence[Group], *, actor: Principal, protocol: str, at: datetime
) -> tuple[tuple[Membership, ...], tuple[Event, ...]]:
    """Give what a Change has to have so that its new job is in some groups."""
    places = tuple(
        Membership(owner=group.owner, group=group.id, member=job_id, kind=MemberKind.JOB, added=at)
        for group in groups
    )
    return places, _added(places, actor, protocol)


async def _place(
    core: Core, actor: Principal, protocol: str, places: tuple[Membership, ...]
) -> Written:
    change = Change(memberships=places, events=_added(places, actor, protocol))
    return await core.store.write(change)


async def _changed(
    core: Core,
    actor: Principal,
    protocol: str,
    key: tuple[str, GroupId],
    change: Callable[[Group], Group],
) -> Group:
    for left in range(_TRIES - 1, -1, -1):
        before = await core.store.group(*key)
        after = change(before)
        if (before.name, before.url) == (after.name, after.url):
            return before
        data: JsonObject = {"name": after.name, "url": after.url}
        now = core.clock.now()
        event = _told(EventType.GROUP_CHANGED, after, actor, protocol, now, data)
        try:
            return (await core.store.write(Change(groups=(after,), events=(event,)))).groups[0]
        except Conflict:
            if not left or (await core.store.group(*key)).rev == before.rev:
                raise
    raise Conflict(f"group {key[1]!r} is changed by others all the time; try again")


def _new_group(
    core: Core, owner: str, *, name: str, group_id: str | None = None, url: str | None = None
) -> Group:
    return Group(
        id=GroupId(core.ids.new_job_id()) if group_id is None else check_group_id(group_id),
        owner=owner,
        name=_checked_name(name),
        url=None if url is None else _checked_url(url),
        created=core.clock.now(),
    )


async def _stored(core: Core, owner: str, group_id: GroupId) -> Group | None:
    try:
        return await core.store.group(owner, group_id)
    except NotFound:
        return None


def _is_own_root(group: Group) -> bool:
    return group.is_root and group.name == group.owner


def _checked_name(name: str) -> str:
    if not (1 <= len(name) <= LONGEST_NAME) or has_controls(name) or name != name.strip():
        raise InvalidRequest(
            f"the name of a group must be 1 to {LONGEST_NAME} characters, none of them a control character,"
            " without blanks at its ends",
            field="name",
        )
    return name


def _checked_url(url: str) -> str | None:
    if len(url) > LONGEST_URL or has_controls(url):
        raise InvalidRequest(
            f"url must be at most {LONGEST_URL} characters without control characters", field="url"
        )
    return url or None


def _check_count(jobs: Sequence[object], groups: Sequence[object]) -> None:
    if len(jobs) + len(groups) > MOST_MEMBERS:
        raise InvalidRequest(
            f"one call takes {MOST_MEMBERS} jobs and groups at most, not {len(jobs) + len(groups)}",
            field="jobs",
        )


def _created(group: Group, actor: Principal, protocol: str) -> Event:
    data: JsonObject = {"name": group.name, "is_root": group.is_root}
    return _told(EventType.GROUP_CREATED, group, actor, protocol, group.created, data)


def _added(places: Sequence[Membership], actor: Principal, protocol: str) -> tuple[Event, ...]:
    """Give one event for each group that something comes into."""
    by_group: dict[tuple[str, GroupId], list[Membership]] = {}
    for place in places:
        by_group.setdefault((place.owner, place.group), []).append(place)
    return tuple(
        Event(
            job=None,
            time=some[0].added,
            type=EventType.GROUP_ADDED,
            actor=actor.name,
            protocol=protocol,
            data=_members_json([(one.kind, one.member) for one in some]),
            group=key,
        )
        for key, some in by_group.items()
    )


def _told(
    kind: EventType, group: Group, actor: Principal, protocol: str, at: datetime, data: JsonObject
) -> Event:
    return Event(
        job=None,
        time=at,
        type=kind,
        actor=actor.name,
        protocol=protocol,
        data=data,
        group=group.key,
    )


def _members_json(members: Sequence[tuple[MemberKind, GroupId | JobId]]) -> JsonObject:
    return {"members": [{"kind": kind.value, "id": member} for kind, member in members]}
