"""Groups as the open transaction has them: as the file does, and as the plans before changed it."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from headway.core.errors import NotFound
from headway.core.model.group import Group, Nesting
from headway.core.model.names import GroupId
from headway.stores.sql.database import Database
from headway.stores.sql.group_links import Links, links_above, links_below
from headway.stores.sql.group_rows import GROUP_COLUMNS, group_of

# ruff: noqa: S608 -- every name put into these texts is one of our own columns

_GROUP: Final = f"SELECT {GROUP_COLUMNS}, number FROM job_group WHERE owner = ? AND id = ?"
_ROOT: Final = (
    "SELECT id FROM job_group INDEXED BY job_group_root WHERE owner = ? AND name = ? AND root = 1"
)
_HOLDERS: Final = (
    "SELECT job_group.id FROM member INDEXED BY member_holder"
    " CROSS JOIN job_group ON job_group.number = member.holder WHERE member.child = ?"
)
_CHILDREN: Final = (
    "SELECT job_group.id FROM member INDEXED BY member_child"
    " CROSS JOIN job_group ON job_group.number = member.child"
    " WHERE member.holder = ? AND member.child IS NOT NULL"
)
_HAS_JOB: Final = "SELECT 1 FROM member INDEXED BY member_job WHERE job = ? AND holder = ?"

Key: TypeAlias = tuple[str, GroupId]


class Stored(NamedTuple):
    """A group with its row's number."""

    group: Group
    number: int


@dataclass
class Known:
    """What is known of groups beside the file: None for what is not there.

    Attributes:
        holders: the groups that a group is directly in.
        children: the groups that are directly in a group, as the file has them.
        placed: what is otherwise: whether a group is directly in a group.
        held: whether a job, by its number, is directly in a group, by its.
        next: the next group's number.
    """

    groups: dict[Key, Stored | None] = field(default_factory=dict)
    roots: dict[tuple[str, str], GroupId | None] = field(default_factory=dict)
    holders: dict[Key, frozenset[GroupId]] = field(default_factory=dict)
    children: dict[Key, frozenset[GroupId]] = field(default_factory=dict)
    placed: dict[Key, dict[GroupId, bool]] = field(default_factory=dict)
    held: dict[tuple[int, int], bool] = field(default_factory=dict)
    next: int = 0


class GroupReading:
    """What a plan sees: ``new`` is what it changes itself, so that nothing is left of one that fails."""

    def __init__(self, database: Database, known: Known) -> None:
        self._database = database
        self._old = known
        self._new = Known(next=known.next)
        self._nestings: dict[Key, Nesting[GroupId]] = {}

    def _stored(self, key: Key) -> Stored | None:
        for known in (self._new, self._old):
            if key in known.groups:
                return known.groups[key]
        row = self._database.execute(_GROUP, key).fetchone()
        self._old.groups[key] = found = None if row is None else Stored(group_of(row), row[-1])
        return found

    def _there(self, key: Key) -> Stored:
        stored = self._stored(key)
        if stored is None:
            raise NotFound(f"no group is called {key[1]!r}")
        return stored

    def _root(self, owner: str, name: str) -> GroupId | None:
        for known in (self._new, self._old):
            if (owner, name) in known.roots:
                return known.roots[owner, name]
        row = self._database.execute(_ROOT, (owner, name)).fetchone()
        return None if row is None else GroupId(row[0])

    def _holders(self, key: Key) -> frozenset[GroupId]:
        for known in (self._new, self._old):
            if key in known.holders:
                return known.holders[key]
        rows = self._database.execute(_HOLDERS, (self._there(key).number,)).fetchall()
        self._old.holders[key] = found = frozenset(GroupId(row[0]) for row in rows)
        return found

    def _is_held(self, job: int, holder: int) -> bool:
        for known in (self._new, self._old):
            if (job, holder) in known.held:
                return known.held[job, holder]
        return self._database.execute(_HAS_JOB, (job, holder)).fetchone() is not None

    def _nesting(self, holder: Key) -> Nesting[GroupId]:
        """Give what tells of the group that things are put into: anew when it was another one before."""
        if holder not in self._nestings:
            self._nestings.clear()
            owner = holder[0]
            above = links_above(self._database, self._there(holder).number)
            _learn(self._old.holders, owner, above)
            self._nestings[holder] = Nesting(
                holder[1],
                lambda one: sorted(self._holders((owner, one))),
                lambda one: self._whole_children((owner, one)),
                lambda one: self._there((owner, one)).group.name,
            )
        return self._nestings[holder]

    def _whole_children(self, key: Key) -> list[GroupId]:
        """Give the groups directly in one, of which all below will be asked for as well."""
        if key not in self._old.children:
            below = links_below(self._database, self._there(key).number)
            _learn(self._old.children, key[0], below or {key[1]: frozenset()})
        return self._children(key)

    def _children(self, key: Key) -> list[GroupId]:
        """Give the groups directly in one: as the file has them, and as the plans before this one changed it."""
        if key not in self._old.children:
            rows = self._database.execute(_CHILDREN, (self._there(key).number,)).fetchall()
            self._old.children[key] = frozenset(GroupId(row[0]) for row in rows)
        found = dict.fromkeys(self._old.children[key], True)
        for known in (self._old, self._new):
            found |= known.placed.get(key, {})
        return sorted(group_id for group_id, is_there in found.items() if is_there)


def _learn(known: dict[Key, frozenset[GroupId]], owner: str, links: Links) -> None:
    for group_id, others in links.items():
        known.setdefault((owner, group_id), others)
