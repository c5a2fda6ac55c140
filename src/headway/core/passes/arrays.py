"""The pass arrays: a job with elements is where they are, and its cancelling is theirs.

An array has begun when an element has, and has ended when all have: succeeded if all did, failed if one did, else cancelled.
Elements that are tried again take an ended array back to its beginning, as its next attempt.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple, TypeAlias

from headway.core.core import Core
from headway.core.errors import HeadwayError, NotFound, StorageFull
from headway.core.model.change import Change, CounterPatch, Written
from headway.core.model.event import Event, EventType, of_state
from headway.core.model.job import Job, JobError
from headway.core.model.names import JobId
from headway.core.model.principal import SYSTEM
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import FINAL, Reason, State

logger: Final = logging.getLogger(__name__)

_PAGE: Final = 500
_ALL: Final = Visibility(everything=True)
_UNFINISHED: Final = frozenset(State) - FINAL
#: Why an array waits because its elements do so.
_OF_ELEMENTS: Final = frozenset({None, Reason.CANNOT_START})
_Waits: TypeAlias = Reason | Literal["unheard"] | None
_UNHEARD: Final = "unheard"


class _End(NamedTuple):
    """How an array has ended; nothing of one that has not."""

    reason: Reason | None = None
    error: JobError | None = None
    exit_code: int | None = None
    signal: int | None = None


class Arrays:
    """Rounds over the arrays that something was heard of; the first round reads those that have not ended."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._heard: set[JobId] = set()
        self._waits: dict[JobId, _Waits] = {}
        self._wished: set[JobId] = set()  # all their elements were told that they are to end
        self._has_begun = False
        self._unlisten = core.store.listen(self._hear)

    def close(self) -> None:
        """Hear no more."""
        self._unlisten()

    def _hear(self, commits: Sequence[Written]) -> None:
        for written in commits:
            for job in written.jobs:
                if job.spec.array is None:
                    continue
                array = job.id if job.parent is None else job.parent
                self._heard.add(array)
                if job.cancel is None or (job.parent is None and job.state.is_final):
                    self._wished.discard(array)
                if job.parent is not None and job.state is State.QUEUED:
                    self._note_wait(job.parent, job.reason)

    def _note_wait(self, parent: JobId, reason: Reason | None) -> None:
        """Remember whether elements wait in vain: what one asks for, all ask for."""
        if self._waits.get(parent) is not Reason.CANNOT_START:
            self._waits[parent] = Reason.CANNOT_START if reason is Reason.CANNOT_START else None

    async def round(self) -> int:
        """Bring arrays to where their elements are; gives how many moved.

        Raises:
            StorageFull: no space; they move in a later round.
        """
        if not self._has_begun:
            for cluster in self._core.executors:
                unfinished = await self._core.store.unfinished(cluster)
                self._heard |= {job.id for job in unfinished if job.is_array}
            self._has_begun = True
        heard, self._heard = self._heard, set()
        try:
            return sum([await self._bring(job_id) for job_id in sorted(heard)])
        except StorageFull:
            self._heard |= heard
            raise

    async def _bring(self, job_id: JobId) -> bool:
        waits = self._waits.pop(job_id, _UNHEARD)
        try:
            job = await self._core.store.job(job_id)
        except NotFound:
            return False
        if not job.is_array:
            return False
        if job.cancel is not None and not (job.state.is_final or job_id in self._wished):
            await self._cancel_elements(job)
        if job.state is State.ACCEPTED and job.reason is Reason.SENDING:
            job = await self._retry_elements(job)
        tally = (await self._core.store.tallies([job_id])).get(job_id)
        change = await self._change(job, tally.children if tally is not None else {}, waits)
        if change is None:
            return False
        try:
            await self._core.store.write(change)
        except StorageFull:
            raise
        except HeadwayError as error:  # somebody changed it meanwhile, and so it was heard of again
            logger.info("array %s: %s", job_id, error)
        return True

    async def _change(self, job: Job, counts: Mapping[str, int], waits: _Waits) -> Change | None:
        state = state_of(counts)
        now = self._core.clock.now()
        if state is job.state:
            return _waits_so(job, waits, now)
        if state is None:
            return None
        if job.state.is_final and not state.is_final:
            after = job.next_attempt(at=now)
            return Change(jobs=(after,), events=(_event(after, EventType.REQUEUED, now),))
        if job.state.is_final:
            end = await self._blame(job, state, counts)
            changed = job.corrected(state, at=now, **end._asdict())
            return Change(jobs=(changed,), events=(_event(changed, EventType.CORRECTED, now),))
        if not state.is_final and _ORDER.index(state) < _ORDER.index(job.state):
            return None  # one was put back into the queue while others run on
        in_vain = state is State.QUEUED and waits is Reason.CANNOT_START
        end = _End(reason=Reason.CANNOT_START if in_vain else None)
        if state.is_final:
            end = await self._blame(job, state, counts)
        moved = job.moved_to(state, at=now, **end._asdict())
        return Change(jobs=(moved,), events=(_event(moved, of_state(state), now),))

    async def _blame(self, job: Job, state: State, counts: Mapping[str, int]) -> _End:
        """Give why an array has ended as it has: what became of the last of the elements that failed."""
        if state is State.SUCCEEDED:
            return _End(exit_code=0)
        if state is State.CANCELLED:
            return _End(reason=job.cancel.reason if job.cancel else Reason.BY_USER)
        found = await self._core.store.jobs(
            Selection(parent=job.id, states=frozenset({State.FAILED}), hidden=True), _ALL, limit=1
        )
        words = f"{counts.get(State.FAILED, 0)} of {sum(counts.values())} elements failed"
        if cancelled := counts.get(State.CANCELLED, 0):
            words += f", {cancelled} {'was' if cancelled == 1 else 'were'} cancelled"
        if not found:
            return _End(reason=Reason.LOST, error=JobError(type=Reason.LOST, message=words))
        last = found[0]
        reason = last.reason or Reason.LOST
        if last.error is not None:
            words += f"; element {last.index}: {last.error.message}"
        return _End(
            reason=reason,
            error=JobError(type=reason, message=words),
            exit_code=last.exit_code,
            signal=last.signal,
        )

    async def _cancel_elements(self, job: Job) -> None:
        """Pass the wish that an array ends on to its elements; those that have it already are left alone.

        That is done once: each time that some of thousands end, all the others would else be read again.
        """
        now = self._core.clock.now()

        def wish(element: Job) -> Change | None:
            if element.cancel is not None:
                return None
            event = _event(element, EventType.CANCEL_REQUESTED, now)
            return Change(jobs=(element.changed(at=now, cancel=job.cancel),), events=(event,))

        self._wished.add(job.id)
        try:
            await self._each_element(job, _UNFINISHED, wish)
        except BaseException:
            self._wished.discard(job.id)
            raise

    async def _retry_elements(self, job: Job) -> Job:
        """Try those elements again that did not succeed, all when all did; gives the array as it is then."""
        now = self._core.clock.now()

        def again(element: Job) -> Change:
            after = element.next_attempt(at=now)
            return Change(
                jobs=(after,),
                workers_gone=element.id,
                counters=CounterPatch(job=element.id, values=(), replace=True, at=now),
                events=(_event(after, EventType.REQUEUED, now),),
            )

        failed = FINAL - {State.SUCCEEDED}
        if not await self._each_element(job, failed, again):
            await self._each_element(job, frozenset({State.SUCCEEDED}), again)
        written = await self._core.store.write(Change(jobs=(job.changed(at=now, reason=None),)))
        return written.jobs[0]

    async def _each_element(
        self, job: Job, states: frozenset[State], change_of: Callable[[Job], Change | None]
    ) -> int:
        """Change an array's elements that are in some states; gives how many were there."""
        before: int | None = None
        count = 0
        while True:
            selection = Selection(parent=job.id, states=states, hidden=True)
            page = await self._core.store.jobs(selection, _ALL, limit=_PAGE, before=before)
            count += len(page)
            changes = [change for one in page if (change := change_of(one)) is not None]
            for answer in await self._core.store.write_many(changes):
                if isinstance(answer, StorageFull):
                    raise answer
                if isinstance(answer, HeadwayError):
                    self._heard.add(job.id)
                    self._wished.discard(job.id)
            if len(page) < _PAGE:
                return count
            before = page[-1].number


