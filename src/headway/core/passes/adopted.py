"""What a listing's foreign job makes of the job that stands for it here. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from headway.core.model.array import Array, as_text
from headway.core.model.change import Alias, Change
from headway.core.model.event import Event, EventType, of_state
from headway.core.model.job import Attempt, Job, Kind
from headway.core.model.names import Cluster, JobId, NativeId
from headway.core.model.principal import SYSTEM
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.passes.observed import change_of
from headway.core.ports.executor import Observation
from headway.core.ports.foreign import LOG, ForeignJob, key_of_job

PROTOCOL: Final = "adopted"
LOST: Final = (
    "the scheduler lists it no more, and nothing that it could be asked of knows how it ended"
)
LET_GO: Final = "adoption was switched off for its cluster, so it is not looked at any more"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where foreign jobs are, and whose they are."""

    cluster: Cluster
    owner: str

    @property
    def namespace(self) -> str:
        """Give the namespace of their native ids."""
        return f"native:{self.cluster}"


def array_change(
    place: Place,
    seen: ForeignJob,
    indices: Sequence[int],
    *,
    job_id: JobId,
    generation: int,
    now: datetime,
) -> Change:
    """Give the Change that makes the parent of an array's elements; the pass ``arrays`` brings it to where they are."""
    spec = Spec(array=Array(indices=as_text(sorted(set(indices)))))
    native_id = NativeId(seen.array or "")
    job = replace(_waiting(place, seen, job_id, now), spec=spec, native_id=native_id)
    alias = _alias(place, seen.array_key, job, generation)
    return Change(jobs=(job,), aliases=(alias,), events=tuple(_beginning(job, now)))


def first_change(
    place: Place,
    seen: ForeignJob,
    *,
    job_id: JobId,
    generation: int,
    now: datetime,
    parent: Job | None = None,
) -> Change:
    """Give the Change that makes the job which stands for a foreign one."""
    waiting = _waiting(place, seen, job_id, now)
    if parent is not None:
        waiting = replace(waiting, parent=parent.id, index=seen.index, spec=parent.spec)
    moved = change_of(waiting, place.cluster, [_observation(waiting, seen, now)], now=now)
    job = replace(moved.jobs[0] if moved else waiting, native_id=seen.id, rev=1)
    return Change(
        jobs=(job,),
        attempts=(_attempt(job, place, seen),),
        aliases=(_alias(place, seen.key, job, generation),),
        events=tuple(_beginning(job, now)),
    )


def next_change(
    place: Place, job: Job, attempts: Sequence[Attempt], seen: ForeignJob, *, now: datetime
) -> Change | None:
    """Give the Change that a foreign job's newest row asks for; None when it says nothing new."""
    known = next((one for one in attempts if one.no == job.attempt), None)
    change = None
    if seen.state is not None:
        change = change_of(job, place.cluster, [_observation(job, seen, now)], now=now)
    if change is None:
        change = _told_more(place, job, known, seen, now)
    elif change.jobs[0].attempt > job.attempt:  # it was put back into the queue
        own = _attempt(change.jobs[0], place, seen)
        change = replace(change, attempts=(_with_info(change.attempts[0], known, {}), own))
    else:
        info = _info(seen)
        change = replace(
            change, attempts=tuple(_with_info(a, known, info) for a in change.attempts)
        )
    if job.state.is_final:
        return change
    if seen.key == key_of_job(job):
        return None if change is None else _still_called(job, change)
    return _renamed(place, job, seen, change, now)


def given_up(place: Place, job: Job, words: str, *, now: datetime) -> Change | None:
    """Give the end of a job that cannot be followed any more, as the words say; None for one that has ended."""
    seen = Observation(tag=job.tag, state=State.FAILED, reason=Reason.LOST, at=now, message=words)
    change = change_of(job, place.cluster, [seen], now=now)
    # How the attempt was when it was last seen stays as it was told then; the job says that it was given up.
    return None if change is None else replace(change, attempts=())


def withdrawn(job: Job, *, now: datetime) -> Change:
    """Give the end of a job that another one here follows: nobody needs to see it twice."""
    after = job.moved_to(State.CANCELLED, at=now, reason=Reason.SUPERSEDED, hidden=now)
    return Change(jobs=(after,), events=(_event(after, of_state(after.state), now),))


