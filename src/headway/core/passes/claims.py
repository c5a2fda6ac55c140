"""Native jobs without a mark that are followed all the same: a job's own command has submitted them (see ``Spec.submits``)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

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


class _Span(NamedTuple):
    """Between when and when a native job must have been submitted to be this one: ids are given out again."""

    least: datetime
    most: datetime


class Claims:
    """One cluster's. It hears of every commit until ``close``."""

    def __init__(self, core: Core, cluster: Cluster) -> None:
        self._core = core
        self._cluster = cluster
        self._submitted: dict[NativeId, _Span] = {}
        self._new: set[NativeId] = set()
        self._unlisten = core.store.listen(self._hear)

    def close(self) -> None:
        """Hear no more."""
        self._unlisten()

    async def start(self) -> None:
        """Read what was claimed before."""
        for job in await self._core.store.unfinished(self._cluster):
            await self._add_all(job)
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
                await self._add_all(job)
            before = page[-1].number

    def hold(self, seen: ForeignJob) -> bool:
        """Tell whether a foreign job is one of these: its id alone does not say so."""
        span = self._submitted.get(seen.id)
        if span is None:
            return False
        return seen.submitted is None or span.least <= seen.submitted <= span.most

    def newly(self) -> set[NativeId]:
        """Give the ids that were claimed since the last call."""
        new, self._new = self._new, set()
        return new

    def _hear(self, commits: Sequence[Written]) -> None:
        for written in commits:
            for job in written.jobs:
                self._add(job)

    async def _add_all(self, job: Job) -> None:
        """Add what a job's attempts before this one have submitted too."""
        if job.spec.submits is not None and job.attempt > 1:
            for attempt in await self._core.store.attempts(job.id):
                over = attempt.started or attempt.ended
                if over is not None:
                    self._claim(attempt.native_id, job.created, over)
        self._add(job)

    def _add(self, job: Job) -> None:
        if job.spec.submits is None or job.cluster != self._cluster:
            return
        at = job.queued or job.started or job.created
        self._claim(job.native_id, at, at)

    def _claim(self, native_id: NativeId | None, least: datetime, most: datetime) -> None:
        if native_id is None:
            return
        if native_id not in self._submitted:
            self._new.add(native_id)
        self._submitted[native_id] = _Span(least - _CLOCKS_DIFFER, most + _CLOCKS_DIFFER)