#: How far an array is on its way: the state of its furthest element.
_ORDER: Final = (State.ACCEPTED, State.QUEUED, State.RUNNING)


def state_of(counts: Mapping[str, int]) -> State | None:
    """Give the state of an array whose elements are in these states; None for one without elements."""
    there = {State(word) for word, count in counts.items() if count}
    if not there:
        return None
    if there <= FINAL:
        for state in (State.FAILED, State.CANCELLED):
            if state in there:
                return state
        return State.SUCCEEDED
    if there & FINAL:
        return State.RUNNING
    return max(there, key=_ORDER.index)


def _waits_so(job: Job, waits: _Waits, now: datetime) -> Change | None:
    """Give the Change for an array that waits as it did, in vain now or no longer so."""
    if job.state is not State.QUEUED or waits == _UNHEARD or job.reason not in _OF_ELEMENTS:
        return None
    if waits is job.reason:
        return None
    waiting = job.moved_to(job.state, at=now, reason=waits)
    return Change(jobs=(waiting,), events=(_event(waiting, EventType.REASON, now),))


def _event(job: Job, kind: EventType, now: datetime) -> Event:
    data = {} if job.reason is None else {"reason": job.reason}
    return Event(job=job.id, time=now, type=kind, actor=SYSTEM.name, protocol="", data={**data})
