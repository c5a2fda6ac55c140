"""Gathers what the store commits and sends it on, a frame at a time."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Final

import msgspec

from headway.core.errors import NotFound
from headway.core.model.change import Written
from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq
from headway.core.ports.store import Store
from headway.protocols.http.live.batch import Batch, watched
from headway.protocols.http.live.channel import Channel, Told
from headway.protocols.http.live.frame import Frame
from headway.protocols.http.live.grouped import Grouped
from headway.protocols.http.live.subscriber import FirstFrame, Subscriber
from headway.protocols.http.live.wanted import StillKnown, Wanted

logger = logging.getLogger(__name__)

_KNOWN_JOBS: Final = 4096
_WRITES_AT_A_TIME: Final = 256


class HubLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much is told how often.

    Attributes:
        batch_s: a channel gets at most one frame in this time. The first after a pause goes out at once, so that a lone
            change is seen immediately; those behind it wait for the rest of this time.
        recheck_s: how often it is looked whether the tokens, sessions and links that clients came by are still good.
        changes: a frame with more changes is a reset instead.
        missed_changes: a client that comes back and missed more than this starts anew.
        quiet_s: a channel that nothing concerned for so long is told the sequence all the same, so that its clients
            can come back without starting anew.
    """

    batch_s: float = 0.25
    recheck_s: float = 5.0
    changes: int = 5000
    missed_changes: int = 1000
    quiet_s: float = 30.0


class HubFigures(msgspec.Struct):
    """What went through, for metrics. ``deliveries`` counts a frame once for each client."""

    clients: int = 0
    frames: int = 0
    deliveries: int = 0
    resets: int = 0


DEFAULT_LIMITS: Final = HubLimits()


