"""Writes to Redis what commits have changed, and publishes it as moi did."""

from collections.abc import Iterable, Sequence

from headway.core.model.change import Written
from headway.core.model.event import EventType
from headway.core.model.group import DroppedGroup, MemberKind, Membership, Removal
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId
from headway.protocols.moi.bus.batch import Batch
from headway.protocols.moi.bus.echoes import Echoes, Known
from headway.protocols.moi.bus.link import Link
from headway.protocols.moi.bus.ours import Ours
from headway.protocols.moi.bus.users import Users
from headway.protocols.moi.wire.info import Info
from headway.protocols.moi.wire.keys import has_key
from headway.protocols.moi.wire.messages import Verb


async def send(link: Link, echoes: Echoes, batch: Batch) -> None:
    """Write and publish.

    Raises:
        Away, Refused: it cannot be done.
    """
    for channel, payload in batch.told:
        echoes.expect(channel, payload)
    await link.write(batch.commands())


class Mirror:
    """Follows commits, one lot after the other.

    Args:
        known: changes that whoever listens has heard of already.
    """

    def __init__(self, ours: Ours, users: Users, link: Link, echoes: Echoes, known: Known) -> None:
        self._ours = ours
        self._users = users
        self._link = link
        self._echoes = echoes
        self._known = known

    async def follow(self, commits: Sequence[Written], *, reread: bool = False) -> None:
        """Write and publish some commits.

        Args:
            commits: in their order.
            reread: they may be older than what is written, so that jobs are written as they are now.

        Raises:
            Away, Refused: it cannot be done.
        """
        batch = Batch()
        for written in commits:
            await self._groups(batch, written)
            await self._removals(batch, written)
            await self._memberships(batch, written, reread=reread)
            await self._dropped(batch, written)
            await self._jobs(batch, written, reread=reread)
            if batch.is_large:
                await send(self._link, self._echoes, batch)
                batch = Batch()
        await send(self._link, self._echoes, batch)

    async def _groups(self, batch: Batch, written: Written) -> None:
        for group in written.groups:
            if group.owner != self._ours.owner or not has_key(group.id):
                continue
            batch.put(await self._ours.info_of_group(group))
            if group.is_root:
                await self._users.put(batch, [group])
            elif group.rev > 1:  # on a user's channel moi's own programs take no update
                batch.tell(group.id, Verb.UPDATE, [group.id])

    async def _removals(self, batch: Batch, written: Written) -> None:
        gone: dict[GroupId, list[str]] = {}
        for removal in written.removals:
            if removal.owner != self._ours.owner or not _has_keys(removal):
                continue
            batch.place(removal.group, removal.kind, removal.member, is_in=False)
            if removal.kind is MemberKind.JOB:
                self._ours.forget(removal.member)
            if info := await self._info(removal.kind, removal.member):
                batch.put(info)  # it may have another parent
            if not self._known.take(Verb.REMOVE, removal.group, removal.member):
                gone.setdefault(removal.group, []).append(removal.member)
        for group, members in gone.items():
            batch.tell(group, Verb.REMOVE, members)

    async def _memberships(self, batch: Batch, written: Written, *, reread: bool) -> None:
        here = {} if reread else {job.id: job for job in written.jobs}
        new: dict[GroupId, list[str]] = {}
        for place in written.memberships:
            if place.owner != self._ours.owner or not _has_keys(place):
                continue
            info = await self._info_of_new(place, written, here)
            if info is None:
                continue
            batch.put(info)
            batch.place(place.group, place.kind, place.member, is_in=True)
            if not self._known.take(Verb.ADD, place.group, place.member):
                new.setdefault(place.group, []).append(place.member)
        for group, members in new.items():
            batch.tell(group, Verb.ADD, members)

    async def _info_of_new(
        self, place: Membership, written: Written, here: dict[JobId, Job]
    ) -> Info | None:
        if place.kind is MemberKind.GROUP:
            return await self._info(place.kind, place.member)
        job_id = JobId(place.member)
        job = here.get(job_id)
        if job is not None and job.rev == 1:  # all places that it has are among these
            self._ours.remember(job_id, _first(written.memberships, job_id))
        else:
            self._ours.forget(job_id)
        if job is None:
            return await self._info(place.kind, place.member)
        return await self._ours.told(job) if self._ours.sees(job) else None

    async def _dropped(self, batch: Batch, written: Written) -> None:
        for dropped in written.dropped_groups:
            if dropped.owner != self._ours.owner or not has_key(dropped.id):
                continue
            self._ours.forget()
            batch.drop_group(dropped.id)
            await self._users.drop(batch, dropped.id)
            for group in _places_of(dropped, written):
                batch.place(group, MemberKind.GROUP, dropped.id, is_in=False)
                batch.tell(group, Verb.REMOVE, [dropped.id])

    async def _jobs(self, batch: Batch, written: Written, *, reread: bool) -> None:
        befores = written.before or (None,) * len(written.jobs)
        for job, before in zip(written.jobs, befores, strict=True):
            if before is None or not self._ours.sees(job):
                continue  # a new one comes with its places
            was = await self._ours.info_of_job(before)
            now = await self._ours.job(job.id) if reread else job
            info = None if now is None else await self._ours.info_of_job(now)
            if now is None or info is None or info == was:
                continue
            batch.put(await self._ours.whole(info, now))
            if not self._known.take(Verb.UPDATE, job.id, job.id):
                batch.tell(job.id, Verb.UPDATE, [job.id])

    async def _info(self, kind: MemberKind, name: str) -> Info | None:
        if kind is MemberKind.JOB:
            job = await self._ours.job(name)
            return None if job is None else await self._ours.told(job)
        group = await self._ours.group(name)
        return None if group is None else await self._ours.info_of_group(group)


def _has_keys(place: Membership | Removal) -> bool:
    return has_key(place.group) and has_key(place.member)


def _first(places: Iterable[Membership], job_id: JobId) -> GroupId | None:
    return min((one.group for one in places if one.member == job_id), default=None)


def _places_of(dropped: DroppedGroup, written: Written) -> list[str]:
    """Give the groups that had a group which is no more, of which its events tell."""
    return [
        event.group[1]
        for event in written.events
        if event.type is EventType.GROUP_REMOVED
        and event.group is not None
        and event.group[0] == dropped.owner
        and has_key(event.group[1])
    ]
