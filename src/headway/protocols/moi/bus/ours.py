"""What is read of the one user's groups and jobs that are on the bus."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.group import Group, InGroups, Member, MemberKind
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId
from headway.core.model.principal import Principal, Scope
from headway.core.operations.find import find_one
from headway.core.policy.access import permits, visibility_of
from headway.protocols.moi.nodes import Nodes
from headway.protocols.moi.wire.info import Info, info_of_group, info_of_job
from headway.protocols.moi.wire.keys import has_key

_PAGE: Final = 500
_MOST_KNOWN: Final = 50_000


def actor_of(user: str) -> Principal:
    """Give in whose name the bus acts: a user who sees and changes what is theirs, runs nothing and is no admin."""
    return Principal(name=user, scopes=frozenset({Scope.READ, Scope.REPORT}))


class Ours:
    """Reads as the bus's user. What cannot be kept under its own id is not there."""

    def __init__(self, core: Core, actor: Principal) -> None:
        self.core = core
        self.actor = actor
        self.owner = actor.name
        self._nodes = Nodes(core, actor)
        self._parents: dict[JobId, GroupId | None] = {}  # of jobs that have not ended

    def sees(self, job: Job) -> bool:
        """Tell whether a job is the user's."""
        return permits(self.actor, Scope.READ, job)

    async def group(self, name: str) -> Group | None:
        """Read a group; None where the user has none of that id."""
        if not has_key(name):
            return None
        try:
            return await self.core.store.group(self.owner, GroupId(name))
        except NotFound:
            return None

    async def groups(self) -> list[Group]:
        """Read all groups, in the order of their ids: what is in several is told with the first, as elsewhere."""
        found: list[Group] = []
        after = None
        while True:
            page = await self.core.store.groups(self.owner, limit=_PAGE, after=after)
            found += [group for group in page if has_key(group.id)]
            if len(page) < _PAGE:
                return sorted(found, key=lambda group: group.id)
            after = (page[-1].created, page[-1].id)

    async def below(self, group: Group) -> list[Group]:
        """Read a group and all groups below it, in the order of their ids."""
        within = InGroups(owner=self.owner, any_of=(group.id,))
        ids = (await self.core.store.below(within)).groups
        found = [await self.group(one) for one in sorted(ids)]
        return [one for one in found if one is not None]

    async def members(self, group: Group) -> AsyncIterator[Sequence[Member]]:
        """Read what is in a group and may be seen, some at a time."""
        after, visibility = 0, visibility_of(self.actor)
        while True:
            page = await self.core.store.members(
                self.owner, group.id, visibility, limit=_PAGE, after=after
            )
            yield [
                one
                for one in page
                if one.job is not None or (one.group is not None and has_key(one.group.id))
            ]
            if len(page) < _PAGE:
                return
            after = page[-1].membership.position

    async def job(self, name: str) -> Job | None:
        """Read a job by its UUID as it is written; None where the user has none of that id."""
        try:
            job = await find_one(self.core, actor=self.actor, ref=name)
        except NotFound:
            return None
        return job if job.id == name else None

    async def places(self, kind: MemberKind, name: str) -> list[GroupId]:
        """Read in which groups a job or group is."""
        member = GroupId(name) if kind is MemberKind.GROUP else JobId(name)
        found = await self.core.store.parents(self.owner, member, kind)
        return [group.id for group in found if has_key(group.id)]

    async def info_of_job(self, job: Job) -> Info | None:
        """Tell of a job; None where it is in no group, and was not submitted into one."""
        if job.id in self._parents:
            parent = self._parents[job.id]
        else:
            parent = next(iter(await self.places(MemberKind.JOB, job.id)), None)
        if job.state.is_final:
            self._parents.pop(job.id, None)
        else:
            self.remember(job.id, parent)
        info = info_of_job(job, parent=parent)
        return None if info.parent is None else info

    async def whole(self, info: Info, job: Job) -> Info:
        """Give what is told of a job with its whole result, where that is kept beside the job and not too long to tell."""
        return await self._nodes.whole(info, job)

    async def told(self, job: Job) -> Info | None:
        """Tell of a job, with its whole result; None as ``info_of_job``."""
        info = await self.info_of_job(job)
        return None if info is None else await self.whole(info, job)

    async def info_of_group(self, group: Group) -> Info:
        """Tell of a group."""
        places = await self.places(MemberKind.GROUP, group.id)
        return info_of_group(group, parent=next(iter(places), None))

    def remember(self, job_id: JobId, parent: GroupId | None) -> None:
        """Keep in which group a job is, so that it need not be asked at each of its changes."""
        if len(self._parents) >= _MOST_KNOWN:
            self._parents.clear()
        self._parents[job_id] = parent

    def forget(self, job_id: str | None = None) -> None:
        """Ask anew in which group a job is; without one, of all."""
        if job_id is None:
            self._parents.clear()
        else:
            self._parents.pop(JobId(job_id), None)
