"""What is read of groups: a part of the port of the store, where everything is kept."""

from collections.abc import Collection, Container, Mapping
from datetime import datetime
from typing import Protocol

from headway.core.model.group import Below, Group, InGroups, Member, MemberKind, Subtree
from headway.core.model.names import GroupId, JobId
from headway.core.model.selection import Visibility


class Groups(Protocol):
    """Groups of one owner at a time. What a group is named in a call need not be there, unless it is said."""

    async def group(self, owner: str, group_id: GroupId) -> Group:
        """Read one group.

        Raises:
            NotFound: that owner has none of that id.
        """
        ...

    async def root(self, owner: str, name: str) -> Group | None:
        """Read the root that has a name; None where none has."""
        ...

    async def groups(
        self,
        owner: str,
        *,
        limit: int,
        after: tuple[datetime, GroupId] | None = None,
        name: str | None = None,
        roots: bool = False,
    ) -> list[Group]:
        """Read an owner's groups, the first made first, at most ``limit``, those behind (created, id).

        Those of one name when given; roots only when asked for.
        """
        ...

    async def group_names(self, owner: str, prefix: str, *, limit: int) -> list[str]:
        """Read the names of an owner's groups that begin so, each once, in the order of their code points."""
        ...

    async def members(
        self,
        owner: str,
        group_id: GroupId,
        visibility: Visibility,
        *,
        limit: int,
        after: int = 0,
        kind: MemberKind | None = None,
    ) -> list[Member]:
        """Read what is directly in a group, oldest first, those with positions above ``after``; of one kind when given.

        A job that may not be seen comes without its document.
        """
        ...

    async def parents(self, owner: str, member: GroupId | JobId, kind: MemberKind) -> list[Group]:
        """Read the groups that a group or job is directly in, in the order of their ids' code points."""
        ...

    async def subtree(
        self,
        owner: str,
        group_id: GroupId,
        *,
        limit: int,
        groups_only: bool = False,
        but: Container[GroupId] = (),
    ) -> Subtree:
        """Read what hangs below a group, at most ``limit`` memberships; those of groups when no others are wanted.

        Groups of ``but`` that are in it are not looked into: of them only that they are there is told.

        Raises:
            NotFound: that owner has none of that id.
        """
        ...

    async def below(self, within: InGroups) -> Below:
        """Read the ids of all that is below some groups, whether they are negated or not."""
        ...

    async def roll_ups(
        self, owner: str, group_ids: Collection[GroupId], visibility: Visibility
    ) -> Mapping[GroupId, Mapping[str, int]]:
        """Count the jobs below each group by their states' words: each job once, those that are hidden or may not be seen not.

        States and groups without any may be left out.
        """
        ...
