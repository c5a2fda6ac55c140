"""The operation clone: a new job after the pattern of another one."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from headway.core.core import Core
from headway.core.model.job import Job, Origin
from headway.core.model.names import JobId
from headway.core.model.principal import Principal
from headway.core.operations.find import find_one
from headway.core.operations.submit import Submission, Submitted, submit
from headway.core.policy.rights import check_own

#: Gives what is to be submitted, from what the original was.
Edit: TypeAlias = Callable[[Submission], Submission]


async def clone(
    core: Core,
    *,
    actor: Principal,
    protocol: str,
    job_id: JobId,
    edit: Edit,
    key: str | None = None,
    digest: bytes = b"",
) -> Submitted:
    """Submit a new job like another one, with changes; it says in ``origin`` where it comes from. Durable on return.

    The new job is the actor's, has no parent, and nothing of what came of the original.

    Raises:
        NotFound: no job that the actor may see has that id.
        InvalidRequest: ``edit`` refuses, or the result cannot be submitted.
        Conflict: the original was handed to its cluster by hand: what it runs is not known.
        KeyReused, InFlight, Conflict, Forbidden, StorageFull: as ``submit``.
    """
    original = await find_one(core, actor=actor, ref=job_id)
    check_own(original)
    origin = Origin(job=original.id, how="clone")
    edited = msgspec.structs.replace(edit(submission_like(original)), origin=origin)
    return await submit(
        core, actor=actor, protocol=protocol, submission=edited, key=key, digest=digest
    )


def submission_like(job: Job) -> Submission:
    """Give what would make a job like this one; its place in another job and its id elsewhere are its own."""
    alone = job.index is not None  # an element's like is a job by itself, not the whole array
    return Submission(
        kind=job.kind,
        name=job.name,
        spec=msgspec.structs.replace(job.spec, array=None) if alone else job.spec,
        labels=job.labels,
        cluster=job.cluster,
        inputs=job.inputs,
        extra=job.extra,
        url=job.url,
        worker_count=job.worker_count,
        max_age_s=job.max_age_s,
        will_finish=job.will_finish,
    )
