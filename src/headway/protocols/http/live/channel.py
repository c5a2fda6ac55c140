"""Clients that are told the same."""

from collections.abc import Mapping, Sequence

from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq
from headway.core.model.worker import NO_TALLY, Tally
from headway.protocols.http.live.batch import Batch, JobNews
from headway.protocols.http.live.frame import Frame, encoded
from headway.protocols.http.live.subscriber import Subscriber
from headway.protocols.http.live.wanted import Rendering, Wanted


class Told:
    """A batch in words: what changed about each job, serialised once for each rendering."""

    def __init__(
        self, batch: Batch, rows: Mapping[JobId, Job], tallies: Mapping[JobId, Tally]
    ) -> None:
        self.batch = batch
        self.rows = rows
        self._tallies = tallies
        self._known: dict[tuple[int, JobId], Sequence[bytes]] = {}

    def of_job(self, rendering: Rendering, job_id: JobId) -> Sequence[bytes]:
        """Give a job's changes."""
        key = (id(rendering), job_id)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._render(rendering, job_id, self.batch.jobs[job_id])
        return known

    def _render(self, rendering: Rendering, job_id: JobId, news: JobNews) -> Sequence[bytes]:
        changes: list[object] = []
        if news.row is not None or news.touched:
            tally = self._tallies.get(job_id, NO_TALLY)
            changes.append(rendering.job(self.rows[job_id], tally))
        changes.extend(rendering.worker(worker) for worker in news.workers.values())
        if news.counters is not None:
            changes.append(rendering.counters(job_id, news.counters))
        changes.extend(rendering.event(event) for event in news.events)
        return [encoded(change) for change in changes]


class Channel:
    """What these clients want, and they."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.subscribers: set[Subscriber] = set()
        self.told_s = 0.0  #: when it last got a frame, by the hub's clock

    def frame(self, told: Told, *, most: int) -> Frame | None:
        """Give the frame that tells a batch; None when nothing in it is wanted. More than ``most`` changes are a reset."""
        wanted = self.wanted
        changes: list[bytes] = []
        for job_id in self._candidates(told.batch):
            if self._covers(told, job_id):
                changes += told.of_job(wanted.rendering, job_id)
        if wanted.covers_all:
            changes += [encoded(wanted.rendering.event(event)) for event in told.batch.events]
        if len(changes) > most:
            return self.reset(told.batch.seq)
        return Frame(told.batch.seq, changes) if changes else None

    def reset(self, seq: Seq) -> Frame:
        """Give the frame that tells to start anew."""
        return Frame(seq, [encoded(self.wanted.rendering.reset())], is_reset=True)

    def _candidates(self, batch: Batch) -> Sequence[JobId]:
        only = self.wanted.job
        if only is None:
            return list(batch.jobs)
        return [only] if only in batch.jobs else []

    def _covers(self, told: Told, job_id: JobId) -> bool:
        row = told.rows.get(job_id)
        if row is None:
            return False  # deleted meanwhile
        was = told.batch.jobs[job_id].was
        return self.wanted.covers(row) or (was is not None and self.wanted.covers(was))
