"""What is asked for on the bus, by anybody who can write to that Redis: done as the bus's user, or left."""

import asyncio
from collections.abc import Sequence
from typing import Final

from headway.core.errors import HeadwayError, InvalidRequest
from headway.core.model.group import MOST_MEMBERS, Group, InGroups, MemberKind
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId
from headway.core.model.state import State
from headway.core.operations.annotate import set_status_text
from headway.core.operations.groups import add_members, remove_members
from headway.protocols.moi.bus.echoes import Known
from headway.protocols.moi.bus.limited import Limited
from headway.protocols.moi.bus.link import Away, Link, Refused
from headway.protocols.moi.bus.ours import Ours
from headway.protocols.moi.bus.whole import Whole
from headway.protocols.moi.wire.info import FAILED, KEPT, QUEUED, RUNNING, SUCCESS, Info, status_of
from headway.protocols.moi.wire.keys import node_of_channel, read_publication, said_status
from headway.protocols.moi.wire.messages import Request, Verb

_OWN_WORDS: Final = frozenset({QUEUED, RUNNING, SUCCESS, FAILED})
_LONGEST_STATUS: Final = 10_000
_MOST_OF_VALUE: Final = 1 << 17  #: bytes that are read of what somebody else wrote
_WHOLE_EVERY_S: Final = 5.0
_MOST_GROUPS: Final = 1_000


