"""Ends jobs whose total time is over while they wait. One that is handed over has what is left of it as its limit."""

import heapq
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from headway.core.core import Core
from headway.core.errors import Conflict, NotFound, StorageFull
from headway.core.model.change import Change
from headway.core.model.job import Job
from headway.core.model.names import Cluster, JobId, Tag
from headway.core.model.state import Reason, State
from headway.core.operations.apply import apply
from headway.core.passes.ends import ended
from headway.core.policy.limits import deadline

logger: Final = logging.getLogger(__name__)


class Overdue:
    """One cluster's accepted jobs that have a deadline; those that ``is_sent`` names are their executor's to end."""

    def __init__(self, core: Core, *, cluster: Cluster, is_sent: Callable[[Tag], bool]) -> None:
        self._core = core
        self._cluster = cluster
        self._is_sent = is_sent
        self._deadlines: list[tuple[datetime, JobId]] = []
        self._known: set[JobId] = set()

    def heard(self, job: Job) -> None:
        """Hear of a job of this cluster as it was just committed."""
        end = deadline(job) if job.state is State.ACCEPTED else None
        if end is not None:
            self._add(end, job.id)

    async def end(self) -> None:
        """End those whose time is over.

        Raises:
            StorageFull: no space to write of one; it is ended in a later round.
        """
        now = self._core.clock.now()
        while self._deadlines and self._deadlines[0][0] <= now:
            end, job_id = heapq.heappop(self._deadlines)
            self._known.discard(job_id)
            try:
                await apply(self._core, job_id=job_id, decide=self._decide)
            except StorageFull:
                self._add(end, job_id)
                raise
            except (Conflict, NotFound) as error:
                logger.info("job %s: %s", job_id, error)

    def _add(self, end: datetime, job_id: JobId) -> None:
        if job_id not in self._known:
            self._known.add(job_id)
            heapq.heappush(self._deadlines, (end, job_id))

    def _decide(self, job: Job) -> Change | None:
        if job.state is not State.ACCEPTED or self._is_sent(job.tag):
            return None
        limit_s = job.spec.attributes.total_duration
        words = f"its total time of {limit_s:g} s passed before it could start"
        now = self._core.clock.now()
        return ended(job, self._cluster, State.FAILED, Reason.TIMEOUT, message=words, at=now)
