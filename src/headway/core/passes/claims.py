"""Native jobs without a mark that are followed all the same: a job's own command has submitted them (see ``Spec.submits``)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from headway.core.core import Core
from headway.core.model.change import Written
from headway.core.model.condition import Condition, Field, Within
from headway.core.model.job import Job
from headway.core.model.names import Cluster, NativeId
from headway.core.model.selection import Selection, Visibility
from headway.core.ports.foreign import ForeignJob

_PAGE: Final = 500
_LISTED_FOR: Final = timedelta(days=1)  #: no scheduler lists an ended job for longer
_CLOCKS_DIFFER: Final = timedelta(minutes=5)


class Claims:
    """One cluster's. It hears of every commit until ``close``."""

    def __init__(self, core: Core, cluster: Cluster) -> None:
        self._core = core
        self._cluster = cluster
        self._since: dict[NativeId, datetime] = {}
        self._new: set[NativeId] = set()
        self._unlisten = core.store.listen(self._hear)

    def close(self) -> None:
        """Hear no more."""
        self._unlisten()

    async def start(self) -> None:
        """Read what was claimed before."""
        for job in await self._core.store.unfinished(self._cluster):
            self._add(job)
        lately = Within(least=self._core.clock.now() - _LISTED_FOR)
        ended = Selection(
            cluster=self._cluster,
            children=True,
            hidden=True,
            where=(Condition(Field.ENDED, (lately,)),),
        )
        before: int | None = None
        while page := await self._core.store.jobs(
            ended, Visibility(everything=True), limit=_PAGE, before=before
        ):
            for job in page:
                self._add(job)
            before = page[-1].number

    def hold(self, seen: ForeignJob) -> bool:
        """Tell whether a foreign job is one of these: its id alone does not say so."""
        since = self._since.get(seen.id)
        if since is None:
            return False
        return seen.submitted is None or abs(seen.submitted - since) <= _CLOCKS_DIFFER

    def newly(self) -> set[NativeId]:
        """Give the ids that were claimed since the last call."""
        new, self._new = self._new, set()
        return new

    def _hear(self, commits: Sequence[Written]) -> None:
        for written in commits:
            for job in written.jobs:
                self._add(job)

    def _add(self, job: Job) -> None:
        if job.spec.submits is None or job.native_id is None or job.cluster != self._cluster:
            return
        if job.native_id not in self._since:
            self._new.add(job.native_id)
        self._since[job.native_id] = job.queued or job.started or job.created
