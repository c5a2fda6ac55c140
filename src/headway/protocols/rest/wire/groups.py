"""Groups, as they go over the wire."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Meta, UnsetType

from headway.core.model.group import (
    LONGEST_ID,
    LONGEST_NAME,
    LONGEST_URL,
    MOST_MEMBERS,
    Group,
    Membership,
)
from headway.core.model.names import GroupId
from headway.protocols.rest.wire.documents import Document, JobSummary
from headway.protocols.rest.wire.queries import (
    Cursor,
    GroupRef,
    Limit,
    Query,
    Text,
    no_cursor,
    opened,
    sealed,
)
from headway.protocols.rest.wire.render import group_page

_GroupId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
_Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
_Url: TypeAlias = Annotated[str, Meta(max_length=LONGEST_URL)]
_Kind: TypeAlias = Literal["group", "job"]

_POSITION: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


class _Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all bodies have in common."""


class GroupBody(_Body, frozen=True, kw_only=True):
    """A group to make. One that is there already, by its ``id``, stays as it is."""

    name: _Name
    id: Annotated[_GroupId, Meta(description="Any text; else a new UUID.")] | None = None
    url: Annotated[_Url, Meta(description="Where more is told of it.")] | None = None
    parent: (
        Annotated[GroupRef, Meta(description="The group that it goes into; else your own root.")]
        | None
    ) = None


class GroupPatch(_Body, frozen=True, kw_only=True):
    """What is to be another; an empty ``url`` takes it away."""

    name: _Name | None = None
    url: _Url | None = None


class MembersBody(_Body, frozen=True, kw_only=True):
    """Jobs, by UUID or number, and groups, to be put in."""

    jobs: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(max_length=MOST_MEMBERS)
    ] = msgspec.field(default_factory=list)
    groups: Annotated[list[GroupRef], Meta(max_length=MOST_MEMBERS)] = msgspec.field(
        default_factory=list
    )


class GroupsQuery(Query, frozen=True, kw_only=True):
    """Which groups to list: all of yours, in pages; or those of one name, around one member, or at one path."""

    name: Annotated[Text, Meta(description="With exactly this name.")] | None = None
    roots: Annotated[bool, Meta(description="Roots only.")] = False
    path: (
        Annotated[
            GroupRef,
            Meta(description="What is at this path (`a:b:c`): a group, or a job in one. Alone."),
        ]
        | None
    ) = None
    job: (
        Annotated[
            str,
            Meta(min_length=1, max_length=40, description="That this job is directly in. Alone."),
        ]
        | None
    ) = None
    group: (
        Annotated[GroupRef, Meta(description="That this group is directly in. Alone.")] | None
    ) = None
    limit: Limit = 50
    cursor: Cursor | None = None


class MembersQuery(Query, frozen=True, kw_only=True):
    """Which page of what is in a group."""

    kind: Annotated[_Kind, Meta(description="Of one kind only.")] | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class RemoveQuery(Query, frozen=True, kw_only=True):
    """What kind of thing is meant, where a group's id may be a job's number."""

    kind: _Kind | None = None


class TreeQuery(Query, frozen=True, kw_only=True):
    """How much of a tree to read."""

    jobs: Annotated[bool, Meta(description="The jobs' summaries too.")] = False
    groups_only: Annotated[bool, Meta(description="Places of groups only, none of jobs.")] = False
    limit: Annotated[int, Meta(ge=1, le=20_000, description="How many places at most.")] = 1000


class GroupLinks(Document, frozen=True, kw_only=True):
    """Where to go on."""

    self: str
    members: str
    tree: str
    jobs: str
    page: str


class GroupDocument(Document, frozen=True, kw_only=True):
    """A group. ``states`` counts the jobs below it, each once, hidden ones not. ``loose`` is since when no group has it."""

    id: str
    name: str
    url: str | None
    is_root: bool
    created: datetime
    loose: datetime | None
    states: Mapping[str, int]
    links: GroupLinks


class GroupsPage(Document, frozen=True, kw_only=True):
    """Some groups, the first made first; ``next`` is the cursor of the next page. ``job`` is what is at a path, if it is one."""

    groups: Sequence[GroupDocument]
    next: str | None
    job: JobSummary | UnsetType = UNSET


class MemberDocument(Document, frozen=True, kw_only=True):
    """One place in a group: of a job or of another group."""

    kind: _Kind
    added: datetime
    group: GroupDocument | UnsetType = UNSET
    job: JobSummary | UnsetType = UNSET


class MembersPage(Document, frozen=True, kw_only=True):
    """What is directly in a group, oldest first; ``next`` is the cursor of the next page."""

    group: GroupDocument
    members: Sequence[MemberDocument]
    next: str | None


class PlaceDocument(Document, frozen=True, kw_only=True):
    """What is in what."""

    group: str
    kind: _Kind
    id: str
    added: datetime


class AddedDocument(Document, frozen=True, kw_only=True):
    """The places that are new; what was there before is not among them."""

    added: Sequence[PlaceDocument]


class TreeDocument(Document, frozen=True, kw_only=True):
    """All below a group.

    Each group comes once, the one asked for first, then breadth first. ``places`` says what is in what, in the groups' order,
    oldest first. Jobs only where they were asked for. ``is_whole`` is false when there is more than the limit.
    """

    groups: Sequence[GroupDocument]
    places: Sequence[PlaceDocument]
    jobs: Sequence[JobSummary]
    is_whole: bool


def group_document(
    group: Group, states: Mapping[str, int], *, root: str, api: str
) -> GroupDocument:
    """Make a group's document; ``root`` and ``api`` are the beginnings of addresses."""
    here = f"{api}/groups/{quote(group.id, safe='')}"
    return GroupDocument(
        id=group.id,
        name=group.name,
        url=group.url,
        is_root=group.is_root,
        created=group.created,
        loose=group.loose,
        states=states,
        links=GroupLinks(
            self=here,
            members=f"{here}/members",
            tree=f"{here}/tree",
            jobs=f"{api}/jobs?group={quote(group.id, safe='')}",
            page=group_page(group, root=root),
        ),
    )


def place_document(place: Membership) -> PlaceDocument:
    """Say what is in what."""
    return PlaceDocument(
        group=place.group, kind=place.kind.value, id=place.member, added=place.added
    )


def members_cursor(position: int | None) -> str | None:
    """Give the cursor of the page of members behind a position."""
    return None if position is None else sealed(f"m{position}")


def groups_cursor(after: tuple[datetime, GroupId] | None) -> str | None:
    """Give the cursor of the page of groups behind one."""
    return None if after is None else sealed(f"g{after[0].isoformat()} {after[1]}")


def read_groups_cursor(cursor: str | None) -> tuple[datetime, GroupId] | None:
    """Read a cursor back to the group to go on behind.

    Raises:
        InvalidRequest: it is none of ours.
    """
    if cursor is None:
        return None
    created, _, group_id = opened(cursor, "g").partition(" ")
    try:
        return datetime.fromisoformat(created).astimezone(UTC), GroupId(group_id)
    except (ValueError, OverflowError):
        raise no_cursor(cursor) from None


def read_members_cursor(cursor: str | None) -> int:
    """Read a cursor back to the position to go on behind; 0 without one.

    Raises:
        InvalidRequest: it is none of ours.
    """
    if cursor is None:
        return 0
    position = opened(cursor, "m")
    if not _POSITION.fullmatch(position):
        raise no_cursor(cursor)
    return int(position)
