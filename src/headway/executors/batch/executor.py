"""A dialect and a transport behind the port Executor."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Final

from headway.core.errors import ExecutorRejected, ExecutorUnavailable
from headway.core.model.job import Kind
from headway.core.model.names import JobId, Tag, job_of_tag
from headway.core.model.spec import Spec
from headway.core.ports.clock import Clock
from headway.core.ports.executor import (
    Explanation,
    Launch,
    LogPart,
    Observation,
    Refusal,
    Stream,
)
from headway.executors.batch.arrays import Arrays
from headway.executors.batch.cancelling import Cancelling
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.entries import Entries
from headway.executors.batch.explaining import Explaining
from headway.executors.batch.following import Following
from headway.executors.batch.foreign import Foreign
from headway.executors.batch.gravity import judged
from headway.executors.batch.handing import Handing
from headway.executors.batch.native import Listing
from headway.executors.batch.own_commands import OwnCommands
from headway.executors.batch.pace import IDLE_S, SHARE, Pace
from headway.executors.batch.patience import Patience
from headway.executors.batch.place import Places
from headway.executors.batch.reading import Reading
from headway.executors.batch.record import read_ended, read_started
from headway.executors.batch.records import Records
from headway.executors.batch.site import Site
from headway.executors.batch.submitting import Submitting
from headway.executors.batch.taking_up import TakingUp
from headway.executors.batch.transport import Transport
from headway.executors.batch.whose import Whose
from headway.executors.batch.wrappers import wrapper_files, wrappers_of

_AFTER_CANCEL_S: Final = 1.0
_MOST_ELEMENTS: Final = 1000
_AT_MOST_RECORD_BYTES: Final = 16_384


class BatchExecutor:
    """Runs jobs through a batch scheduler. See headway.core.ports.executor.Executor.

    Args:
        dialect: what is known of the scheduler.
        transport: how it is reached; nobody else uses it.
        clock: tells when things were asked.
        root: a directory on the cluster, absolute, that the submitting host and all nodes see.
        jobs_at_once: how many attempts may be in the scheduler at a time.
        defaults: the scheduler's own options for every job.
        tells_server: jobs tell the server themselves when they begin and end, where they reach it.
        idle_s: between listings when nothing asks for more.
        listing_share: of the time, listings take at most so much, whoever asks.
    """

    def __init__(
        self,
        *,
        dialect: Dialect,
        transport: Transport,
        clock: Clock,
        root: str,
        jobs_at_once: int,
        defaults: Mapping[str, str],
        tells_server: bool = True,
        idle_s: float = IDLE_S,
        listing_share: float = SHARE,
        patience: Patience | None = None,
    ) -> None:
        self._dialect = dialect
        self._transport = transport
        self._whose = Whose(dialect)
        self._clock = clock
        self._places = places = Places(root)
        self._jobs_at_once = jobs_at_once
        self._entries = entries = Entries(dialect.mark)
        records = Records(places, transport, first_index=dialect.variables.first)
        site = Site(dialect, transport, places, records, entries, clock)
        self._arrays = Arrays(places, transport)
        self._explaining = Explaining(dialect, transport)
        self._handing = Handing(
            dialect=dialect,
            transport=transport,
            places=places,
            own_commands=OwnCommands(site),
            wrappers=wrappers_of(places),
            defaults=defaults,
            tells_server=tells_server,
        )
        self._submitting = Submitting(site, self._handing, say=self._say)
        self._taking_up = TakingUp(site, self._arrays)
        self._following = Following(site, patience or Patience())
        self._cancelling = Cancelling(site)
        self._reading = Reading(site)
        self._wake = asyncio.Event()
        self._cancelling_s = 0.0  #: from when on the next wish has a listing of its own
        self._pace = Pace(idle_s=idle_s, share=listing_share)
        self._foreign = Foreign(dialect, transport, self._pace, self._list_now)
        self._news: list[Observation] = []

    async def start(self) -> None:
        """Connect, put the wrapper in its place, and see that it is this scheduler."""
        await self._transport.start()
        await self._transport.write(wrapper_files(self._places))
        try:
            self._dialect.read_version(await self._transport.run(self._dialect.version()))
        except ExecutorRejected as error:
            raise ExecutorUnavailable(str(error)) from None
        await self._whose.learn(self._transport)
        await self._handing.start()

    def room(self) -> int:
        """Tell how many more attempts may be handed to the scheduler."""
        there = sum(not entry.over for entry in self._entries)
        return max(0, self._jobs_at_once - there)

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Name what the scheduler is not asked for."""
        return self._dialect.unheeded(spec)

    def takes(self, kind: Kind) -> bool:
        """Take commands."""
        return kind is Kind.COMMAND

    def array_limit(self) -> int:
        """Take so many elements as one native array; more than Slurm takes by default (MaxArraySize) would be refused."""
        return _MOST_ELEMENTS

    async def submit(self, launches: Sequence[Launch]) -> Sequence[Refusal]:
        """Submit attempts; on return the scheduler has answered for each with an id, or refused it."""
        refusals = await self._submitting.submit(launches)
        self._pace.want(at_s=self._now_s())
        self._wake.set()
        return refusals

    async def find(self, tags: Collection[Tag]) -> Collection[Tag]:
        """Tell which attempts the scheduler lists under their marks, or have records in their directories."""
        for tag in tags:
            if (entry := self._entries.get(tag)) is not None:
                entry.repeat()
        listing = await self._list()
        unknown = [tag for tag in tags if self._entries.get(tag) is None]
        if unknown:
            await self._taking_up.take_up(unknown, listing)
            self._wake.set()
        found = {tag for tag in tags if self._entries.get(tag) is not None}
        await self._look(listing)
        return found

    async def observations(self) -> AsyncIterator[Sequence[Observation]]:
        """Give what jobs tell at once, and what each listing tells."""
        while True:
            if self._news:
                news, self._news = one_attempt_each(self._news)
                yield news
                continue
            if not self._is_needed:
                self._wake.clear()
                await self._wake.wait()
                self._pace.rested(at_s=self._now_s())
                continue
            wait_s = self._pace.next_s(at_s=self._now_s()) - self._now_s()
            if wait_s <= 0:
                await self._look(await self._list())
                continue
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()

    @property
    def _is_needed(self) -> bool:
        """Tell whether there is anybody to be looked for."""
        return bool(len(self._entries)) or self._foreign.is_followed

    async def settled(self, tags: Collection[Tag]) -> None:
        """Follow ended attempts no more, or until the next listing may have the scheduler's word; their directories stay until ``forget``."""
        for tag in tags:
            entry = self._entries.get(tag)
            if entry is None or not entry.over or entry.is_lost:
                continue
            if entry.end is None:
                self._entries.drop(entry)
            else:
                entry.settled = self._clock.now()

    async def cancel(self, tags: Collection[Tag]) -> None:
        """Have the scheduler end attempts that it lists under our marks; those it does not list never begin.

        Wishes that follow one another closely, as those of an array's elements do, wait for the next listing together.
        """
        entries = [entry for tag in tags if (entry := self._entries.get(tag)) and not entry.over]
        if not entries:
            return
        now = self._clock.now()
        for entry in entries:
            entry.cancelled, entry.ending = now, ()
        if self._now_s() >= self._cancelling_s:
            await self._look(await self._list())
            self._cancelling_s = self._now_s() + _AFTER_CANCEL_S
        self._pace.want(at_s=self._now_s(), in_s=_AFTER_CANCEL_S)
        self._wake.set()

    async def _look(self, listing: Listing) -> None:
        await self._cancelling.end(listing)
        self._say(await self._following.look(listing))

    async def heard(self, tag: Tag, record: bytes) -> None:
        """Say at once what a wrapper tells of itself, and look for the scheduler's word where that is needed too."""
        entry = self._entries.get(tag) or self._entries.marked(self._dialect.mark(tag))
        if entry is None or len(record) > _AT_MOST_RECORD_BYTES:
            return
        ended, started = read_ended(record), read_started(record)
        if ended is not None:
            self._say(self._following.ended(entry, ended))
            if not entry.over:
                self._pace.want(at_s=self._now_s(), in_s=_AFTER_CANCEL_S)
                self._wake.set()
        elif started is not None:
            self._say(self._following.began(entry, started))

    def hurry(self) -> None:
        """List every second for the next seconds."""
        self._pace.watched(at_s=self._now_s())
        self._wake.set()

    async def explain(self, tag: Tag) -> Explanation | None:
        """Tell what the last listing said of an attempt."""
        entry = self._entries.get(tag)
        if entry is None or entry.waiting is None:
            return None
        waiting = entry.waiting
        return Explanation(
            native_id=entry.native_id,
            word=entry.told.native_state if entry.told else "",
            why=waiting.why,
            expected_start=waiting.expected_start,
            position=waiting.position,
            queue=waiting.queue,
            host=waiting.host,
            at=waiting.at,
        )

    async def native_detail(self, tag: Tag) -> str:
        """Ask the scheduler for all it has on an attempt: ``scontrol show job``."""
        return await self._reading.detail(tag)

    async def read_log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read what the job wrote, from its directory on the cluster."""
        return await self._reading.log(tag, stream, offset=offset, limit=limit)

    async def forget(self, tags: Collection[Tag]) -> None:
        """Delete the attempts' directories on the cluster."""
        for tag in tags:
            entry = self._entries.get(tag)
            if entry is not None and entry.settled is not None:
                self._entries.drop(entry)
        await self._transport.remove([self._places.of(tag) for tag in tags])
        await self._arrays.forget(tags)

    def foreign(self) -> Foreign:
        """Give what the listings say of jobs without our mark."""
        return self._foreign

    async def close(self) -> None:
        """Disconnect; jobs run on."""
        await self._transport.close()

    async def _list(self) -> Listing:
        asked, began_s = self._clock.now(), self._now_s()
        rows = self._dialect.listed(await self._transport.run(self._dialect.listing()))
        rows = judged(await self._explaining.of(rows), self._dialect.name)
        now_s = self._now_s()
        self._pace.listed(at_s=now_s, took_s=now_s - began_s)
        listing = Listing(rows=self._whose.own(rows), asked=asked)
        self._foreign.heard(listing)
        return listing

    def _list_now(self) -> None:
        self._pace.want(at_s=self._now_s(), in_s=0.0)
        self._wake.set()

    def _say(self, news: Sequence[Observation]) -> None:
        if news:
            self._news += news
            self._wake.set()

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


def one_attempt_each(
    news: Sequence[Observation],
) -> tuple[list[Observation], list[Observation]]:
    """Divide where a job's next attempt is told of: whoever hears a batch takes it for one moment."""
    tags: dict[JobId, Tag] = {}
    for count, each in enumerate(news):
        if tags.setdefault(job_of_tag(each.tag)[0], each.tag) != each.tag:
            return list(news[:count]), list(news[count:])
    return list(news), []
