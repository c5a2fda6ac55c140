"""A cluster's accepted jobs, kept in mind so that the store need not be asked at every wake-up.

Those that are known to wait for other jobs are none of them: see ``after.Dependents``.
"""

from collections.abc import Sequence
from typing import Final

from headway.core.model.job import Job
from headway.core.model.names import Cluster, Tag
from headway.core.model.state import Reason, State
from headway.core.ports.store import Store

_MOST: Final = 2000
_AHEAD: Final = 200


class Waiting:
    """The accepted jobs that are known, oldest first. Only saves reading: the store is asked whenever some may be missing."""

    def __init__(self, store: Store, cluster: Cluster) -> None:
        self._store = store
        self._cluster = cluster
        self._jobs: dict[Tag, Job] = {}
        self._complete = False  # the store has no accepted job of this cluster that is not here
        self._heard = 0

    def heard(self, job: Job) -> None:
        """Hear of a job of this cluster as it was just committed."""
        self._heard += 1
        waits = job.state is State.ACCEPTED and job.reason is not Reason.DEPENDENCY
        if not waits or job.cancel is not None:
            self._jobs.pop(job.tag, None)
        elif job.tag in self._jobs or (self._complete and len(self._jobs) < _MOST):
            self._jobs[job.tag] = job
        else:
            self._complete = False

    @property
    def is_empty(self) -> bool:
        """Whether it is known that there are none."""
        return self._complete and not self._jobs

    async def oldest(self, *, least: int) -> Sequence[tuple[Tag, Job]]:
        """Give the accepted jobs with their tags, oldest first: all of them, or the oldest ``least`` and perhaps more."""
        if self._complete:
            return list(self._jobs.items())
        before = self._heard
        limit = least + _AHEAD
        jobs = await self._store.accepted(self._cluster, limit=limit)
        tagged = [(job.tag, job) for job in jobs]
        if self._heard == before:  # otherwise the answer may be older than what was heard meanwhile
            self._jobs = {tag: job for tag, job in tagged if job.cancel is None}
            self._complete = len(jobs) < limit
        return tagged
