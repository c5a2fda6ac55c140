"""What Changes do to groups: checked, and made into statements, before anything of their transaction is written."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from msgspec.structs import replace

from headway.core.errors import Conflict, NotFound
from headway.core.model.change import Change
from headway.core.model.group import (
    DroppedGroup,
    Group,
    MemberKind,
    Membership,
    Removal,
    position_of,
)
from headway.core.model.names import GroupId, JobId, Seq
from headway.stores.sql.database import Database
from headway.stores.sql.draft import Statement
from headway.stores.sql.group_reading import GroupReading, Key, Known, Stored
from headway.stores.sql.group_rows import GROUP_COLUMNS, MEMBER_COLUMNS, group_row
from headway.stores.sql.job_rows import Value
from headway.stores.sql.times import micros, micros_or_none

# ruff: noqa: S608 -- every name put into these texts is one of our own columns

_INSERT_GROUP: Final = (
    f"INSERT INTO job_group (number, relinked, {GROUP_COLUMNS})"
    f" VALUES ({', '.join('?' * (2 + len(GROUP_COLUMNS.split(','))))})"
)
_UPDATE_GROUP: Final = (
    "UPDATE job_group SET name = ?, url = ?, root = ?, rev = ?, relinked = ? WHERE number = ?"
)
_LOOSEN: Final = "UPDATE job_group SET loose = ? WHERE number = ?"
_RELINK: Final = "UPDATE job_group SET relinked = ? WHERE number = ?"
_INSERT_MEMBER: Final = f"INSERT INTO member ({MEMBER_COLUMNS}) VALUES (?, ?, ?, ?, ?)"
_DELETE_JOB: Final = "DELETE FROM member WHERE holder = ? AND job = ?"
_DELETE_CHILD: Final = "DELETE FROM member WHERE holder = ? AND child = ?"
_DELETE_GROUP: Final = (
    "DELETE FROM member WHERE holder = ?",
    "DELETE FROM member WHERE child = ?",
    "DELETE FROM job_group WHERE number = ?",
)

#: Gives the number of a job that is or will be stored; raises NotFound.
NumberOf: TypeAlias = Callable[[JobId], int]


class Grouped(NamedTuple):
    """What one Change does to groups: see Written; ``known`` is to be kept once the Change stands."""

    statements: Sequence[Statement]
    known: Known
    groups: tuple[Group, ...]
    removals: tuple[Removal, ...]
    memberships: tuple[Membership, ...]
    dropped_groups: tuple[DroppedGroup, ...]


class Grouping:
    """Groups as the open transaction has them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        newest = database.execute("SELECT max(number) FROM job_group").fetchone()[0]
        self._known = Known(next=1 + (newest or 0))

    def plan(self, change: Change, seq: Seq, number_of: NumberOf) -> Grouped | None:
        """Plan what a Change does to groups; None when it does nothing to them.

        Raises:
            Conflict: see Store.write.
            NotFound: see Store.write.
        """
        if not has_groups(change):
            return None
        return _Planning(self._database, self._known, change, seq, number_of).planned()

    def keep(self, grouped: Grouped) -> None:
        """Know what a plan that stands has made of groups."""
        known = grouped.known
        self._known.groups |= known.groups
        self._known.roots |= known.roots
        self._known.holders |= known.holders
        self._known.held |= known.held
        for key, placed in known.placed.items():
            self._known.placed.setdefault(key, {}).update(placed)
        self._known.next = known.next

    def clear(self) -> None:
        """Hear that the transaction is over."""
        self._known = Known(next=self._known.next)


def has_groups(change: Change) -> bool:
    """Tell whether a Change does anything to groups."""
    return bool(change.groups or change.removals or change.memberships or change.dropped_groups)


