"""What a job waits for before it is handed over: other jobs that must have succeeded."""

from typing import NamedTuple

from headway.core.errors import NotFound
from headway.core.model.job import Job
from headway.core.model.state import State
from headway.core.ports.store import Store


class Needs(NamedTuple):
    """Whether a job must wait still, and why it never can begin; "" when it can."""

    waits: bool
    never: str


async def asked_of(store: Store, job: Job) -> Needs:
    """Look at the jobs that a job comes after."""
    waits = False
    for job_id in job.spec.after:
        try:
            before = await store.job(job_id)
        except NotFound:
            return Needs(waits=False, never=f"job {job_id}, which it was to follow, is gone")
        if before.state is State.SUCCEEDED:
            continue
        if before.state.is_final:
            words = f"job {before.number}, which it was to follow, has {before.state}"
            if before.state is State.CANCELLED:
                words = f"job {before.number}, which it was to follow, was cancelled"
            return Needs(waits=False, never=words)
        waits = True
    return Needs(waits=waits, never="")
