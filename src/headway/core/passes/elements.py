"""Which jobs are handed over as one: elements of an array. Pure."""

from collections.abc import Iterable, Sequence

from headway.core.model.job import Job
from headway.core.model.names import JobId


def arrays_of(jobs: Sequence[Job], *, most: int) -> Iterable[Sequence[Job]]:
    """Divide jobs into those that go together, at most ``most`` each, in the order of the first of each."""
    by_parent: dict[JobId, list[Job]] = {}
    for job in jobs:
        is_element = job.parent is not None and job.index is not None and job.spec.array is not None
        by_parent.setdefault(
            job.parent if most and is_element and job.parent else job.id, []
        ).append(job)
    for together in by_parent.values():
        for first in range(0, len(together), max(1, most)):
            yield together[first : first + max(1, most)]
