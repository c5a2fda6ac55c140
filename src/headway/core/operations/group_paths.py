"""What a path from group to group means. It may mean much: how long is looked is bounded, whatever somebody calls their groups."""

from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import InvalidRequest, NotFound
from headway.core.model.group import LONGEST_ID, LONGEST_NAME, Group, InGroups, MemberKind
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId
from headway.core.model.principal import Principal
from headway.core.model.selection import Selection
from headway.core.operations.find import find_one
from headway.core.policy.access import visibility_of

SEPARATOR: Final = ":"
MOST_STEPS: Final = 64
_SAME_NAME: Final = 50  # groups of one name that a path is looked for in
_MOST_LOOKS: Final = 10_000  # a path of 64 steps that means one thing takes half of it
_LONGEST: Final = max(LONGEST_ID, LONGEST_NAME)


class FoundAt(msgspec.Struct, frozen=True, kw_only=True):
    """What a path means: a group, or a job in one."""

    group: Group | None = None
    job: Job | None = None


async def first_step(core: Core, owner: str, text: str) -> list[Group]:
    """Find groups anywhere by an id; else the root of a name; else all of that name."""
    try:
        return [await core.store.group(owner, GroupId(text))]
    except NotFound:
        root = await core.store.root(owner, text)
    if root is not None:
        return [root]
    return await core.store.groups(owner, limit=_SAME_NAME, name=text)


async def walk(core: Core, owner: str, path: str, actor: Principal | None) -> list[FoundAt]:
    """Find everything that a path may mean; jobs only for an actor who asks.

    Raises:
        InvalidRequest: the path is too long, or may mean more than can be looked through.
    """
    parts = path.split(SEPARATOR)
    if len(parts) > MOST_STEPS:
        raise InvalidRequest(f"a path has at most {MOST_STEPS} steps", field="path")
    return await _Walk(core, owner, parts, actor).found()


class _Walk:
    """One look for a path. What is read is read once: the same names come again and again in a path that means much."""

    def __init__(self, core: Core, owner: str, parts: list[str], actor: Principal | None) -> None:
        self._core = core
        self._owner = owner
        self._parts = parts
        self._actor = actor
        self._named: dict[str, list[Group]] = {}
        self._holders: dict[tuple[MemberKind, str], frozenset[GroupId]] = {}
        self._looks = 0

    async def found(self) -> list[FoundAt]:
        found: dict[tuple[str, str], FoundAt] = {}
        seen: set[tuple[int, GroupId | None]] = set()
        ways: list[tuple[int, Group | None]] = [(0, None)]
        while ways:
            start, within = ways.pop()
            if (start, within.id if within else None) in seen:
                continue
            seen.add((start, within.id if within else None))
            for end in range(start + 1, len(self._parts) + 1):
                step = SEPARATOR.join(self._parts[start:end])
                groups = await self._groups_in(within, step)
                if end < len(self._parts):
                    ways += [(end, group) for group in groups]
                    continue
                found |= {("group", group.id): FoundAt(group=group) for group in groups}
                for job in await self._jobs_in(within, step):
                    found["job", job.id] = FoundAt(job=job)
        return list(found.values())

    async def _groups_in(self, within: Group | None, step: str) -> list[Group]:
        self._look()
        if len(step) > _LONGEST:
            return []
        if within is None:
            return await first_step(self._core, self._owner, step)
        if step not in self._named:
            self._named[step] = await self._called(step)
        named = self._named[step]
        return [one for one in named if await self._is_in(within, one.id, MemberKind.GROUP)]

    async def _called(self, step: str) -> list[Group]:
        self._look()
        try:
            found = [await self._core.store.group(self._owner, GroupId(step))]
        except NotFound:
            found = []
        named = await self._core.store.groups(self._owner, limit=_SAME_NAME, name=step)
        return found + [group for group in named if group not in found]

    async def _jobs_in(self, within: Group | None, step: str) -> list[Job]:
        if within is None or self._actor is None:
            return []
        self._look()
        try:
            jobs = [await find_one(self._core, actor=self._actor, ref=step)]
        except NotFound:
            below = InGroups(owner=within.owner, any_of=(within.id,))
            named = Selection(groups=(below,), name=step, children=True, hidden=True)
            seen_by = visibility_of(self._actor)
            jobs = await self._core.store.jobs(named, seen_by, limit=_SAME_NAME)
        return [job for job in jobs if await self._is_in(within, job.id, MemberKind.JOB)]

    async def _is_in(self, within: Group, member: GroupId | JobId, kind: MemberKind) -> bool:
        self._look()
        key = (kind, member)
        if key not in self._holders:
            parents = await self._core.store.parents(self._owner, member, kind)
            self._holders[key] = frozenset(parent.id for parent in parents)
        return within.id in self._holders[key]

    def _look(self) -> None:
        self._looks += 1
        if self._looks > _MOST_LOOKS:
            raise InvalidRequest(
                "the path may mean too many things to look through; use an id", field="path"
            )
