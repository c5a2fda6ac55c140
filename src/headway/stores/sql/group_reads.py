"""The part of the Store that reads groups, over one SQLite file."""

from collections.abc import Collection, Container, Mapping, Sequence
from datetime import datetime
from typing import Final

from headway.core.errors import NotFound
from headway.core.model.group import Below, Group, InGroups, Member, MemberKind, Subtree
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId
from headway.core.model.selection import Visibility
from headway.stores.sql import group_queries
from headway.stores.sql.cache import Cache
from headway.stores.sql.group_queries import Placed
from headway.stores.sql.readers import Readers

_COUNTED_AT_ONCE: Final = 20  # groups; others have their turn then


class GroupReads:
    """See headway.core.ports.groups."""

    _readers: Readers
    _counters: Readers
    _cache: Cache

    async def group(self, owner: str, group_id: GroupId) -> Group:
        """Read one group; see Groups."""
        found = await self._readers.ask(lambda db: group_queries.read_group(db, owner, group_id))
        if found is None:
            raise _no_group(group_id)
        return found

    async def root(self, owner: str, name: str) -> Group | None:
        """Read a root by its name; see Groups."""
        return await self._readers.ask(lambda db: group_queries.read_root(db, owner, name))

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
        return await self._readers.ask(
            lambda db: group_queries.read_groups(
                db, owner, limit=limit, after=after, name=name, roots=roots
            )
        )

    async def group_names(self, owner: str, prefix: str, *, limit: int) -> list[str]:
        """Read names of groups; see Groups."""
        return await self._readers.ask(
            lambda db: group_queries.read_names(db, owner, prefix, limit)
        )

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
        page = await self._readers.ask(
            lambda db: group_queries.read_members(
                db, owner, group_id, limit=limit, after=after, kind=kind
            )
        )
        jobs = await self._jobs_at(page)
        return [
            Member(
                membership=each.membership,
                group=each.group,
                job=_seen(None if each.job is None else jobs.get(each.job), visibility),
            )
            for each in page
        ]

    async def _jobs_at(self, page: Sequence[Placed]) -> Mapping[int, Job]:
        """Give the jobs in a page by their numbers: those that are kept in mind need not be read."""
        jobs: dict[int, Job] = {}
        missing: list[int] = []
        for membership, _, number in page:
            if number is not None:
                known = self._cache.jobs.get(JobId(membership.member))
                if known is None:
                    missing.append(number)
                else:
                    jobs[number] = known
        if missing:
            jobs |= await self._readers.ask(lambda db: group_queries.read_jobs(db, missing))
        return jobs

    async def parents(self, owner: str, member: GroupId | JobId, kind: MemberKind) -> list[Group]:
        """Read where a group or job is; see Groups."""
        return await self._readers.ask(
            lambda db: group_queries.read_holders(db, owner, member, kind)
        )

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
        found = await self._readers.ask(
            lambda db: group_queries.read_subtree(
                db, owner, group_id, limit, groups_only=groups_only, but=but
            )
        )
        if found is None:
            raise _no_group(group_id)
        return found

    async def below(self, within: InGroups) -> Below:
        """Read the ids of what is below groups; see Groups."""
        return await self._readers.ask(lambda db: group_queries.read_below(db, within))

    async def roll_ups(
        self, owner: str, group_ids: Collection[GroupId], visibility: Visibility
    ) -> Mapping[GroupId, Mapping[str, int]]:
        """Count jobs below groups by their states; see Groups."""
        found: dict[GroupId, Mapping[str, int]] = {}
        ids = tuple(dict.fromkeys(group_ids))
        for first in range(0, len(ids), _COUNTED_AT_ONCE):
            some = ids[first : first + _COUNTED_AT_ONCE]
            found |= await self._counted(owner, some, visibility)
        return found

    async def _counted(
        self, owner: str, some: Collection[GroupId], visibility: Visibility
    ) -> Mapping[GroupId, Mapping[str, int]]:
        return await self._counters.ask(
            lambda db: group_queries.read_roll_ups(db, owner, some, visibility)
        )


def _seen(job: Job | None, visibility: Visibility) -> Job | None:
    return job if job is not None and visibility.covers(job) else None


def _no_group(group_id: GroupId) -> NotFound:
    return NotFound(f"no group is called {group_id!r}")
