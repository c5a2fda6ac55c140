"""Groups of jobs and of other groups: a tree in which a thing may hang in several places. Membership grants no rights.

Groups are their owner's: two users may each have one of the same id and know nothing of the other's. Circles are refused.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar
from unicodedata import category

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId, Seq

LONGEST_ID: Final = 200  #: characters of an id
LONGEST_NAME: Final = 200
LONGEST_URL: Final = 2_000
MOST_MEMBERS: Final = 1_000  #: that one call adds or removes
_CONTROLS: Final = frozenset({"Cc", "Cs"})
_PLACES: Final = 20  # bits of a position that count the members of one Change

K = TypeVar("K")


class MemberKind(StrEnum):
    """What can be in a group."""

    GROUP = "group"
    JOB = "job"


class Group(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A group. A change makes a new one with ``rev`` one higher.

    Attributes:
        name: shown to people; need not be unique, but for roots, whose names are among their owner's.
        url: where more is told of it.
        is_root: it needs no place in another group: a user's own one, or one that stands for a user of theirs.
        loose: since when no group has it; None where one has, and for roots. The store's own: retention forgets it then.
    """

    id: GroupId
    owner: str
    name: str
    url: str | None = None
    created: datetime
    is_root: bool = False
    loose: datetime | None = None
    rev: int = 1

    @property
    def key(self) -> tuple[str, GroupId]:
        """Give what names a group among all owners'."""
        return (self.owner, self.id)


class Membership(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One place of a group or a job: in that group. ``position`` orders a group's members, oldest first; 0 until stored.

    A position is never used again: who reads a page goes on behind the last one that they know.
    """

    owner: str
    group: GroupId
    member: GroupId | JobId
    kind: MemberKind
    added: datetime
    position: int = 0

    @property
    def key(self) -> tuple[str, GroupId, MemberKind, str]:
        """Give what is in what."""
        return (self.owner, self.group, self.kind, self.member)


class Removal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One place that is to be no more. What was there is not touched itself."""

    owner: str
    group: GroupId
    member: GroupId | JobId
    kind: MemberKind
    at: datetime

    @property
    def key(self) -> tuple[str, GroupId, MemberKind, str]:
        """Give what is not in what any more."""
        return (self.owner, self.group, self.kind, self.member)


class DroppedGroup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A group that is to be no more, with all places in it and of it. What was in it is not touched itself."""

    owner: str
    id: GroupId
    at: datetime


class Member(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A membership with what it is of. ``job`` is None where it is a group, or a job that may not be seen."""

    membership: Membership
    group: Group | None = None
    job: Job | None = None


class Subtree(msgspec.Struct, frozen=True, kw_only=True):
    """What hangs below a group.

    Attributes:
        groups: each once, the group itself first, then breadth first.
        memberships: those of each of these groups, in the groups' order; each group's own are oldest first.
        is_whole: there are no more memberships than these.
    """

    groups: Sequence[Group]
    memberships: Sequence[Membership]
    is_whole: bool = True


class InGroups(msgspec.Struct, frozen=True, kw_only=True):
    """A condition on a job: it is somewhere below one of these groups; or, negated, below none. Unknown groups have no jobs."""

    owner: str
    any_of: tuple[GroupId, ...]
    negated: bool = False

    def holds(self, job_id: JobId, below: Collection[JobId]) -> bool:
        """Tell whether it holds for a job, ``below`` being all jobs below these groups."""
        return (job_id in below) is not self.negated


class Below(msgspec.Struct, frozen=True, kw_only=True):
    """All that is somewhere below some groups, those groups included. ``missing`` are those that are not there."""

    groups: frozenset[GroupId]
    jobs: frozenset[JobId]
    missing: frozenset[GroupId] = frozenset()


def position_of(seq: Seq, place: int) -> int:
    """Give the position of a Change's membership, the place counted from 0."""
    return (seq << _PLACES) + place


def check_group_id(text: str, *, field: str = "id") -> GroupId:
    """Read a group's id.

    Raises:
        InvalidRequest: it is not 1 to 200 characters, or has control characters.
    """
    if not (1 <= len(text) <= LONGEST_ID) or has_controls(text):
        raise InvalidRequest(
            f"a group's id must be 1 to {LONGEST_ID} characters without control characters",
            field=field,
        )
    return GroupId(text)


def has_controls(text: str) -> bool:
    """Tell whether a text has characters that nobody can see or that no file can hold."""
    return any(category(character) in _CONTROLS for character in text)


def circle(group: K, member: K, parents: Callable[[K], Iterable[K]]) -> list[K]:
    """Find the circle that ``member`` in ``group`` would make: from ``member`` down to ``group``, the shortest; [] for none."""
    if group == member:
        return [member]
    below: dict[K, K] = {}
    level = [group]
    while level:
        above: list[K] = []
        for one in level:
            for parent in parents(one):
                if parent == group or parent in below:
                    continue
                below[parent] = one
                if parent == member:
                    return _down(member, group, below)
                above.append(parent)
        level = above
    return []


def _down(member: K, group: K, below: dict[K, K]) -> list[K]:
    path = [member]
    while path[-1] != group:
        path.append(below[path[-1]])
    return path


def circle_words(path: Sequence[str]) -> str:
    """Say why a group cannot go into another: ``path`` is what ``circle`` gives."""
    way = " > ".join([*path, path[0]])
    return (
        f"the group {path[0]!r} cannot be put into {path[-1]!r}: it would be below itself ({way})"
    )