class _Planning(GroupReading):
    """One Change's plan in the making."""

    def __init__(
        self, database: Database, known: Known, change: Change, seq: Seq, number_of: NumberOf
    ) -> None:
        super().__init__(database, known)
        self._change = change
        self._seq = seq
        self._number_of = number_of
        self._statements: list[Statement] = []
        self._touched: dict[Key, None] = {}
        self._relinked: dict[int, None] = {}

    def planned(self) -> Grouped:
        """Give the plan."""
        change = self._change
        for group in change.groups:
            self._keep(group)
        removals = tuple([one for one in change.removals if self._remove(one)])
        made = {job.id for job in change.jobs if job.rev == 1}
        memberships = tuple(
            [
                one
                for place, membership in enumerate(change.memberships)
                if (one := self._add(membership, position_of(self._seq, place), made)) is not None
            ]
        )
        dropped = tuple([one for one in change.dropped_groups if self._drop(one)])
        for number in self._relinked:
            self._do(_RELINK, self._seq, number)
        groups = [self._stored(key) for key in self._touched]
        return Grouped(
            self._statements,
            self._new,
            tuple([stored.group for stored in groups if stored is not None]),
            removals,
            memberships,
            dropped,
        )

    def _do(self, sql: str, *values: Value) -> None:
        self._statements.append((sql, values))

    def _keep(self, group: Group) -> None:
        before = self._stored(group.key)
        rev = before.group.rev if before else 0
        if rev != group.rev - 1:
            raise Conflict(
                f"group {group.id!r} is stored as rev {rev}; rev {group.rev} cannot follow"
            )
        if before is not None and before.group.is_root:
            self._new.roots[group.owner, before.group.name] = None
        if group.is_root:
            if (self._root(group.owner, group.name) or group.id) != group.id:
                raise Conflict(f"there is a root called {group.name!r} already")
            self._new.roots[group.owner, group.name] = group.id
        if before is None:
            self._make(replace(group, loose=None if group.is_root else group.created))
            return
        after = replace(group, loose=before.group.loose)
        self._new.groups[group.key] = Stored(after, before.number)
        self._touched[group.key] = None
        root = int(group.is_root)
        self._do(_UPDATE_GROUP, group.name, group.url, root, group.rev, self._seq, before.number)

    def _make(self, group: Group) -> None:
        number = self._new.next
        self._new.next += 1
        self._new.groups[group.key] = Stored(group, number)
        self._new.holders[group.key] = frozenset()
        self._touched[group.key] = None
        self._do(_INSERT_GROUP, number, self._seq, *group_row(group))

    def _remove(self, removal: Removal) -> bool:
        holder = self._stored((removal.owner, removal.group))
        if holder is None:
            return False
        if removal.kind is MemberKind.GROUP:
            return self._remove_group(holder, (removal.owner, GroupId(removal.member)), removal.at)
        try:
            job = self._number_of(JobId(removal.member))
        except NotFound:
            return False
        if not self._is_held(job, holder.number):
            return False
        self._new.held[job, holder.number] = False
        self._relinked[holder.number] = None
        self._do(_DELETE_JOB, holder.number, job)
        return True

    def _remove_group(self, holder: Stored, key: Key, at: datetime) -> bool:
        child = self._stored(key)
        if child is None or holder.group.id not in self._holders(key):
            return False
        self._relinked[holder.number] = None
        self._do(_DELETE_CHILD, holder.number, child.number)
        self._leave(key, holder.group.id, at)
        return True

    def _leave(self, key: Key, holder: GroupId, at: datetime) -> None:
        """Know that a group is not in another any more."""
        left = self._holders(key) - {holder}
        self._new.holders[key] = left
        self._new.placed.setdefault((key[0], holder), {})[key[1]] = False
        self._touched[key] = None
        child = self._there(key)
        if not left and not child.group.is_root:
            self._loosen(key, child, at)

    def _loosen(self, key: Key, stored: Stored, at: datetime | None) -> None:
        self._new.groups[key] = stored._replace(group=replace(stored.group, loose=at))
        self._do(_LOOSEN, micros_or_none(at), stored.number)

    def _add(
        self, membership: Membership, position: int, made: Collection[JobId]
    ) -> Membership | None:
        owner = membership.owner
        holder = self._there((owner, membership.group))
        added = micros(membership.added)
        if membership.kind is MemberKind.GROUP:
            key = (owner, GroupId(membership.member))
            child = self._there(key)
            if holder.group.id in self._holders(key):
                return None
            self._nesting(holder.group.key).check(key[1])
            self._new.holders[key] = self._holders(key) | {holder.group.id}
            self._new.placed.setdefault(holder.group.key, {})[key[1]] = True
            self._touched[key] = None
            self._relinked[holder.number] = None
            self._loosen(key, child, None)
            self._do(_INSERT_MEMBER, holder.number, position, None, child.number, added)
        else:
            job = self._number_of(JobId(membership.member))
            if self._is_held(job, holder.number):
                return None
            self._new.held[job, holder.number] = True
            if membership.member not in made:
                self._relinked[holder.number] = None
            self._do(_INSERT_MEMBER, holder.number, position, job, None, added)
        return replace(membership, position=position)

    def _drop(self, dropped: DroppedGroup) -> bool:
        key = (dropped.owner, dropped.id)
        stored = self._stored(key)
        if stored is None:
            return False
        for holder in self._holders(key):
            self._relinked[self._there((dropped.owner, holder)).number] = None
            self._new.placed.setdefault((dropped.owner, holder), {})[dropped.id] = False
        for child in self._children(key):
            self._leave((dropped.owner, child), dropped.id, dropped.at)
        if stored.group.is_root:
            self._new.roots[dropped.owner, stored.group.name] = None
        self._new.groups[key] = None
        self._new.holders[key] = frozenset()
        self._relinked.pop(stored.number, None)
        for sql in _DELETE_GROUP:
            self._do(sql, stored.number)
        return True
