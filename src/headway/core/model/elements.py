"""How many elements of an array are in each state. Pure."""

from collections.abc import Mapping
from functools import lru_cache

from headway.core.model.array import count_of
from headway.core.model.job import Job
from headway.core.model.state import State

_count_of = lru_cache(maxsize=1024)(count_of)


def all_parts(job: Job, told: Mapping[str, int]) -> Mapping[str, int]:
    """Give how many of a job's parts are in each state, from how many of those that are jobs of their own are.

    Of an adopted array's many waiting elements only the first are jobs of their own; the others wait too. Where nothing was told,
    nobody counted.
    """
    if not told or not (job.is_adopted and job.is_array and job.spec.array) or job.state.is_final:
        return told
    others = _count_of(job.spec.array.indices) - sum(told.values())
    if others <= 0:
        return told
    return {**told, State.QUEUED: told.get(State.QUEUED, 0) + others}
