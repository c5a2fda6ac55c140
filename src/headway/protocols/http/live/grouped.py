"""What is below the groups that a channel watches, followed as it changes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from headway.core.model.event import Event
from headway.core.model.group import Below, InGroups, MemberKind
from headway.core.model.names import GroupId, JobId
from headway.protocols.http.live.batch import Batch

ReadBelow: TypeAlias = Callable[[InGroups], Awaitable[Below]]


class Grouped:
    """The groups and jobs below each of a selection's groups.

    Attributes:
        jobs: by the condition that asks for them; see Selection.matches. Empty until ``load``.
        moved: jobs that the last batch put into one of them or took out.
    """

    def __init__(self, watched: Sequence[InGroups], read: ReadBelow) -> None:
        self._watched = watched
        self._read = read
        self._groups: dict[InGroups, set[GroupId]] = {}
        self._before: dict[InGroups, set[GroupId]] = {}
        self._jobs: dict[InGroups, set[JobId]] = {}
        self.moved: set[JobId] = set()

    @property
    def jobs(self) -> Mapping[InGroups, set[JobId]]:
        """Give the jobs."""
        return self._jobs

    async def load(self) -> None:
        """Read what is not known yet. May be called by several at once: what is followed already is not read over."""
        for within in self._watched:
            if within not in self._jobs:
                found = await self._read(within)
                self._jobs.setdefault(within, set(found.jobs))
                self._groups.setdefault(within, set(found.groups))

    async def follow(self, batch: Batch) -> None:
        """Take over what a batch changed, and note the jobs that moved."""
        await self.load()
        self.moved = set()
        self._before = {within: set(groups) for within, groups in self._groups.items()}
        for within in self._watched:
            if within.owner in batch.rehung:
                await self._reload(within)
            self._add(within, batch)

    async def _reload(self, within: InGroups) -> None:
        found = await self._read(within)
        self.moved |= found.jobs ^ self._jobs[within]
        self._jobs[within], self._groups[within] = set(found.jobs), set(found.groups)

    def _add(self, within: InGroups, batch: Batch) -> None:
        for place in batch.memberships:
            is_job = place.kind is MemberKind.JOB and place.owner == within.owner
            if is_job and place.group in self._groups[within]:
                # Even where it is known already: it may have been read a moment ago, and told to nobody.
                self._jobs[within].add(JobId(place.member))
                self.moved.add(JobId(place.member))

    def has(self, event: Event) -> bool:
        """Tell whether an event is about one of the groups that are watched, or were until the last batch."""
        if event.group is None:
            return False
        owner, group_id = event.group
        return any(
            within.owner == owner and group_id in known[within]
            for within in self._watched
            if not within.negated
            for known in (self._groups, self._before)
            if within in known
        )
