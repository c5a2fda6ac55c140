"""What an executor's observations make of a job."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.change import Change
from headway.core.model.event import Event, EventType, of_state
from headway.core.model.job import Attempt, Job, JobError
from headway.core.model.names import Cluster, JobId, Tag, job_of_tag
from headway.core.model.principal import SYSTEM
from headway.core.model.result import Returned
from headway.core.model.state import Reason, State
from headway.core.passes.ends import of_reason
from headway.core.ports.executor import Observation
from headway.lib.jsonvalue import JsonValue

#: Says what of an attempt's observations is to be written by now; None for nothing yet.
Hold: TypeAlias = Callable[[Job, Sequence[Observation]], Sequence[Observation] | None]


async def after_observations(
    core: Core,
    *,
    tag: Tag,
    observations: Sequence[Observation],
    hold: Hold = lambda _, observations: observations,
) -> Change | None:
    """Give the Change that observations of one attempt, oldest first, ask for; None when they say nothing new."""
    job_id, no = job_of_tag(tag)
    try:
        job = await core.store.job(job_id)
    except NotFound:
        return None
    if job.cluster is None or no > job.attempt:
        return None
    if no < job.attempt:
        return await _of_an_earlier_attempt(core, job, no, observations[-1])
    if job.state.is_final and observations[-1].state is job.state and observations[-1].native_state:
        return await _called_otherwise(core, job, observations[-1])
    told = hold(job, observations)
    return None if told is None else change_of(job, job.cluster, told, now=core.clock.now())


async def _of_an_earlier_attempt(core: Core, job: Job, no: int, seen: Observation) -> Change | None:
    """Give the Change for an attempt that was given up before the job was tried again.

    Its job stays in its state; but its document tells of the attempt, and so has a new revision.
    """
    known = next((one for one in await core.store.attempts(job.id) if one.no == no), None)
    if known is None or known.reason is not Reason.LOST or not seen.state.is_final:
        return None
    if seen.reason is Reason.LOST and known.message == seen.message:
        return None
    ended = msgspec.structs.replace(
        known,
        state=seen.state,
        reason=seen.reason,
        message=seen.message,
        ended=seen.at,
        exit_code=seen.exit_code,
        signal=seen.signal,
        usage=seen.usage,
    )
    now = core.clock.now()
    event = Event(
        job=job.id,
        time=now,
        type=EventType.CORRECTED,
        actor=SYSTEM.name,
        protocol="",
        data={"attempt": no, "state": seen.state, "reason": seen.reason},
    )
    return Change(jobs=(job.changed(at=now),), attempts=(ended,), events=(event,))


async def _called_otherwise(core: Core, job: Job, seen: Observation) -> Change | None:
    """Give the Change for an ended job whose executor has a word for its end by now; nothing else of it changes."""
    known = next((one for one in await core.store.attempts(job.id) if one.no == job.attempt), None)
    if known is None or known.native_state:
        return None
    now = core.clock.now()
    return Change(
        jobs=(job.changed(at=now),),
        attempts=(msgspec.structs.replace(known, native_state=seen.native_state),),
        events=(_event(job, EventType.NATIVE, seen, None, now),),
    )


def change_of(
    job: Job, cluster: Cluster, observations: Sequence[Observation], *, now: datetime
) -> Change | None:
    """Give the Change for a job, pure; see ``after_observations``.

    A job that started and ended since the last look takes both steps in one, with the start's time kept.
    """
    last = observations[-1]
    if last.again:
        return None if job.state.is_final else _put_back(job, cluster, observations, now)
    if job.state.is_final:
        return _corrected(job, cluster, last, now) if _knows_better(job, last) else None
    if last.state is job.state and last.reason is job.reason and not _names_it(job, observations):
        return None
    if last.state is State.ACCEPTED:
        return _still_waits(job, last.reason, now) if job.state is State.ACCEPTED else None
    if not last.state.is_final and _behind(job, last):
        return None
    return _moved(job, cluster, observations, now)


def _still_waits(job: Job, reason: Reason | None, now: datetime) -> Change | None:
    """Give the Change for a job that its executor has, and says why it could not be passed on yet."""
    if reason is None:
        return None
    waits = job.moved_to(job.state, at=now, reason=reason)
    return Change(jobs=(waits,), events=(of_reason(job, EventType.REASON, reason, now),))


def _names_it(job: Job, observations: Sequence[Observation]) -> bool:
    """Tell whether the executor's own id of the job is new: the job itself may have said first that it runs."""
    return any(seen.native_id not in {None, job.native_id} for seen in observations)


