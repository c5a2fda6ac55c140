"""Read, decide, write: again from the start when somebody else changed the job in between."""

from collections.abc import Callable
from typing import Final, TypeAlias

import msgspec

from headway.core.core import Core
from headway.core.errors import Conflict, PreconditionFailed
from headway.core.model.change import Change, Written
from headway.core.model.job import Job
from headway.core.model.names import JobId

#: Gives the Change that a job needs, or None when it is as it should be. Called again with the newer job after a conflict.
Decide: TypeAlias = Callable[[Job], Change | None]

_TRIES: Final = 20


class Applied(msgspec.Struct, frozen=True):
    """A job as it is now, and what was written; None when nothing had to be."""

    job: Job
    written: Written | None


async def apply(core: Core, *, job_id: JobId, decide: Decide) -> Job:
    """Change one job; gives it as it is now. Durable on return. Raises as ``apply_change`` does."""
    return (await apply_change(core, job_id=job_id, decide=decide)).job


async def apply_change(core: Core, *, job_id: JobId, decide: Decide) -> Applied:
    """Change one job; gives it as it is now and all that was written. Durable on return.

    Raises:
        NotFound: no job has that id.
        PreconditionFailed: the job is not of ``core.only_revs``.
        Conflict: others changed the job twenty times in a row, or ``decide`` says that it cannot be.
        StorageFull: no space; nothing was changed.
    """
    for left in range(_TRIES - 1, -1, -1):
        job = await core.store.job(job_id)
        change = decide(job)
        if core.only_revs is not None and job.rev not in core.only_revs:
            raise PreconditionFailed(
                f"job {job.number} has the revision {job.rev} by now; read it again, then decide"
            )
        if change is None:
            return Applied(job, None)
        try:
            written = await core.store.write(change)
        except Conflict:
            if not left or (await core.store.job(job_id)).rev == job.rev:
                raise
        else:
            now = next((new for new in written.jobs if new.id == job_id), job)
            return Applied(now, written)
    raise Conflict(f"job {job_id} is changed by others all the time; try again")
