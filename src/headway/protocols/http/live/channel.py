"""Clients that are told the same."""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from headway.core.model.event import Event
from headway.core.model.group import InGroups
from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq
from headway.core.model.worker import NO_TALLY, Tally
from headway.protocols.http.live.batch import Batch, JobNews
from headway.protocols.http.live.frame import Frame, encoded
from headway.protocols.http.live.grouped import Grouped, ReadBelow
from headway.protocols.http.live.subscriber import Subscriber
from headway.protocols.http.live.wanted import Rendering, Wanted

_NO_GROUPS: Final[Mapping[InGroups, Collection[JobId]]] = {}
_NONE: Final[AbstractSet[JobId]] = frozenset()


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
    """What these clients want, and they; a Feed to each.

    Attributes:
        offered: those who look at each frame themselves.
        written: those of whom only the way to the wire is needed. With a thousand clients most of a delivery's cost beside
            the kernel's is fetching cold memory: nothing else of theirs is touched.
        told_s: when the channel last got a frame, by the hub's clock.
    """

    def __init__(self, wanted: Wanted, last_seq: Callable[[], Seq], read: ReadBelow) -> None:
        self.wanted = wanted
        watched = wanted.selection.groups if wanted.job is None else ()
        self.grouped = Grouped(watched, read) if watched else None
        self._last_seq = last_seq
        self.offered: dict[Subscriber, None] = {}
        self.written: dict[Subscriber, Callable[[bytes], None]] = {}
        self.told_s = 0.0

    @property
    def subscribers(self) -> list[Subscriber]:
        """Those who offered themselves, however they get their frames."""
        return [*self.offered, *self.written]

    def enter(self, subscriber: Subscriber) -> None:
        """Take a subscriber, to be offered frames."""
        self.offered[subscriber] = None

    def leave(self, subscriber: Subscriber) -> bool:
        """Let a subscriber go; tells whether it was here."""
        was_here = subscriber in self.offered or subscriber in self.written
        self.offered.pop(subscriber, None)
        self.written.pop(subscriber, None)
        return was_here

    def write_directly(self, subscriber: Subscriber, write: Callable[[bytes], None]) -> None:
        """Have a subscriber's frames written to the wire; one that has left stays away."""
        if subscriber in self.offered:
            del self.offered[subscriber]
            self.written[subscriber] = write

    def offer_again(self, subscriber: Subscriber) -> None:
        """Have a subscriber offered frames again."""
        if self.written.pop(subscriber, None) is not None:
            self.offered[subscriber] = None

    def reset(self) -> Frame:
        """Make the frame that tells to start anew."""
        return self._reset(self._last_seq())

    def frame(self, told: Told, *, most: int) -> Frame | None:
        """Give the frame that tells a batch; None when nothing in it is wanted. More than ``most`` changes are a reset."""
        wanted, below, moved = self.wanted, _NO_GROUPS, _NONE
        if self.grouped is not None:
            below, moved = self.grouped.jobs, self.grouped.moved
        changes: list[bytes] = []
        for job_id in self._candidates(told.batch):
            row, was = told.rows.get(job_id), told.batch.jobs[job_id].was
            if row is None:
                continue  # deleted meanwhile
            if wanted.covers(row, below):
                changes += told.of_job(wanted.rendering, job_id)
            elif job_id in moved and wanted.visibility.covers(row):
                changes.append(encoded(wanted.rendering.gone(job_id)))
            elif was is not None and wanted.covers(was, below):
                changes += told.of_job(wanted.rendering, job_id)  # how it is now, for the last time
                changes.append(encoded(wanted.rendering.gone(job_id)))
        changes += [encoded(wanted.rendering.gone(job_id)) for job_id in told.batch.gone]
        changes += [
            encoded(wanted.rendering.event(event))
            for event in told.batch.events
            if self._is_told(event)
        ]
        if len(changes) > most:
            return self._reset(told.batch.seq)
        return Frame(told.batch.seq, changes) if changes else None

    def _is_told(self, event: Event) -> bool:
        """Tell whether clients hear of what belongs to no job: of groups those who watch them, or everything of their owner's."""
        if self.wanted.covers_all:
            return True
        if event.group is None or not self.wanted.visibility.covers_owner(event.group[0]):
            return False
        if self.grouped is None:
            return self.wanted.watches_all
        return self.grouped.has(event)

    def _reset(self, seq: Seq) -> Frame:
        return Frame(seq, [encoded(self.wanted.rendering.reset())], is_reset=True)

    def _candidates(self, batch: Batch) -> Sequence[JobId]:
        only = self.wanted.job
        if only is None:
            return list(batch.jobs)
        return [only] if only in batch.jobs else []