class Commands:
    """Does one after the other. Nothing that anybody sends is an error of the server's."""

    def __init__(self, ours: Ours, link: Link, whole: Whole, known: Known, log: Limited) -> None:
        self._ours = ours
        self._link = link
        self._whole = whole
        self._known = known
        self._log = log
        self._written_s: dict[str, float] = {}  # when groups were asked for last

    async def do(self, channel: bytes, payload: bytes) -> None:
        """Do what was published on a channel, if it is one of the user's jobs or groups.

        Raises:
            Away, Refused: Redis cannot be asked any more.
        """
        node = node_of_channel(channel)
        if node is None:
            return
        try:
            group = await self._ours.group(node)
            if group is None and await self._ours.job(node) is None:
                return  # somebody else's
            for request in read_publication(payload):
                await self._do(group, request)
        except (Away, Refused):
            raise
        except HeadwayError as error:
            self._log.say(f"on {node[:80]!r} was published what cannot be done: {error}")

    async def _do(self, group: Group | None, request: Request) -> None:
        if request.verb is Verb.UPDATE:
            for name in request.ids:
                await self._update(name)
        elif group is None:
            raise InvalidRequest(f"a job takes update, not {request.verb}")
        elif request.verb is Verb.ADD:
            await self._add(group, request.ids)
        elif request.verb is Verb.REMOVE:
            await self._remove(group, request.ids)
        elif request.verb is Verb.GET:
            await self._get(group, request.ids)

    async def _add(self, group: Group, ids: Sequence[str]) -> None:
        """Put these into the group, those that are there and not in it yet."""
        jobs, groups = await self._ours_of(ids)
        new_jobs = [one for one in jobs if not await self._is_in(group, MemberKind.JOB, one)]
        new_groups = [one for one in groups if not await self._is_in(group, MemberKind.GROUP, one)]
        for first in range(0, len(new_jobs), MOST_MEMBERS):
            await self._add_some(group, jobs=new_jobs[first : first + MOST_MEMBERS])
        for one in new_groups:
            await self._add_some(group, groups=[one])

    async def _add_some(
        self, group: Group, *, jobs: Sequence[JobId] = (), groups: Sequence[GroupId] = ()
    ) -> None:
        # Who hears of something that is not there yet cannot read it: then it is told again when it is.
        nodes = [*jobs, *groups]
        there = await self._link.read([("EXISTS", node) for node in nodes])
        for node, is_there in zip(nodes, there, strict=True):
            if is_there:
                self._known.heard(Verb.ADD, group.id, node)
        new: set[str] = set()
        try:
            places = await add_members(
                self._ours.core,
                actor=self._ours.actor,
                protocol=KEPT,
                group_id=group.id,
                jobs=jobs,
                groups=groups,
            )
            new = {place.member for place in places}
        finally:
            for node in nodes:
                if node not in new:
                    self._known.forget(Verb.ADD, group.id, node)

    async def _remove(self, group: Group, ids: Sequence[str]) -> None:
        """Take these out of the group; what is not directly in it, out of the groups below it that have it."""
        for name in ids:
            for kind in MemberKind:
                for place in await self._places_within(group, kind, name):
                    await self._remove_from(place, kind, name)

    async def _remove_from(self, place: GroupId, kind: MemberKind, name: str) -> None:
        self._known.heard(Verb.REMOVE, place, name)
        gone: Sequence[object] = ()
        try:
            gone = await remove_members(
                self._ours.core,
                actor=self._ours.actor,
                protocol=KEPT,
                group_id=place,
                jobs=[JobId(name)] if kind is MemberKind.JOB else [],
                groups=[GroupId(name)] if kind is MemberKind.GROUP else [],
            )
        finally:
            if not gone:
                self._known.forget(Verb.REMOVE, place, name)

    async def _places_within(self, group: Group, kind: MemberKind, name: str) -> list[GroupId]:
        places = await self._ours.places(kind, name)
        if not places or group.id in places:
            return [group.id] if places else []
        within = InGroups(owner=self._ours.owner, any_of=(group.id,))
        below = (await self._ours.core.store.below(within)).groups
        return [place for place in places if place in below]

    async def _get(self, group: Group, ids: Sequence[str]) -> None:
        """Have the keys of these written: they may have expired. A group comes with all below it."""
        jobs, groups = await self._ours_of(ids or (group.id,))
        for job_id in jobs:
            if info := await self._info(job_id):
                await self._whole.write_infos([info], is_told=False)
        for one in groups:
            await self._get_group(one)

    async def _get_group(self, name: str) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._written_s.get(name, -_WHOLE_EVERY_S) < _WHOLE_EVERY_S:
            return  # it was written just now
        if len(self._written_s) > _MOST_GROUPS:
            self._written_s.clear()
        self._written_s[name] = now_s
        group = await self._ours.group(name)
        if group is not None:
            below = await self._ours.below(group)
            await self._whole.write_groups(below, is_told=False)

    async def _update(self, name: str) -> None:
        """Take over what a job of the user's is said to be at; what else is said in its key is written right again."""
        job = await self._ours.job(name)
        if job is None:
            self._no(name)
            return
        (value,) = await self._link.read([("GETRANGE", name, 0, _MOST_OF_VALUE)])
        said = said_status(value) if isinstance(value, bytes) else None
        if self._is_news(job, said):
            self._known.heard(Verb.UPDATE, job.id, job.id)
            after = await set_status_text(
                self._ours.core,
                actor=self._ours.actor,
                protocol=KEPT,
                job_id=job.id,
                text=said or "",
            )
            if after.rev == job.rev:
                self._known.forget(Verb.UPDATE, job.id, job.id)
        info = await self._info(job.id)
        if info is not None:
            await self._whole.write_infos([info], is_told=False)

    def _is_news(self, job: Job, said: str | None) -> bool:
        if said is None or said in _OWN_WORDS or job.state is not State.RUNNING:
            return False
        if not 1 <= len(said) <= _LONGEST_STATUS:
            self._log.say(f"{job.id} is said to be at something of {len(said)} characters")
            return False
        return said != status_of(job)

    async def _info(self, job_id: str) -> Info | None:
        job = await self._ours.job(job_id)
        return None if job is None else await self._ours.told(job)

    async def _is_in(self, group: Group, kind: MemberKind, name: str) -> bool:
        return group.id in await self._ours.places(kind, name)

    async def _ours_of(self, ids: Sequence[str]) -> tuple[list[JobId], list[GroupId]]:
        """Give which of these are jobs and which are groups; others are left."""
        jobs: list[JobId] = []
        groups: list[GroupId] = []
        for name in ids:
            if (job := await self._ours.job(name)) is not None:
                jobs.append(job.id)
            elif (group := await self._ours.group(name)) is not None:
                groups.append(group.id)
            else:
                self._no(name)
        return jobs, groups

    def _no(self, name: str) -> None:
        self._log.say(f"no job or group of {self._ours.owner} is called {name[:80]!r}")
