"""The pass dispatch: hands one cluster's jobs to its executor and follows them to their end.

A tag has one owner at a time, ``_hands``: a job that is being handed over is not cancelled beside it, and the other way round.
A job whose sending got no answer is looked for before it is sent again. A job that is tried again after an attempt was given
up as lost waits while the executor still has that attempt: no two attempts of a job run at once.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import (
    Conflict,
    ExecutorSlow,
    ExecutorUnavailable,
    HeadwayError,
    StorageFull,
)
from headway.core.model.array import INDEX_VARIABLE
from headway.core.model.change import Change
from headway.core.model.event import EventType
from headway.core.model.job import Job, Kind
from headway.core.model.names import Cluster, JobId, Tag, job_of_tag, tag_of
from headway.core.model.state import Reason, State
from headway.core.operations.functions import key_of
from headway.core.operations.tokens import report_token
from headway.core.passes.after import Dependents
from headway.core.passes.elements import arrays_of
from headway.core.passes.ends import ended, of_reason
from headway.core.passes.given_up import given_up
from headway.core.passes.observed import after_observations
from headway.core.passes.overdue import Overdue
from headway.core.passes.staging import Staging
from headway.core.passes.waiting import Waiting
from headway.core.policy.limits import limited, run_limit_s
from headway.core.ports.executor import Element, Executor, Launch, Observation, Refusal
from headway.core.ports.expecting import Expects

logger = logging.getLogger(__name__)

_BATCH: Final = 200
_ROUNDS: Final = 5
_UNREACHABLE_AFTER: Final = timedelta(
    seconds=60
)  #: jobs that were handed over are not disturbed by a short absence


class Dispatch:
    """One cluster's rounds. ``start`` comes first; then the others in any order, also at once."""

    def __init__(self, core: Core, *, cluster: Cluster, staging: Staging | None = None) -> None:
        self._core = core
        self._staging = staging or Staging(core, cluster=cluster)
        self._cluster = cluster
        self._executor: Executor = core.executor(cluster)
        self._expects = self._executor if isinstance(self._executor, Expects) else None
        self._made: Launch | None = None  # for the job that is being stored
        self._hands: set[Tag] = set()  # handed over or being ended; not yet seen in the store
        self._taken = 0  # of these, how many the executor has not been told of yet
        self._unanswered: set[Tag] = set()  # of these, those that are being handed over
        self._doubtful: set[Tag] = set()  # sent without an answer: to be looked for first
        self._cancels: dict[Tag, Job] = {}  # wishes that the executor has to be told
        self._away_since: datetime | None = None
        self._found: set[Tag] = set()  # attempts that were given up as lost, and are there
        self._gone: set[Tag] = set()  # attempts that never begin: the executor itself has said so
        self._waiting = Waiting(core.store, cluster)
        self._dependents = Dependents(core.store)
        self._overdue = Overdue(
            core, cluster=cluster, is_sent=lambda tag: tag in self._hands or tag in self._doubtful
        )

    async def start(self) -> None:
        """Connect the executor and take up all unfinished jobs where they were left.

        A job that the executor should have and does not know has been lost. What was lost before is looked for, too: its end
        may have come to light, and is told by observations. While the executor is away jobs say so: those
        that wait at once, those that run when it has lasted.

        Raises:
            ExecutorUnavailable: not now; call again later.
            StorageFull: no space to write of lost jobs; call again later.
        """
        unfinished = await self._core.store.unfinished(self._cluster)
        jobs = {job.tag: job for job in unfinished if not (job.is_array or job.is_adopted)}
        for job in jobs.values():
            self._overdue.heard(job)
            self._dependents.heard(job)
        try:
            await self._executor.start()
            lost_before = await given_up(self._core, cluster=self._cluster)
            known = set(await self._executor.find([*jobs, *lost_before]))
        except ExecutorUnavailable as error:
            await self._say_away(jobs.values(), error)
            raise
        self._away_since = None
        self._hands |= known & {tag for tag, job in jobs.items() if job.state is State.ACCEPTED}
        lost = [
            job for tag, job in jobs.items() if tag not in known and job.state is not State.ACCEPTED
        ]
        await self._write([self._lost(job) for job in lost])
        self._cancels |= {
            tag: job for tag, job in jobs.items() if job.cancel is not None and job not in lost
        }

    def noticed(self, job: Job) -> None:
        """Hear of a job of this cluster as it was just committed; one with elements is never handed over itself."""
        self._waiting.heard(job)
        self.over(job)
        if job.is_array:
            return
        self._dependents.heard(job)
        self._staging.noticed(job)
        self._overdue.heard(job)
        if job.state is not State.ACCEPTED:
            self._hands.discard(job.tag)
        if job.state.is_final:
            self._cancels.pop(job.tag, None)
        elif job.cancel is not None:
            self._cancels[job.tag] = job

    def expect(self, job: Job) -> None:
        """Have the executor make ready for a job that is being stored, where it would be sent as soon as it is."""
        if (
            self._expects is not None
            and job.kind is Kind.COMMAND
            and not (job.is_array or job.spec.after or job.spec.sandbox)
            and self._waiting.is_empty
            and self._expects.may_expect()
            and self._executor.room() > self._taken
        ):
            self._made = self._launch(job)
            self._expects.expect(self._made)

    def over(self, job: Job) -> bool:
        """Hear of a job of any cluster as it was just committed; tells whether jobs of this one are to be looked at for it."""
        return job.state.is_final and self._dependents.over(job)

    async def send(self) -> int:
        """Hand over accepted jobs, as many as there is room for; gives how many were sent or refused. Raises as ``hand_over``."""
        jobs = await self.take()
        await self.hand_over(jobs)
        return len(jobs)

    async def take(self) -> Sequence[Job]:
        """Give the oldest accepted jobs, as many as there is room for; whoever took them is to hand them over.

        To be called by one at a time; while jobs that were taken are being handed over others may be taken.

        Raises:
            ExecutorUnavailable: the executor could not be asked for earlier attempts.
            StorageFull: no space to write of jobs that never can begin.
        """
        jobs = await self._to_send()
        tags = {job.tag for job in jobs}
        self._hands |= tags
        self._unanswered |= tags
        self._taken += len(jobs)
        return jobs

    async def hand_over(self, jobs: Sequence[Job]) -> None:
        """Hand over what was taken; several may be under way at once, and none disturbs another.

        Raises:
            ExecutorUnavailable: the executor could not be asked; the jobs stay accepted and say so.
            StorageFull: no space to write of refused jobs; they are handed over again in the next round.
        """
        if not jobs:
            return
        tags = {job.tag for job in jobs}
        try:
            try:
                jobs = await self._not_there_yet(jobs)
            finally:  # from the call of submit on they are part of what the executor counts
                self._taken -= len(tags)
            refusals = await self._executor.submit(self._launches(jobs))
        except ExecutorUnavailable as error:
            self._doubtful |= tags
            self._hands -= tags
            await self._say(jobs, _away(error))
            raise
        finally:
            self._unanswered -= tags
        self._doubtful -= tags
        left: Mapping[Tag, Refusal] = {refusal.tag: refusal for refusal in refusals}
        try:
            for _ in range(_ROUNDS if left else 0):
                left = await self._refuse(left)
        finally:
            self._hands -= left.keys()

    async def observe(self, observations: Sequence[Observation]) -> None:
        """Write what the executor saw, one Change a job, and tell the executor what is durable.

        The end of a job whose files are to be fetched is neither, until they are (see ``Staging``).

        Raises:
            StorageFull: no space to write all of it; call again with the same, nothing is written twice.
            Conflict: somebody changed a job again and again meanwhile; call again with the same.
        """
        by_tag: dict[Tag, list[Observation]] = {}
        for seen in observations:
            by_tag.setdefault(seen.tag, []).append(seen)
        left = await self._observe_once(by_tag)
        for _ in range(_ROUNDS):
            changed = [tag for tag, error in left.items() if isinstance(error, Conflict)]
            if not changed:
                break
            left = await self._observe_once({tag: by_tag[tag] for tag in left})
        over = [
            tag
            for tag, seen in by_tag.items()
            if tag not in left and seen[-1].state.is_final and not self._staging.holds(tag)
        ]
        await self._executor.settled(over)
        self._gone |= {
            tag for tag, seen in by_tag.items() if tag not in left and _is_gone(seen[-1])
        }
        self._found.difference_update(over, self._gone)
        for error in left.values():
            raise error

    async def cancel(self) -> None:
        """Tell the executor which jobs are to end; end at once those that it never got.

        Raises:
            ExecutorUnavailable: it could not be told; the wishes are kept.
        """
        await self._find_doubtful([tag for tag in self._cancels if tag in self._doubtful])
        wishes = dict(self._cancels)
        unsent = {
            tag: job
            for tag, job in wishes.items()
            if job.state is State.ACCEPTED and tag not in self._hands
        }
        self._hands |= unsent.keys()
        try:
            await self._write([self._cancelled(job) for job in unsent.values()])
        finally:
            self._hands -= unsent.keys()
        sent = [tag for tag in wishes if tag not in unsent]
        if sent:
            unanswered = set(self._unanswered)  # it may not have them yet, and never have them
            await self._executor.cancel(sent)
            for tag in sent:
                if tag not in unanswered:
                    self._cancels.pop(tag, None)

    async def end_overdue(self) -> None:
        """End the jobs whose total time is over while they wait; raises as ``Overdue.end``."""
        await self._overdue.end()

    async def _refuse(self, refusals: Mapping[Tag, Refusal]) -> Mapping[Tag, Refusal]:
        """End what the executor will never run; gives those whose jobs somebody changed at the same moment."""
        changes: dict[Tag, Change] = {}
        for tag, refusal in refusals.items():
            job = await self._core.store.job(job_of_tag(tag)[0])
            if job.tag == tag and job.state is State.ACCEPTED:
                changes[tag] = self._refused(job, refusal)
        conflicts = await self._write(list(changes.values()))
        return {tag: refusals[tag] for tag, change in changes.items() if change in conflicts}

    async def _to_send(self) -> list[Job]:
        if self._waiting.is_empty and not self._dependents.any_due:
            return []  # mostly: an executor with many jobs counts them to know its room
        most = max(_BATCH, self._executor.array_limit())
        room = min(self._executor.room() - self._taken, most)
        if room <= 0:
            return []
        due = [(job.tag, job) for job in await self._dependents.due()]
        oldest = await self._waiting.oldest(least=room + len(self._hands))
        known = dict([*due, *oldest])
        waiting = [job for tag, job in known.items() if not (job.is_array or tag in self._hands)]
        if not waiting:
            return []
        held = await self._held([job for job in waiting if job.attempt > 1])
        ready = await self._ready([job for job in waiting if job.id not in held], room=room)
        return [job for job in ready if job.tag not in self._hands]

    async def _ready(self, waiting: Sequence[Job], *, room: int) -> list[Job]:
        """Read jobs as they are now; give the first that may go, and have the others say what they wait for."""
        ready: list[Job] = []
        blocked: list[Job] = []
        for known in waiting:
            if len(ready) == room:
                break
            job = await self._core.store.job(known.id)
            if job.tag != known.tag or job.state is not State.ACCEPTED or job.cancel is not None:
                continue
            needs = await self._dependents.needs(job)
            if never := self._core.barred(self._cluster, owner=job.owner) or needs.never:
                await self._write([self._ended(job, State.FAILED, Reason.NOT_STARTED, never)])
            elif needs.waits:
                blocked.append(job)
            elif self._staging.is_ready(job):
                ready.append(job)
        if blocked:
            await self._say(blocked, Reason.DEPENDENCY)
        return ready

    async def _held(self, jobs: Sequence[Job]) -> set[JobId]:
        """Give the jobs of which a lost attempt has turned up and goes on; those attempts are told to end."""
        lost = {tag: job.id for job in jobs for tag in await self._lost_attempts(job)}
        asked = [tag for tag in lost if tag not in self._found and tag not in self._gone]
        if asked:
            there = set(await self._executor.find(asked))
            self._found |= there
            await self._executor.cancel(sorted(there))
        return {job_id for tag, job_id in lost.items() if tag in self._found}

    async def _lost_attempts(self, job: Job) -> list[Tag]:
        return [
            tag_of(job.id, attempt.no)
            for attempt in await self._core.store.attempts(job.id)
            if attempt.no < job.attempt and attempt.reason is Reason.LOST
        ]

    async def _not_there_yet(self, jobs: Sequence[Job]) -> Sequence[Job]:
        doubtful = [job.tag for job in jobs if job.tag in self._doubtful]
        there = await self._find_doubtful(doubtful)
        return [job for job in jobs if job.tag not in there]

    async def _find_doubtful(self, tags: Sequence[Tag]) -> set[Tag]:
        """Find out which of the attempts that were sent without an answer the executor has; those are in its hands."""
        if not tags:
            return set()
        there = set(await self._executor.find(tags))
        self._doubtful -= set(tags)
        self._hands |= there
        return there

    async def _observe_once(
        self, by_tag: Mapping[Tag, Sequence[Observation]]
    ) -> dict[Tag, HeadwayError]:
        """Write what was seen; gives what could not be written and may be later."""
        changes: dict[Tag, Change] = {}
        for tag, seen in by_tag.items():
            change = await after_observations(
                self._core, tag=tag, observations=seen, hold=self._staging.hold
            )
            if change is not None:
                changes[tag] = change
        answers = await self._core.store.write_many(list(changes.values()))
        left: dict[Tag, HeadwayError] = {}
        for tag, answer in zip(changes, answers, strict=True):
            if isinstance(answer, Conflict | StorageFull):
                left[tag] = answer
            elif isinstance(answer, HeadwayError):
                logger.error("job %s: what was seen of it cannot be written: %s", tag, answer)
        return left

    async def _write(self, changes: Sequence[Change]) -> Sequence[Change]:
        """Write what goes by the jobs as they were read; gives those changes that somebody else's came before."""
        if not changes:
            return ()
        conflicts: list[Change] = []
        full: StorageFull | None = None
        for change, answer in zip(changes, await self._core.store.write_many(changes), strict=True):
            if isinstance(answer, StorageFull):
                full = answer
            elif isinstance(answer, HeadwayError):
                conflicts.append(change)
                logger.info("job %s: %s", change.jobs[0].id, answer)
        if full is not None:
            raise full
        return conflicts

    async def _say_away(self, jobs: Iterable[Job], error: ExecutorUnavailable) -> None:
        """Have unfinished jobs say that their executor cannot be asked."""
        now = self._core.clock.now()
        self._away_since = self._away_since or now
        unsent = [job for job in jobs if job.state is State.ACCEPTED]
        await self._say(unsent, _away(error))
        if now - self._away_since >= _UNREACHABLE_AFTER:
            sent = [job for job in jobs if job.state is not State.ACCEPTED]
            await self._say(sent, Reason.UNREACHABLE)

    async def _say(self, jobs: Iterable[Job], reason: Reason) -> None:
        now = self._core.clock.now()
        await self._write(
            [
                Change(
                    jobs=(job.moved_to(job.state, at=now, reason=reason),),
                    events=(of_reason(job, EventType.REASON, reason, now),),
                )
                for job in jobs
                if job.reason is not reason
            ]
        )

    def _launches(self, jobs: Sequence[Job]) -> list[Launch]:
        """Give launches; elements of one array go together where the executor takes that."""
        most = self._executor.array_limit()
        launches: list[Launch] = []
        for together in arrays_of(jobs, most=most):
            launch = self._made_before(together[0]) or self._launch(together[0])
            if len(together) > 1:
                elements = [self._element(job) for job in together]
                launch = msgspec.structs.replace(launch, elements=elements)
            launches.append(launch)
        return launches

    def _made_before(self, job: Job) -> Launch | None:
        made, self._made = self._made, None
        return made if made is not None and made.tag == job.tag and job.rev == 1 else None

    def _launch(self, job: Job) -> Launch:
        settings = self._core.settings
        environment = {"HEADWAY_URL": settings.public_url, **self._own_environment(job)}
        if settings.spool:
            environment["HEADWAY_SPOOL"] = settings.spool
        spec = limited(self._staging.spec_of(job), run_limit_s(job, at=self._core.clock.now()))
        return Launch(
            tag=job.tag,
            name=job.name,
            spec=spec,
            environment=environment,
            owner=job.owner,
            key="" if spec.function is None else key_of(self._core, job.owner),
        )

    def _element(self, job: Job) -> Element:
        return Element(tag=job.tag, environment=self._own_environment(job))

    def _own_environment(self, job: Job) -> dict[str, str]:
        own = {"HEADWAY_JOB_ID": job.id, "HEADWAY_REPORT_TOKEN": report_token(self._core, job)}
        return own if job.index is None else own | {INDEX_VARIABLE: str(job.index)}

    def _refused(self, job: Job, refusal: Refusal) -> Change:
        return self._ended(job, State.FAILED, Reason.NOT_STARTED, refusal.message)

    def _lost(self, job: Job) -> Change:
        words = f"cluster {self._cluster} does not know the job any more; how it ended is unknown"
        return self._ended(job, State.FAILED, Reason.LOST, words)

    def _cancelled(self, job: Job) -> Change:
        reason = job.cancel.reason if job.cancel else Reason.BY_USER
        return self._ended(job, State.CANCELLED, reason, "")

    def _ended(self, job: Job, state: State, reason: Reason, message: str) -> Change:
        now = self._core.clock.now()
        return ended(job, self._cluster, state, reason, message=message, at=now)


def _is_gone(seen: Observation) -> bool:
    return seen.again and seen.reason is Reason.LOST


def _away(error: ExecutorUnavailable) -> Reason:
    return Reason.EXECUTOR_SLOW if isinstance(error, ExecutorSlow) else Reason.EXECUTOR_DOWN