def _waiting(place: Place, seen: ForeignJob, job_id: JobId, now: datetime) -> Job:
    return Job(
        id=job_id,
        kind=Kind.ADOPTED,
        protocol=PROTOCOL,
        owner=place.owner,
        name=seen.name,
        state=State.QUEUED,
        cluster=place.cluster,
        created=seen.submitted or now,
        queued=seen.submitted,
        updated=now,
    )


def _alias(place: Place, key: str, job: Job, generation: int) -> Alias:
    shown = job.native_id or ""
    return Alias(namespace=place.namespace, key=key, job=job.id, shown=shown, generation=generation)


def _still_called(job: Job, change: Change) -> Change:
    """Leave a job its time of submission, which is a part of its name, also when it was put back into its queue."""
    after, *others = change.jobs
    return replace(change, jobs=(replace(after, queued=job.queued), *others))


def _renamed(
    place: Place, job: Job, seen: ForeignJob, change: Change | None, now: datetime
) -> Change:
    """Add the further alias of a job that has a new time of submission since it was put back into its queue."""
    after = job.changed(at=now) if change is None else change.jobs[0]
    after = replace(after, queued=seen.submitted)
    alias = _alias(place, seen.key, after, 1)
    return replace(change or Change(), jobs=(after,), aliases=(alias,))


def _observation(job: Job, seen: ForeignJob, now: datetime) -> Observation:
    state = seen.state or job.state
    ended = seen.ended if state.is_final else None
    return Observation(
        tag=job.tag,
        state=state,
        reason=seen.reason,
        again=job.state is State.RUNNING and state is State.QUEUED,
        native_id=seen.id,
        native_state=seen.word,
        host=seen.host,
        exit_code=seen.exit_code,
        signal=seen.signal,
        usage=seen.usage,
        started=seen.started,
        at=ended or now,
        message=seen.why if state.is_final else "",
    )


def _told_more(
    place: Place, job: Job, known: Attempt | None, seen: ForeignJob, now: datetime
) -> Change | None:
    """Give the Change for what is shown beside the state."""
    if job.state.is_final:
        return None
    attempt = _with_info(_attempt(job, place, seen), known, _info(seen))
    if known is not None and (known.native_state, known.host, known.native_info) == (
        attempt.native_state,
        attempt.host,
        attempt.native_info,
    ):
        return None
    return Change(
        jobs=(job.changed(at=now),),
        attempts=(attempt,),
        events=(_event(job, EventType.NATIVE, now),),
    )


def _attempt(job: Job, place: Place, seen: ForeignJob) -> Attempt:
    return Attempt(
        job=job.id,
        no=job.attempt,
        cluster=place.cluster,
        native_id=seen.id,
        native_state=seen.word,
        native_info=_info(seen),
        host=seen.host,
        started=job.started,
        ended=job.ended,
        exit_code=job.exit_code,
        signal=job.signal,
        usage=job.usage,
        state=job.state,
        reason=job.reason,
        message="" if job.error is None else job.error.message,
    )


def _with_info(attempt: Attempt, known: Attempt | None, info: Mapping[str, str]) -> Attempt:
    """Give an attempt with all that was ever told of it: accounting has no log."""
    before = known.native_info if known is not None else {}
    host = attempt.host or (known.host if known is not None else "")
    return replace(attempt, native_info={**before, **info}, host=host)


def _info(seen: ForeignJob) -> Mapping[str, str]:
    told = {
        "queue": seen.queue,
        "account": seen.account,
        "directory": seen.directory,
        LOG: seen.log,
        **seen.asked,
    }
    return {name: value for name, value in told.items() if value}


def _beginning(job: Job, now: datetime) -> list[Event]:
    return [_event(job, EventType.ACCEPTED, now), _event(job, of_state(job.state), now)]


def _event(job: Job, kind: EventType, now: datetime) -> Event:
    data = {} if job.reason is None else {"reason": job.reason}
    return Event(job=job.id, time=now, type=kind, actor=SYSTEM.name, protocol=PROTOCOL, data=data)
