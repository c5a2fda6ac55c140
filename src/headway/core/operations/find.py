"""The operations that read jobs and what belongs to them."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.belongings import Belongings
from headway.core.model.event import Event
from headway.core.model.group import Group, MemberKind
from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq, WorkerId
from headway.core.model.principal import Principal, Scope
from headway.core.model.selection import Selection
from headway.core.model.worker import NO_TALLY, Tally, Worker
from headway.core.policy.access import (
    is_user,
    may_use_numbers,
    require,
    shown_to,
    visibility_of,
)

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some jobs, newest first; ``next`` is the number to go on below, None at the end.

    All changes up to ``seq`` are in it: whoever follows the changes after that misses none.
    """

    jobs: list[Job]
    tallies: Mapping[JobId, Tally]
    next: int | None = None
    seq: Seq


class Detail(Belongings, frozen=True, kw_only=True):
    """A job with all that belongs to it, except workers and events, which are paged; ``groups`` as ``groups_with`` gives them."""

    job: Job
    groups: Sequence[Group]


async def find_one(core: Core, *, actor: Principal, ref: str) -> Job:
    """Read one job by its UUID or its short number.

    Numbers can be counted through: to somebody who may see only what they know of, they mean nothing.

    Raises:
        NotFound: ``ref`` is neither, or no job that the actor may see has it.
    """
    if _UUID.fullmatch(ref):
        job = await core.store.job(JobId(ref.lower()))
    elif _NUMBER.fullmatch(ref):
        if not may_use_numbers(actor):
            raise NotFound(f"no job is called {ref}")
        job = await core.store.job_by_number(int(ref))
    else:
        raise NotFound(f"no job is called {ref!r}: an id is a UUID or a number")
    try:
        require(actor, needed_to_find(actor, job.id), job)
    except NotFound:
        raise NotFound(f"no job is called {ref}") from None
    return job


def needed_to_find(actor: Principal, job_id: JobId) -> Scope:
    """Give the scope that finding a job takes: a report token finds its own one without reading."""
    speaks_for_it = actor.job == job_id and Scope.READ not in actor.scopes
    return Scope.REPORT if speaks_for_it else Scope.READ


async def find_detail(core: Core, *, actor: Principal, ref: str) -> Detail:
    """Read one job with its attempts, counters and roll-up, as the actor may see it.

    Raises:
        NotFound: no job that the actor may see has that id.
    """
    job = await find_one(core, actor=actor, ref=ref)
    found = await core.store.belongings(job.id)
    return Detail(
        job=shown_to(actor, job),
        tally=found.tally,
        attempts=found.attempts,
        counters=found.counters,
        groups=await groups_with(core, actor=actor, job_id=job.id),
    )


async def groups_with(core: Core, *, actor: Principal, job_id: JobId) -> Sequence[Group]:
    """Read which of the actor's own groups a job is directly in; none for an actor who has no groups or may not read them."""
    if not is_user(actor) or Scope.READ not in actor.scopes:
        return ()
    return await core.store.parents(actor.name, job_id, MemberKind.JOB)


async def tally_of(core: Core, *, job_id: JobId) -> Tally:
    """Read one job's roll-up."""
    return (await core.store.tallies([job_id])).get(job_id, NO_TALLY)


async def find_many(
    core: Core, *, actor: Principal, selection: Selection, limit: int, before: int | None = None
) -> Page:
    """Read a page of the jobs that are selected and that the actor may see, newest first.

    Raises:
        Forbidden: the actor may not read.
    """
    require(actor, Scope.READ)
    seq = core.store.last_seq()
    jobs = await core.store.jobs(selection, visibility_of(actor), limit=limit + 1, before=before)
    page = jobs[:limit]
    return Page(
        jobs=page,
        tallies=await core.store.tallies([job.id for job in page]),
        next=page[-1].number if len(jobs) > limit else None,
        seq=seq,
    )


async def find_workers(
    core: Core, *, actor: Principal, job_id: JobId, limit: int, after: WorkerId | None = None
) -> list[Worker]:
    """Read a page of a job's workers.

    Raises:
        NotFound: no job that the actor may see has that id.
    """
    await find_one(core, actor=actor, ref=job_id)
    return await core.store.workers(job_id, limit=limit, after=after)


async def find_events(
    core: Core, *, actor: Principal, job_id: JobId | None, after: Seq, limit: int
) -> list[Event]:
    """Read a page of events, oldest first: those of one job, or all that the actor may see.

    Raises:
        NotFound: no job that the actor may see has that id.
        Forbidden: the actor may not read.
    """
    if job_id is not None:
        await find_one(core, actor=actor, ref=job_id)
    else:
        require(actor, Scope.READ)
    return await core.store.events(visibility_of(actor), job=job_id, after=after, limit=limit)
