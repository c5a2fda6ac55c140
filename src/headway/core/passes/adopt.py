"""The pass adopt: shows the jobs of a cluster that Headway did not hand over, one job here for each.

They are followed by the executor's own listings alone, and asked for elsewhere only when they are listed no more. Nothing is
written of a job whose row says what the last one did.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import Conflict, HeadwayError, NotFound, StorageFull
from headway.core.model.change import Change
from headway.core.model.event import EventType
from headway.core.model.job import Job
from headway.core.model.names import Cluster, JobId, NativeId
from headway.core.model.state import Reason
from headway.core.passes import adopted_times
from headway.core.passes.adopted import (
    LET_GO,
    LOST,
    Place,
    first_change,
    given_up,
    next_change,
    withdrawn,
)
from headway.core.passes.adopted_arrays import AdoptedArrays
from headway.core.passes.claims import Claims
from headway.core.passes.ends import of_reason
from headway.core.passes.followed import Followed
from headway.core.ports.foreign import Fates, ForeignJob, ForeignJobs, ForeignListing, key_of_job

logger = logging.getLogger(__name__)

_AT_ONCE: Final = 200  #: jobs that a round looks at: others have their turn between two rounds
_LOST_AFTER: Final = timedelta(minutes=5)
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


class _Todo(msgspec.Struct, frozen=True):
    """A row to be looked at, and the Change that came of it."""

    seen: ForeignJob
    change: Change


class Adopt:
    """One cluster's rounds. ``start`` comes first."""

    def __init__(self, core: Core, *, cluster: Cluster, foreign: ForeignJobs) -> None:
        self._core = core
        self._foreign = foreign
        self._place = Place(cluster=cluster, owner=core.own_user)
        self._known: dict[str, Followed] = {}
        self._over: set[str] = set()  # listed, and known to have ended here
        self._arrays = AdoptedArrays(core, self._place)
        self._claims = Claims(core, cluster)
        self._listing: ForeignListing | None = None
        self._left: list[ForeignJob] = []
        self._begun = core.clock.now()

    def close(self) -> None:
        """Hear no more."""
        self._claims.close()

    async def start(self) -> None:
        """Take up the jobs that have not ended."""
        unfinished = await self._core.store.unfinished(self._place.cluster)
        adopted = [job for job in unfinished if job.is_adopted]
        self._arrays.start(adopted)
        await self._claims.start()
        singles = ((key_of_job(job), job) for job in adopted if not job.is_array)
        self._known = {key: Followed(key, job) for key, job in singles}

    def followed(self) -> list[tuple[JobId, ForeignJob]]:
        """Give the jobs that have not ended, each with its newest row."""
        return [(one.job_id, one.seen) for one in self._known.values() if one.seen is not None]

    async def round(self) -> bool:
        """Look at some of what the newest listing says that the one before did not; tells whether there is more.

        Raises:
            StorageFull: no space; what was not written is looked at again.
        """
        listing = self._foreign.listing()
        if listing is None:
            return False
        await self._withdraw(self._claims.newly())
        if listing is not self._listing:
            self._listing = listing
            self._left = self._news(listing)
            await self._ask_for_missing(listing)
            self._arrays.keep(listing)
        some, self._left = self._left[:_AT_ONCE], self._left[_AT_ONCE:]
        try:
            self._left += await self._look(some, listing)
        except StorageFull:
            self._left = [*some, *self._left]
            raise
        return bool(self._left)

    async def say_away(self) -> bool:
        """Have some of the jobs say that their scheduler cannot be asked, until it is again; tells whether there are more.

        Raises:
            StorageFull: no space for all.
        """
        some = [known for known in self._known.values() if not known.is_away][:_AT_ONCE]
        now = self._core.clock.now()
        changes: list[Change] = []
        for known in some:
            job = await self._core.store.job(known.job_id)
            if not job.state.is_final and job.reason is not Reason.UNREACHABLE:
                away = job.moved_to(job.state, at=now, reason=Reason.UNREACHABLE)
                event = of_reason(job, EventType.REASON, Reason.UNREACHABLE, now)
                changes.append(Change(jobs=(away,), events=(event,)))
        for answer in await self._core.store.write_many(changes):
            if isinstance(answer, StorageFull):
                raise answer
        for known in some:
            known.is_away, known.seen = True, None  # its next row is news
        return len(some) == _AT_ONCE

    def age(self) -> timedelta:
        """Tell how old the newest listing is; before the first, for how long it has been waited for."""
        listing = self._foreign.listing()
        return self._core.clock.now() - (self._begun if listing is None else listing.at)

    async def let_go(self) -> None:
        """End the jobs that were still followed: adoption was switched off.

        Raises:
            StorageFull: no space for all.
        """
        for known in list(self._known.values()):
            await self._give_up(known, LET_GO)

    def _news(self, listing: ForeignListing) -> list[ForeignJob]:
        """Give the rows that say something new: jobs that are not known first, so that no array ends before its last elements."""
        times = {one.native_id: one.submitted for one in self._known.values()}
        by_key = adopted_times.by_key(listing.jobs.values(), times, self._arrays.times())
        self._rename(by_key)
        self._over &= by_key.keys()
        new: list[ForeignJob] = []
        changed: list[ForeignJob] = []
        for key, seen in by_key.items():
            known = self._known.get(key)
            if known is not None:
                known.there()
                if known.is_news(seen):
                    changed.append(seen)
            elif key not in self._over and not self._claims.hold(seen):
                new.append(seen)
        for key, known in self._known.items():
            if key not in by_key:
                known.missing = known.missing or listing.at
        return sorted(new, key=_age) + changed

    def _rename(self, by_key: dict[str, ForeignJob]) -> None:
        """Know jobs again that were put back into the queue and have a new time of submission."""
        again = {
            seen.id: key for key, seen in by_key.items() if seen.restarts and key not in self._known
        }
        if not again:
            return
        for known in list(self._known.values()):
            key = again.get(known.native_id)
            if key is not None and known.key not in by_key:
                del self._known[known.key]
                known.key = key
                self._known[key] = known

    async def _look(self, some: Sequence[ForeignJob], listing: ForeignListing) -> list[ForeignJob]:
        """Write what these rows say; gives those that must be looked at again."""
        new = [seen for seen in some if seen.key not in self._known]
        await self._arrays.make(new, listing)
        todo: list[_Todo] = []
        for seen in some:
            known = self._known.get(seen.key)
            change = await (self._begin(seen) if known is None else self._go_on(known, seen))
            if change is not None:
                todo.append(_Todo(seen, change))
        return await self._write(todo)

    async def _write(self, todo: Sequence[_Todo]) -> list[ForeignJob]:
        """Write Changes; gives those jobs that somebody else changed meanwhile."""
        answers = await self._core.store.write_many([one.change for one in todo])
        again: list[ForeignJob] = []
        for one, answer in zip(todo, answers, strict=True):
            if isinstance(answer, StorageFull):
                raise answer
            if isinstance(answer, Conflict):
                again.append(one.seen)
            elif isinstance(answer, HeadwayError):
                logger.error("native job %s cannot be shown: %s", one.seen.id, answer)
            else:
                self._keep(one.seen, answer.jobs[0])
        return again

    def _keep(self, seen: ForeignJob, job: Job) -> None:
        key = seen.key
        known = self._known.get(key)
        if job.state.is_final:
            self._over.add(key)
            self._known.pop(key, None)
        elif known is None:
            self._known[key] = Followed(key, job, seen)
        else:
            known.seen, known.submitted = seen, seen.submitted

    async def _begin(self, seen: ForeignJob) -> Change | None:
        """Give the Change that adopts a job; None for one that was adopted before, and has ended."""
        core, key = self._core, seen.key
        held = await core.store.alias(self._place.namespace, key)
        if held is not None and not await self._was_given_up(held.job, seen):
            self._over.add(key)
            return None
        return first_change(
            self._place,
            seen,
            job_id=core.ids.new_job_id(),
            generation=1 if held is None else held.generation + 1,
            now=core.clock.now(),
            parent=self._arrays.of(seen),
        )

    async def _was_given_up(self, job_id: JobId, seen: ForeignJob) -> bool:
        """Tell whether a job that lives was taken for lost, or let go: then it is adopted anew."""
        try:
            job = await self._core.store.job(job_id)
        except NotFound:
            return True
        lives = seen.state is None or not seen.state.is_final
        return lives and job.state.is_final and job.reason is Reason.LOST

    async def _go_on(self, known: Followed, seen: ForeignJob) -> Change | None:
        """Give the Change for a job that is followed; None when there is nothing new to say."""
        store = self._core.store
        job = await store.job(known.job_id)
        if job.state.is_final:
            self._keep(seen, job)
            return None
        attempts = await store.attempts(job.id)
        change = next_change(self._place, job, attempts, seen, now=self._core.clock.now())
        if change is None:
            known.seen = seen
        return change

    async def _ask_for_missing(self, listing: ForeignListing) -> None:
        """Find out what became of jobs that are not listed any more."""
        now = listing.at
        due = [known for known in self._known.values() if known.is_due(now)][:_AT_ONCE]
        if not due:
            return
        fates = await self._foreign.fates([known.native_id for known in due])
        for known in due:
            if not fates.asked or known.native_id in fates.asked:
                known.was_asked_for(now)
            await self._conclude(known, fates, now)

    async def _conclude(self, known: Followed, fates: Fates, now: datetime) -> None:
        found = next((seen for seen in fates.jobs if known.is_this(seen)), None)
        if found is not None and found.state is not None and found.state.is_final:
            found = msgspec.structs.replace(found, submitted=known.submitted)
            change = await self._go_on(known, found)
            if change is not None:
                await self._write([_Todo(found, change)])
            self._known.pop(known.key, None)
            return
        missing = known.missing or now
        is_silent = found is None and known.native_id in fates.asked
        if is_silent and now - missing >= _LOST_AFTER:
            await self._give_up(known, LOST)

    async def _withdraw(self, native_ids: Collection[NativeId]) -> None:
        """Show those jobs no more by themselves that a job of ours has turned out to have submitted."""
        for known in list(self._known.values()) if native_ids else ():
            if known.native_id in native_ids and known.seen and self._claims.hold(known.seen):
                job = await self._core.store.job(known.job_id)
                now = self._core.clock.now()
                if not job.state.is_final:
                    await self._core.store.write(withdrawn(job, now=now))
                del self._known[known.key]

    async def _give_up(self, known: Followed, words: str) -> None:
        job = await self._core.store.job(known.job_id)
        change = given_up(self._place, job, words, now=self._core.clock.now())
        if change is not None:
            await self._core.store.write(change)
        self._known.pop(known.key, None)


def _age(seen: ForeignJob) -> tuple[datetime, str]:
    """Give what jobs are numbered by: as they were submitted."""
    return seen.submitted or _EPOCH, seen.id
