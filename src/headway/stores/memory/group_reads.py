"""The part of the Store that reads groups, over plain dicts."""

import collections
from collections.abc import Collection, Container, Mapping
from datetime import datetime

from headway.core.model.group import Below, Group, InGroups, Member, MemberKind, Subtree
from headway.core.model.names import GroupId, JobId
from headway.core.model.selection import Visibility
from headway.stores.memory.groups import members_page
from headway.stores.memory.rows import Rows


class GroupReads:
    """See headway.core.ports.groups."""

    _rows: Rows

    async def group(self, owner: str, group_id: GroupId) -> Group:
        """Read one group; see Groups."""
        return self._rows.groups.group(owner, group_id)

    async def root(self, owner: str, name: str) -> Group | None:
        """Read a root by its name; see Groups."""
        return self._rows.groups.root(owner, name)

    async def groups(
        self,
        owner: str,
        *,
        limit: int,
        after: tuple[datetime, GroupId] | None = None,
        name: str | None = None,
        roots: bool = False,
    ) -> list[Group]:
        """Read a page of groups; see Groups."""
        found = [
            group
            for group in self._rows.groups.listed(owner)
            if (after is None or (group.created, group.id) > after)
            and (name is None or group.name == name)
            and (group.is_root or not roots)
        ]
        return found[:limit]

    async def group_names(self, owner: str, prefix: str, *, limit: int) -> list[str]:
        """Read names of groups; see Groups."""
        names = {group.name for group in self._rows.groups.listed(owner)}
        return sorted(name for name in names if name.startswith(prefix))[:limit]

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
        """Read a page of what is in a group; see Groups."""
        rows = self._rows
        key = (owner, group_id)
        return members_page(
            rows.groups, rows.jobs, key, visibility, limit=limit, after=after, kind=kind
        )

    async def parents(self, owner: str, member: GroupId | JobId, kind: MemberKind) -> list[Group]:
        """Read where a group or job is; see Groups."""
        return self._rows.groups.parents(owner, member, kind)

    async def subtree(
        self,
        owner: str,
        group_id: GroupId,
        *,
        limit: int,
        groups_only: bool = False,
        but: Container[GroupId] = (),
    ) -> Subtree:
        """Read what hangs below a group; see Groups."""
        return self._rows.groups.subtree(owner, group_id, limit, groups_only=groups_only, but=but)

    async def below(self, within: InGroups) -> Below:
        """Read the ids of what is below groups; see Groups."""
        return self._rows.groups.below(within)

    async def roll_ups(
        self, owner: str, group_ids: Collection[GroupId], visibility: Visibility
    ) -> Mapping[GroupId, Mapping[str, int]]:
        """Count jobs below groups by their states; see Groups."""
        return {
            group_id: self._states(InGroups(owner=owner, any_of=(group_id,)), visibility)
            for group_id in group_ids
        }

    def _states(self, within: InGroups, visibility: Visibility) -> Mapping[str, int]:
        jobs = [self._rows.jobs[job_id] for job_id in self._rows.groups.below(within).jobs]
        return collections.Counter(
            job.state.value for job in jobs if job.hidden is None and visibility.covers(job)
        )
