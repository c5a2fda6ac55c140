"""Groups of jobs and of other groups."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from headway.sdk.model.jobs import JobSummary


class GroupLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go on."""

    self: str = ""
    page: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group. ``states`` counts the jobs below it, each once; ``loose`` is since when no other group has it."""

    id: str
    name: str
    url: str | None = None
    is_root: bool = False
    created: datetime
    loose: datetime | None = None
    states: Mapping[str, int] = {}
    links: GroupLinks = GroupLinks()


class GroupPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some groups; ``job`` is what is at a path that is not a group's."""

    groups: tuple[Group, ...]
    next: str | None = None
    job: JobSummary | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in a group: ``kind`` says whether it is ``group`` or ``job``."""

    kind: str
    added: datetime
    group: Group | None = None
    job: JobSummary | None = None


class MemberPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of what is directly in a group."""

    group: Group
    members: tuple[Member, ...]
    next: str | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What (``id``) is in what (``group``)."""

    group: str
    kind: str
    id: str
    added: datetime


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """The places that are new."""

    added: tuple[Place, ...]


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """All below a group: each group once, the one asked for first; ``places`` says what is in what."""

    groups: tuple[Group, ...]
    places: tuple[Place, ...]
    jobs: tuple[JobSummary, ...] = ()
    is_whole: bool = True
