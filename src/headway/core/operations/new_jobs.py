"""What belongs to a job from its beginning: the jobs that it names, its elements, its places in groups, its first events."""

from collections.abc import Sequence
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import InvalidRequest, NotFound
from headway.core.model.array import indices_of
from headway.core.model.event import Event, EventType
from headway.core.model.group import Group, Membership
from headway.core.model.job import Job
from headway.core.model.names import GroupId, JobId
from headway.core.model.principal import Principal, Scope
from headway.core.model.state import State
from headway.core.operations.find_groups import group_called, group_owner
from headway.core.operations.groups import places_of
from headway.core.policy.access import require

_ACCEPTED: Final = State.ACCEPTED  # looked up once, as in ``submit``


async def check_parent(core: Core, actor: Principal, parent: JobId) -> None:
    """Check that a job's parent is one that the actor may see.

    Raises:
        NotFound: it is not.
    """
    try:
        require(actor, Scope.READ, await core.store.job(parent))
    except NotFound:
        raise NotFound(f"parent: no job is called {parent}") from None


async def check_after(core: Core, actor: Principal, after: Sequence[JobId]) -> None:
    """Check that the jobs that a job comes after are some that the actor may see.

    Raises:
        InvalidRequest: one is not.
    """
    for place, job_id in enumerate(after):
        try:
            require(actor, Scope.READ, await core.store.job(job_id))
        except NotFound:
            raise InvalidRequest(
                f"after[{place}]: no job is called {job_id}", field=f"after[{place}]"
            ) from None


def told_where(job: Job, places: Sequence[Membership]) -> Job:
    """Give a function's job with what it was submitted into."""
    function = job.spec.function
    within = places[0].group if places else job.parent or ""
    if function is None or function.within == within:
        return job
    told = msgspec.structs.replace(function, within=within)
    return msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, function=told))


def elements_of(core: Core, job: Job) -> tuple[Job, ...]:
    """Give an array's elements: one job for each index, of the same spec."""
    if not job.is_array or job.spec.array is None:
        return ()
    if job.only_reports or job.spec.sandbox is not None:
        what = "a job that only reports" if job.only_reports else "a job with a sandbox"
        raise InvalidRequest(f"array: {what} cannot be an array", field="array")
    return tuple(
        msgspec.structs.replace(
            job,
            id=core.ids.new_job_id(),
            parent=job.id,
            index=index,
            callbacks=(),
            extra={},
            url=None,
            origin=None,
        )
        for index in indices_of(job.spec.array.indices)
    )


async def places_in(
    core: Core, actor: Principal, job: Job, refs: Sequence[str], known: dict[str, Group]
) -> tuple[tuple[Membership, ...], tuple[Event, ...]]:
    """Give the job's places in the groups that it is to be in, and their events."""
    if not refs:
        return (), ()
    owner = group_owner(actor, Scope.REPORT)
    groups: dict[GroupId, Group] = {}
    for number, ref in enumerate(refs):
        field = f"groups[{number}]"
        try:
            group = known.get(ref) or await group_called(core, owner=owner, ref=ref)
        except NotFound as error:
            raise InvalidRequest(f"{field}: {error}; make it first", field=field) from None
        except InvalidRequest as error:
            raise InvalidRequest(f"{field}: {error}", field=field) from None
        known[ref] = groups[group.id] = group
    return places_of(
        job.id, tuple(groups.values()), actor=actor, protocol=job.protocol, at=job.created
    )


def beginning_of(job: Job, actor: Principal) -> tuple[Event, ...]:
    """Give the events that a job begins with."""
    first = accepted(job, actor, job.protocol)
    if job.state is _ACCEPTED:
        return (first,)
    return (first, msgspec.structs.replace(first, type=EventType.RUNNING))


def accepted(job: Job, actor: Principal, protocol: str) -> Event:
    """Give the event of a job's beginning."""
    return Event(
        job=job.id, time=job.created, type=EventType.ACCEPTED, actor=actor.name, protocol=protocol
    )