def _behind(job: Job, seen: Observation) -> bool:
    return job.state is State.RUNNING and seen.state is State.QUEUED


def _knows_better(job: Job, seen: Observation) -> bool:
    """Tell whether a job that was given up has turned out to have ended some way."""
    return job.reason is Reason.LOST and seen.state.is_final and seen.reason is not Reason.LOST


def _moved(
    job: Job, cluster: Cluster, observations: Sequence[Observation], now: datetime
) -> Change:
    last = observations[-1]
    started = next((seen.started for seen in observations if seen.started), None)
    native_id = next((seen.native_id for seen in observations if seen.native_id), job.native_id)
    fields: dict[str, object] = {"native_id": native_id}
    if last.state is not State.QUEUED and (started or job.started):
        fields["started"] = job.started or started
    if last.state.is_final:
        fields |= _end_fields(last) | {"ended": last.at}
    reason = _reason(job, last)
    moved = job.moved_to(last.state, at=now, reason=reason, **fields)
    kind = _kind(job, last)
    return Change(
        jobs=(moved,),
        attempts=(_attempt(moved, cluster, last),),
        results=_kept(moved, last),
        events=(_event(moved, kind, last, reason, now),),
    )


def _put_back(
    job: Job, cluster: Cluster, observations: Sequence[Observation], now: datetime
) -> Change:
    """End an attempt whose job goes on as the next one; see ``Observation.again``."""
    last = observations[-1]
    started = next((seen.started for seen in observations if seen.started), job.started)
    reason = last.reason or Reason.LOST
    over = Attempt(
        job=job.id,
        no=job.attempt,
        cluster=cluster,
        native_id=last.native_id or job.native_id,
        native_state=last.native_state,
        host=last.host,
        started=started,
        ended=last.at,
        state=State.FAILED,
        reason=reason,
        message=last.message,
    )
    queued = last.state is State.QUEUED
    after = job.put_back(last.state, at=now, native_id=last.native_id if queued else None)
    data: dict[str, JsonValue] = {"attempt": after.attempt, "state": job.state, "reason": reason}
    if last.message:
        data["message"] = last.message
    event = Event(
        job=job.id,
        time=now,
        type=EventType.REQUEUED,
        actor=SYSTEM.name,
        protocol="",
        data=data,
    )
    return Change(jobs=(after,), attempts=(over,), events=(event,))


def _kind(job: Job, seen: Observation) -> EventType:
    if seen.state is not job.state:
        return of_state(seen.state)
    return EventType.NATIVE if seen.reason is job.reason else EventType.REASON


def _corrected(job: Job, cluster: Cluster, seen: Observation, now: datetime) -> Change:
    reason = _reason(job, seen)
    corrected = job.corrected(seen.state, at=now, reason=reason, **_end_fields(seen), ended=seen.at)
    return Change(
        jobs=(corrected,),
        attempts=(_attempt(corrected, cluster, seen),),
        results=_kept(corrected, seen),
        events=(_event(corrected, EventType.CORRECTED, seen, reason, now),),
    )


def _reason(job: Job, seen: Observation) -> Reason | None:
    if seen.state is State.CANCELLED and job.cancel is not None:
        return job.cancel.reason
    return seen.reason


def _end_fields(seen: Observation) -> dict[str, object]:
    words = seen.message
    said = JobError(type=str(seen.reason), message=words) if words else None
    return {
        "exit_code": seen.exit_code,
        "signal": seen.signal,
        "usage": seen.usage,
        "error": seen.error or said,
        "result": None if seen.result is None else seen.result.shown,
    }


def _kept(job: Job, seen: Observation) -> tuple[tuple[JobId, Returned], ...]:
    """Give what the job's document has not room for."""
    return () if seen.result is None or seen.result.is_shown else ((job.id, seen.result),)


def _attempt(job: Job, cluster: Cluster, seen: Observation) -> Attempt:
    return Attempt(
        job=job.id,
        no=job.attempt,
        cluster=cluster,
        native_id=job.native_id,
        native_state=seen.native_state,
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


def _event(
    job: Job, kind: EventType, seen: Observation, reason: Reason | None, now: datetime
) -> Event:
    data: dict[str, object] = {"native_state": seen.native_state} if seen.native_state else {}
    if reason is not None:
        data["reason"] = reason
    if job.state.is_final:
        data |= {"exit_code": job.exit_code, "signal": job.signal}
    return Event(job=job.id, time=now, type=kind, actor=SYSTEM.name, protocol="", data=data)
