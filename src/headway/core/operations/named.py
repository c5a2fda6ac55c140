"""The operations on jobs that are known by a name of the caller's: a name means the newest job that took it."""

import msgspec

from headway.core.core import Core
from headway.core.errors import Conflict, Forbidden, NotFound
from headway.core.model.change import Alias, Change
from headway.core.model.event import Event, EventType
from headway.core.model.job import Job, Kind
from headway.core.model.principal import Principal, Scope
from headway.core.model.state import Reason, State
from headway.core.operations.new_jobs import accepted
from headway.core.policy.access import may_take_name, require


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """The new job, and the one that had the name before."""

    job: Job
    superseded: Job | None = None


async def open_named(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    namespace: str,
    key: str,
    shown: str,
    name: str,
    labels: tuple[str, ...] = (),
    max_age_s: float | None = None,
    worker_count: int | None = None,
    only_if_free: bool = False,
) -> Opened:
    """Store a new job that only reports and give it a name, taking the name from whichever job has it.

    That job ends as cancelled/superseded if it had not ended, and stays readable by its id. All in one transaction.
    With ``only_if_free``, a name that some job has by now is left to it, and that job is given.

    Raises:
        Forbidden: the name belongs to another user's job, or the actor may not report, or is a job that speaks only
            for itself.
        Conflict: others took the name at the same moment, ten times in a row.
        StorageFull: no space; nothing was changed.
    """
    require(actor, Scope.REPORT)
    if actor.job is not None:
        raise Forbidden("a job's own token speaks for that job only; it makes no other")
    now = core.clock.now()
    job = Job(
        id=core.ids.new_job_id(),
        kind=Kind.REPORT,
        protocol=protocol,
        owner=actor.name,
        name=name,
        labels=labels,
        max_age_s=max_age_s,
        worker_count=worker_count,
        created=now,
        updated=now,
    )
    for left in range(9, -1, -1):
        held = await core.store.alias(namespace, key)
        holder = await core.store.job(held.job) if held else None
        if holder is not None and not may_take_name(actor, holder):
            raise Forbidden(f"the name {shown!r} belongs to a job of another user; choose another")
        if holder is not None and only_if_free:
            return Opened(job=holder)
        alias = Alias(
            namespace=namespace,
            key=key,
            shown=shown,
            job=job.id,
            generation=held.generation + 1 if held else 1,
        )
        try:
            written = await core.store.write(_taking(job, alias, holder, actor, protocol))
        except Conflict:
            if not left:
                raise
        else:
            return Opened(job=written.jobs[0], superseded=holder)
    raise Conflict(f"the name {shown!r} is taken by others all the time; try again")


async def named(core: Core, *, actor: Principal, namespace: str, key: str) -> Job:
    """Read the job that a name means now.

    Raises:
        NotFound: no job has that name, or none that the actor may see.
    """
    alias = await core.store.alias(namespace, key)
    if alias is None:
        raise NotFound(f"no job is called {key!r}")
    job = await core.store.job(alias.job)
    try:
        require(actor, Scope.READ if Scope.READ in actor.scopes else Scope.REPORT, job)
    except NotFound:  # as if it were not there: its id is not told either
        raise NotFound(f"no job is called {key!r}") from None
    return job


def _taking(job: Job, alias: Alias, holder: Job | None, actor: Principal, protocol: str) -> Change:
    events = [accepted(job, actor, protocol)]
    jobs = [job]
    if holder is not None and not holder.state.is_final:
        jobs.append(holder.moved_to(State.CANCELLED, at=job.created, reason=Reason.SUPERSEDED))
        events.append(
            Event(
                job=holder.id,
                time=job.created,
                type=EventType.SUPERSEDED,
                actor=actor.name,
                protocol=protocol,
                data={"by": job.id},
            )
        )
    return Change(jobs=tuple(jobs), aliases=(alias,), events=tuple(events))
