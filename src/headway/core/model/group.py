"""Groups of jobs and of other groups: a tree in which a thing may hang in several places. Membership grants no rights.

Groups are their owner's: two users may each have one of the same id and know nothing of the other's. Circles are refused, and so is what is too deep.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Generic, TypeVar
from unicodedata import category

import msgspec

from headway.core.errors import Conflict, InvalidRequest
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId, Seq

LONGEST_ID: Final = 200  #: characters of an id
LONGEST_NAME: Final = 200
LONGEST_URL: Final = 2_000
MOST_MEMBERS: Final = 1_000  #: that one call adds or removes
DEEPEST: Final = 100  #: groups on any way down, the uppermost and the lowest included
MOST_LINKS: Final = 20_000  #: places of groups that are looked at when some are put into another
_CONTROLS: Final = frozenset({"Cc", "Cs"})
_PLACES: Final = 20  # bits of a position that count the members of one Change

K = TypeVar("K", bound=Hashable)


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


class Nesting(Generic[K]):
    """What may be put into one group: nothing that would be below itself, or more than ``DEEPEST`` levels deep.

    Looks once at what is above that group. It is right for as long as groups are put into that group only.
    """

    def __init__(
        self,
        group: K,
        parents: Callable[[K], Collection[K]],
        children: Callable[[K], Collection[K]],
        name_of: Callable[[K], str],
    ) -> None:
        """``parents`` and ``children`` give what is directly above and below, in an order that is always the same."""
        self._group = group
        self._name_of = name_of
        self._links = 0
        self._below: dict[K, K] = {}  # on the shortest way down to the group
        self._heights: dict[K, int] = {}
        self._children = children
        above = self._look_up(parents)
        self._depth = self._longest(group, above.__getitem__, {})

    def check(self, member: K) -> None:
        """Look whether a group may be put there.

        Raises:
            Conflict: it would be below itself or too deep, or is among too many groups to tell; the message says which.
        """
        if member == self._group or member in self._below:
            raise Conflict(_circle_words(self._called(self._way_down(member))))
        height = self._longest(member, self._read_children, self._heights)
        if self._depth + height > DEEPEST:
            lower, upper = self._called([member, self._group])
            raise Conflict(
                f"the group {lower!r} cannot be put into {upper!r}: groups would be"
                f" {self._depth + height} levels deep, and {DEEPEST} is the limit"
            )

    def _look_up(self, parents: Callable[[K], Collection[K]]) -> Mapping[K, Collection[K]]:
        above: dict[K, Collection[K]] = {}
        level = [self._group]
        while level:
            higher: list[K] = []
            for one in level:
                above[one] = self._counted(parents(one))
                for parent in above[one]:
                    if parent not in self._below:
                        self._below[parent] = one
                        higher.append(parent)
            level = higher
        return above

    def _read_children(self, group: K) -> Collection[K]:
        return self._counted(self._children(group))

    def _counted(self, links: Collection[K]) -> Collection[K]:
        self._links += len(links)
        if self._links > MOST_LINKS:
            raise Conflict(too_many_links_words())
        return links

    def _way_down(self, member: K) -> list[K]:
        path = [member]
        while path[-1] != self._group:
            path.append(self._below[path[-1]])
        return path

    def _called(self, groups: Sequence[K]) -> list[str]:
        """Give what groups are called; the ids too of those that are called alike."""
        names = [self._name_of(one) for one in groups]
        return [
            name if names.count(name) == 1 else f"{name} [{one}]"
            for one, name in zip(groups, names, strict=True)
        ]

    @staticmethod
    def _longest(start: K, beyond: Callable[[K], Collection[K]], known: dict[K, int]) -> int:
        """Count the groups on the longest way from one on, that one included; nothing is asked for twice."""
        read: dict[K, Collection[K]] = {}
        way = [start]
        while way:
            one = way[-1]
            if one in known:
                way.pop()
            elif one not in read:
                read[one] = beyond(one)
                way += [other for other in read[one] if other not in known]
            else:
                known[one] = 1 + max((known[other] for other in read.pop(one)), default=0)
        return known[start]


def too_many_links_words() -> str:
    """Say why nobody can tell whether groups may be put into another."""
    return (
        f"there are more than {MOST_LINKS:,} places of groups above that group and below what is to be put into it;"
        " put in fewer at once, or smaller ones"
    )


def _circle_words(path: Sequence[str]) -> str:
    way = " > ".join([*path, path[0]])
    return (
        f"the group {path[0]!r} cannot be put into {path[-1]!r}: it would be below itself ({way})"
    )
