"""The operations that write something on a job without moving it."""

from collections.abc import Sequence
from typing import Final

from headway.core.core import Core
from headway.core.errors import InvalidRequest
from headway.core.model.change import Change
from headway.core.model.event import Event, EventType
from headway.core.model.job import Job
from headway.core.model.names import JobId
from headway.core.model.principal import Principal, Scope
from headway.core.model.state import State
from headway.core.operations.apply import Decide, apply
from headway.core.operations.report import WAITING, speaks_for_itself
from headway.core.policy.access import require
from headway.lib.jsonvalue import JsonObject

MOST_LABELS: Final = 100


async def set_status_text(
    core: Core, *, actor: Principal, protocol: str, job_id: JobId, text: str
) -> Job:
    """Set the job's own words; a waiting job that says something itself is running. Durable on return.

    Raises:
        NotFound: no such job, or none that the actor may report on.
        StorageFull: no space; nothing was changed.
    """

    def decide(job: Job) -> Change | None:
        require(actor, Scope.REPORT, job)
        if job.status_text == text:
            return None
        now = core.clock.now()
        events = [_event(job, EventType.STATUS, actor, protocol, core, {"text": text})]
        if job.state in WAITING and speaks_for_itself(job, actor):
            changed = job.moved_to(State.RUNNING, at=now, status_text=text)
            events.append(_event(job, EventType.RUNNING, actor, protocol, core, {}))
        else:
            changed = job.changed(at=now, status_text=text)
        return Change(jobs=(changed,), events=tuple(events))

    return await apply(core, job_id=job_id, decide=decide)


async def change_labels(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    job_id: JobId,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
) -> Job:
    """Add labels at the end and take others away; one that is named in both goes. Durable on return.

    Raises:
        NotFound: no such job, or none that the actor may see.
        Forbidden: the actor may not run jobs.
        InvalidRequest: the job would have more than 100 labels.
        StorageFull: no space; nothing was changed.
    """
    decide = labelling(core, actor=actor, protocol=protocol, add=add, remove=remove)
    return await apply(core, job_id=job_id, decide=decide)


def labelling(
    core: Core, *, actor: Principal, protocol: str, add: Sequence[str], remove: Sequence[str]
) -> Decide:
    """Give what changes a job's labels; see ``change_labels``."""

    def decide(job: Job) -> Change | None:
        require(actor, Scope.RUN, job)
        wanted = tuple(word for word in dict.fromkeys((*job.labels, *add)) if word not in remove)
        if wanted == job.labels:
            return None
        if len(wanted) > MOST_LABELS:
            raise InvalidRequest(
                f"a job may have at most {MOST_LABELS} labels, not {len(wanted)}", field="add"
            )
        data = {"labels": wanted}
        event = _event(job, EventType.LABELS, actor, protocol, core, data)
        return Change(jobs=(job.changed(at=core.clock.now(), labels=wanted),), events=(event,))

    return decide


async def merge_extra(
    core: Core, *, actor: Principal, protocol: str, job_id: JobId, patch: JsonObject
) -> Job:
    """Merge keys into the job's free JSON object, one level deep; None as a value deletes. Durable on return.

    Raises:
        NotFound: no such job, or none that the actor may report on.
        StorageFull: no space; nothing was changed.
    """

    def decide(job: Job) -> Change | None:
        require(actor, Scope.REPORT, job)
        merged = {key: value for key, value in {**job.extra, **patch}.items() if value is not None}
        if merged == job.extra:
            return None
        event = _event(job, EventType.RESULT, actor, protocol, core, {"extra": sorted(patch)})
        return Change(jobs=(job.changed(at=core.clock.now(), extra=merged),), events=(event,))

    return await apply(core, job_id=job_id, decide=decide)


async def hide(core: Core, *, actor: Principal, protocol: str, job_id: JobId, hidden: bool) -> Job:
    """Leave a job out of lists, or take it in again; nothing else happens to it. Durable on return.

    Raises:
        NotFound: no such job, or none that the actor may see.
        Forbidden: the actor may not run jobs.
        StorageFull: no space; nothing was changed.
    """
    decide = hiding(core, actor=actor, protocol=protocol, hidden=hidden)
    return await apply(core, job_id=job_id, decide=decide)


def hiding(core: Core, *, actor: Principal, protocol: str, hidden: bool) -> Decide:
    """Give what hides a job, or shows it again; see ``hide``."""

    def decide(job: Job) -> Change | None:
        require(actor, Scope.RUN, job)
        if (job.hidden is not None) == hidden:
            return None
        now = core.clock.now()
        event = _event(job, EventType.HIDDEN, actor, protocol, core, {"hidden": hidden})
        return Change(jobs=(job.changed(at=now, hidden=now if hidden else None),), events=(event,))

    return decide


def _event(
    job: Job, kind: EventType, actor: Principal, protocol: str, core: Core, data: JsonObject
) -> Event:
    return Event(
        job=job.id,
        time=core.clock.now(),
        type=kind,
        actor=actor.name,
        protocol=protocol,
        data=data,
    )