class Hub:
    """All live clients of a store. Costs nothing while there are none."""

    def __init__(self, store: Store, *, limits: HubLimits = DEFAULT_LIMITS) -> None:
        self._store = store
        self._limits = limits
        self.figures = HubFigures()
        self._channels: dict[Hashable, Channel] = {}
        self._known: OrderedDict[JobId, Job] = OrderedDict()
        self._batch = Batch()
        self._sent_s = float("-inf")
        self._task: asyncio.Task[None] | None = None
        self._unlisten: Callable[[], None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._rechecked: dict[Subscriber, StillKnown] = {}
        self._rechecking: asyncio.Task[None] | None = None

    async def subscribe(self, wanted: Wanted, subscriber: Subscriber) -> None:
        """Send ``subscriber`` what it missed, then what happens, until ``unsubscribe``.

        It is entered before what it missed is read, so that nothing falls in between; what is in both it gets once, or
        twice in the same state.
        """
        if self._unlisten is None:
            self._unlisten = self._store.listen(self._written)
        channel = self._channels.get(wanted.channel)
        if channel is None:
            channel = self._channels[wanted.channel] = Channel(
                wanted, self._store.last_seq, self._store.below
            )
            channel.told_s = asyncio.get_running_loop().time()
        channel.enter(subscriber)
        self._recheck(subscriber, wanted.still_known)
        self.figures.clients += 1
        first = await self._first(channel, wanted.after)
        self.figures.resets += first.is_reset
        subscriber.begin(first, channel)

    async def missed(self, wanted: Wanted) -> Frame:
        """Give the frame that a subscriber would begin with, for a client that asks again and again."""
        subscriber = FirstFrame()
        try:
            await self.subscribe(wanted, subscriber)
        finally:
            self.unsubscribe(wanted, subscriber)
        return subscriber.frame

    def unsubscribe(self, wanted: Wanted, subscriber: Subscriber) -> None:
        """Send nothing more; unknown subscribers are no error."""
        channel = self._channels.get(wanted.channel)
        if channel is None or not channel.leave(subscriber):
            return
        self._rechecked.pop(subscriber, None)
        self.figures.clients -= 1
        if not channel.subscribers:
            del self._channels[wanted.channel]
        if not self._channels and self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
            self._known.clear()
            self._batch = Batch()
            for task in (self._stopping, self._rechecking):
                if task is not None:
                    task.cancel()
            self._stopping = self._rechecking = None

    def _recheck(self, subscriber: Subscriber, still_known: StillKnown | None) -> None:
        """Look from time to time whether a client would still be let in."""
        if still_known is None:
            return
        self._rechecked[subscriber] = still_known
        if self._rechecking is None:
            self._rechecking = asyncio.create_task(self._recheck_all())

    async def _recheck_all(self) -> None:
        while True:
            await asyncio.sleep(self._limits.recheck_s)
            for subscriber, still_known in tuple(self._rechecked.items()):
                try:
                    is_known = await still_known()
                except Exception:
                    logger.exception("a live client could not be recognised again")
                    continue
                if not is_known and subscriber in self._rechecked:
                    subscriber.drop()

    def end_with(self, stopping: asyncio.Event) -> None:
        """End every subscriber when the server stops."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._end_all(stopping))

    async def _end_all(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        for channel in self._channels.values():
            for subscriber in channel.subscribers:
                subscriber.end()

    def _written(self, commit: Sequence[Written]) -> None:
        """Take a commit; called by the store."""
        for written in commit:
            self._batch.add(written, [self._remembered(job) for job in written.jobs])
        if self._task is None:
            self._task = asyncio.create_task(self._send_batches())
        if any(token.revoked for written in commit for token in written.tokens):
            self._drop_all()

    def _drop_all(self) -> None:
        """Have every client come back: whoever came by the token that was revoked is then refused.

        Tokens are seldom revoked, and clients that come back miss nothing; so nobody keeps count of who came by which.
        """
        for channel in self._channels.values():
            for subscriber in channel.subscribers:
                subscriber.drop()

    async def _send_batches(self) -> None:
        """Send until there is nothing more to send."""
        clock = asyncio.get_running_loop().time
        try:
            while self._batch.size:
                wait_s = self._sent_s + self._limits.batch_s - clock()
                if wait_s > 0:
                    await asyncio.sleep(wait_s)
                self._sent_s = clock()
                batch, self._batch = self._batch, Batch()
                try:
                    await self._send(batch)
                except Exception:  # the top of this loop: clients start anew, the loop goes on
                    logger.exception("changes up to %d could not be told", batch.seq)
                    await self._deliver([(c, c.reset()) for c in self._channels.values()])
        finally:
            self._task = None

    async def _send(self, batch: Batch) -> None:
        channels = list(self._channels.values())
        for channel in channels:
            if channel.grouped is not None:
                await self._follow(channel.grouped, batch)
        told = await self._told(batch, channels)
        now_s = self._sent_s
        frames: list[tuple[Channel, Frame]] = []
        for channel in channels:
            frame = channel.frame(told, most=self._limits.changes)
            if frame is None and now_s - channel.told_s >= self._limits.quiet_s:
                frame = Frame(batch.seq, [])
            if frame is not None:
                channel.told_s = now_s
                frames.append((channel, frame))
        await self._deliver(frames)

    async def _follow(self, grouped: Grouped, batch: Batch) -> None:
        """Have a channel know what is in its groups; jobs that came there or went are told of as if they had changed."""
        await grouped.follow(batch)
        for job_id in grouped.moved:
            batch.of(job_id).touched = True

    async def _deliver(self, frames: Collection[tuple[Channel, Frame]]) -> None:
        count = 0
        for channel, frame in frames:
            self.figures.frames += 1
            self.figures.resets += frame.is_reset
            for subscriber in tuple(channel.offered):
                subscriber.offer(frame)
            count += len(channel.offered)
            for write in tuple(channel.written.values()):
                try:
                    write(frame.websocket)
                except (
                    RuntimeError
                ):  # uvloop's, of a transport that was closed and did not say so yet
                    continue
                count += 1
                if count % _WRITES_AT_A_TIME == 0:
                    await asyncio.sleep(0)  # requests are served in between
        self.figures.deliveries += count

    async def _told(self, batch: Batch, channels: Collection[Channel]) -> Told:
        """Read what the batch leaves out: the documents and roll-ups of the jobs whose parts changed."""
        wanted: set[JobId] = set()
        for channel in channels:
            only = channel.wanted.job
            if only is None:
                wanted.update(batch.jobs)
                break
            if only in batch.jobs:
                wanted.add(only)
        rows: dict[JobId, Job] = {}
        for job_id in wanted:
            row = batch.jobs[job_id].row or await self._row(job_id)
            if row is not None:
                rows[job_id] = row
        counted = [i for i in rows if batch.jobs[i].row is not None or batch.jobs[i].touched]
        tallies = await self._store.tallies(counted) if counted else {}
        return Told(batch, rows, tallies)

    async def _row(self, job_id: JobId) -> Job | None:
        known = self._known.get(job_id)
        if known is not None:
            self._known.move_to_end(job_id)
            return known
        try:
            read = watched(await self._store.job(job_id))
        except NotFound:
            return None
        # A commit may have come while this was read: then its row is the newer one.
        newer = self._known.get(job_id)
        if newer is not None and newer.rev >= read.rev:
            return newer
        self._remember(read)
        return read

    def _remembered(self, job: Job) -> Job:
        row = watched(job)
        self._remember(row)
        return row

    def _remember(self, row: Job) -> None:
        self._known[row.id] = row
        self._known.move_to_end(row.id)
        if len(self._known) > _KNOWN_JOBS:
            self._known.popitem(last=False)

    async def _first(self, channel: Channel, after: Seq | None) -> Frame:
        """Give the frame that a client begins with: what it missed, or only where it is."""
        if channel.grouped is not None:
            await channel.grouped.load()
        seq = self._store.last_seq()
        if after is None or after == seq:
            return Frame(seq, [])
        wanted = channel.wanted
        missed = await self._store.changed_since(
            after,
            wanted.selection,
            wanted.visibility,
            job=wanted.job,
            limit=self._limits.missed_changes,
        )
        if missed is None:
            return channel.reset()
        batch = Batch()
        for written in missed:
            batch.add(written, [watched(job) for job in written.jobs])
        batch.seq = seq
        told = await self._told(batch, [channel])
        return channel.frame(told, most=self._limits.changes) or Frame(seq, [])
