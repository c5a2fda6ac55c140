"""Groups and what is in them, in memory."""

from collections.abc import Callable, Collection, Container, Mapping
from datetime import datetime
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from headway.core.errors import Conflict, NotFound
from headway.core.model.change import Change
from headway.core.model.group import (
    Below,
    DroppedGroup,
    Group,
    InGroups,
    Member,
    MemberKind,
    Membership,
    Nesting,
    Removal,
    Subtree,
    position_of,
)
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId, Seq
from headway.core.model.selection import Selection, Visibility

Key: TypeAlias = tuple[str, GroupId]
#: What is in a group, in the order in which it came there.
Members: TypeAlias = dict[tuple[MemberKind, str], Membership]


class Grouped(NamedTuple):
    """What a Change did to groups; see Written."""

    groups: tuple[Group, ...] = ()
    removals: tuple[Removal, ...] = ()
    memberships: tuple[Membership, ...] = ()
    dropped_groups: tuple[DroppedGroup, ...] = ()


class GroupRows:
    """All groups. ``relinked``: when a group or what is in it changed last, but for new jobs that were made in it."""

    def __init__(self) -> None:
        self.groups: dict[Key, Group] = {}
        self.members: dict[Key, Members] = {}
        self.relinked: dict[Key, Seq] = {}

    def after(
        self, change: Change, seq: Seq, is_job: Callable[[JobId], bool]
    ) -> tuple["GroupRows", Grouped]:
        """Give the groups as they are after a Change, and what that did.

        Raises:
            Conflict: see Store.write.
            NotFound: see Store.write.
        """
        if not (change.groups or change.removals or change.memberships or change.dropped_groups):
            return self, Grouped()
        rows = GroupRows()
        rows.groups, rows.relinked = dict(self.groups), dict(self.relinked)
        rows.members = {key: dict(members) for key, members in self.members.items()}
        return rows, rows._apply(change, seq, is_job)

    def _apply(self, change: Change, seq: Seq, is_job: Callable[[JobId], bool]) -> Grouped:
        touched: dict[Key, None] = {}
        for group in change.groups:
            self._keep(group, seq)
            touched[group.key] = None
        removals = [one for one in change.removals if self._remove(one, seq)]
        touched |= {(one.owner, GroupId(one.member)): None for one in removals if _is_group(one)}
        new = {job.id for job in change.jobs if job.rev == 1}
        memberships: list[Membership] = []
        nestings: dict[Key, Nesting[GroupId]] = {}
        for place, membership in enumerate(change.memberships):
            placed = replace(membership, position=position_of(seq, place))
            if self._add(placed, seq, is_job, new, nestings):
                memberships.append(placed)
                if _is_group(placed):
                    touched[placed.owner, GroupId(placed.member)] = None
        dropped = [one for one in change.dropped_groups if self._drop(one, seq, touched)]
        return Grouped(
            tuple(self.groups[key] for key in touched if key in self.groups),
            tuple(removals),
            tuple(memberships),
            tuple(dropped),
        )

    def _keep(self, group: Group, seq: Seq) -> None:
        before = self.groups.get(group.key)
        rev = before.rev if before else 0
        if rev != group.rev - 1:
            raise Conflict(
                f"group {group.id!r} is stored as rev {rev}; rev {group.rev} cannot follow"
            )
        if group.is_root and (self.root(group.owner, group.name) or group).id != group.id:
            raise Conflict(f"there is a root called {group.name!r} already")
        loose = before.loose if before else None if group.is_root else group.created
        self.groups[group.key] = replace(group, loose=loose)
        self.members.setdefault(group.key, {})
        self.relinked[group.key] = seq

    def _remove(self, removal: Removal, seq: Seq) -> bool:
        key = (removal.owner, removal.group)
        if self.members.get(key, {}).pop((removal.kind, removal.member), None) is None:
            return False
        self.relinked[key] = seq
        if _is_group(removal):
            self._loosen((removal.owner, GroupId(removal.member)), removal.at)
        return True

    def _loosen(self, key: Key, at: datetime) -> None:
        group = self.groups[key]
        if not group.is_root and not self.parents(*key, MemberKind.GROUP):
            self.groups[key] = replace(group, loose=at)

    def _add(
        self,
        membership: Membership,
        seq: Seq,
        is_job: Callable[[JobId], bool],
        new: Collection[str],
        nestings: dict[Key, Nesting[GroupId]],
    ) -> bool:
        key = (membership.owner, membership.group)
        self.group(*key)
        name = (membership.kind, membership.member)
        child = None
        if _is_group(membership):
            child = self.group(membership.owner, GroupId(membership.member))
        elif membership.member not in new and not is_job(JobId(membership.member)):
            raise NotFound(f"no job is called {membership.member}")
        if name in self.members[key]:
            return False
        if child is not None:
            self._nesting(key, nestings).check(child.id)
        self.members[key][name] = membership
        if child is not None:
            self.groups[child.key] = replace(child, loose=None)
        if membership.member not in new:
            self.relinked[key] = seq
        return True

    def _nesting(self, key: Key, nestings: dict[Key, Nesting[GroupId]]) -> Nesting[GroupId]:
        """Give what tells of the group that things are put into: anew when it was another one before."""
        if key not in nestings:
            nestings.clear()
            owner = key[0]
            nestings[key] = Nesting(
                key[1],
                lambda one: [group.id for group in self.parents(owner, one, MemberKind.GROUP)],
                lambda one: [
                    GroupId(m) for kind, m in self.members[owner, one] if kind is MemberKind.GROUP
                ],
                lambda one: self.groups[owner, one].name,
            )
        return nestings[key]

    def _drop(self, dropped: DroppedGroup, seq: Seq, touched: dict[Key, None]) -> bool:
        key = (dropped.owner, dropped.id)
        if self.groups.pop(key, None) is None:
            return False
        del self.relinked[key]
        for parent, members in self.members.items():
            name = (MemberKind.GROUP, key[1])
            if parent[0] == key[0] and name in members:
                del members[name]
                self.relinked[parent] = seq
        for kind, member in sorted(self.members.pop(key)):
            if kind is MemberKind.GROUP:
                self._loosen((key[0], GroupId(member)), dropped.at)
                touched[key[0], GroupId(member)] = None
        return True

    def forget_job(self, job_id: JobId) -> None:
        """Take a job that is gone out of all groups."""
        for members in self.members.values():
            members.pop((MemberKind.JOB, job_id), None)

    def group(self, owner: str, group_id: GroupId) -> Group:
        """Read one group; see Store."""
        try:
            return self.groups[owner, group_id]
        except KeyError:
            raise NotFound(f"no group is called {group_id!r}") from None

    def root(self, owner: str, name: str) -> Group | None:
        """Read a root; see Store."""
        roots = (one for one in self.groups.values() if one.owner == owner and one.is_root)
        return next((one for one in roots if one.name == name), None)

    def listed(self, owner: str) -> list[Group]:
        """Give an owner's groups in their order."""
        own = [group for group in self.groups.values() if group.owner == owner]
        return sorted(own, key=lambda group: (group.created, group.id))

    def parents(self, owner: str, member: str, kind: MemberKind) -> list[Group]:
        """Read where a group or job is; see Store."""
        found = [
            self.groups[key]
            for key, members in self.members.items()
            if key[0] == owner and (kind, member) in members
        ]
        return sorted(found, key=lambda group: group.id)

    def subtree(
        self,
        owner: str,
        group_id: GroupId,
        limit: int,
        *,
        groups_only: bool,
        but: Container[GroupId],
    ) -> Subtree:
        """Read what hangs below a group; see Store."""
        memberships: list[Membership] = []
        groups = [self.group(owner, group_id)]
        for group in groups:
            for membership in self.members[group.key].values():
                if groups_only and not _is_group(membership):
                    continue
                if len(memberships) == limit:
                    return Subtree(groups=groups, memberships=memberships, is_whole=False)
                memberships.append(membership)
                if _is_group(membership) and membership.member not in but:
                    child = self.groups[owner, GroupId(membership.member)]
                    groups += [child] if child not in groups else []
        return Subtree(groups=groups, memberships=memberships)

    def below(self, within: InGroups) -> Below:
        """Read what is below groups; see Store."""
        keys = [(within.owner, group_id) for group_id in within.any_of]
        there = [key for key in dict.fromkeys(keys) if key in self.groups]
        groups = list(there)
        jobs: set[JobId] = set()
        for key in groups:
            for kind, member in self.members[key]:
                if kind is MemberKind.JOB:
                    jobs.add(JobId(member))
                elif (within.owner, GroupId(member)) not in groups:
                    groups.append((within.owner, GroupId(member)))
        return Below(
            groups=frozenset(group_id for _, group_id in groups),
            jobs=frozenset(jobs),
            missing=frozenset(within.any_of) - {group_id for _, group_id in there},
        )

    def below_all(self, selection: Selection) -> Mapping[InGroups, Collection[JobId]]:
        """Read the jobs that a selection's groups mean; see Selection.matches."""
        return {within: self.below(within).jobs for within in selection.groups}

    def has_changed(self, selection: Selection, since: Seq) -> bool:
        """Tell whether there is more to a selection's groups, after a sequence, than new jobs in them."""
        for within in selection.groups:
            found = self.below(within)
            if found.missing:
                return True
            if any(self.relinked[within.owner, group_id] > since for group_id in found.groups):
                return True
        return False

    def forget_loose(self, before: datetime, at: datetime, limit: int) -> int:
        """Drop the groups that no other has had for too long, and what is in them; gives how many rows went."""
        old = sorted(
            (group.loose, group.key)
            for group in self.groups.values()
            if group.loose is not None and group.loose < before
        )
        left = limit
        for _, key in old:
            members = self.members[key]
            for name in list(members)[:left]:
                del members[name]
                left -= 1
                if name[0] is MemberKind.GROUP:
                    self._loosen((key[0], GroupId(name[1])), at)
            if left <= 0:
                break
            del self.groups[key], self.members[key], self.relinked[key]
            left -= 1
        return limit - left


def members_page(
    rows: GroupRows,
    jobs: Mapping[JobId, Job],
    key: Key,
    visibility: Visibility,
    *,
    limit: int,
    after: int,
    kind: MemberKind | None,
) -> list[Member]:
    """Read what is in a group; see Store.members."""
    page = [
        one
        for one in rows.members.get(key, {}).values()
        if one.position > after and kind in {None, one.kind}
    ]
    return [_member(rows, jobs, one, visibility) for one in page[:limit]]


def _member(
    rows: GroupRows, jobs: Mapping[JobId, Job], membership: Membership, visibility: Visibility
) -> Member:
    if _is_group(membership):
        group = rows.groups[membership.owner, GroupId(membership.member)]
        return Member(membership=membership, group=group)
    job = jobs[JobId(membership.member)]
    return Member(membership=membership, job=job if visibility.covers(job) else None)


def _is_group(place: Membership | Removal) -> bool:
    return place.kind is MemberKind.GROUP
