"""A dialect and a transport behind the port Executor."""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Final

from headway.core.errors import ExecutorRejected, ExecutorUnavailable, NotFound
from headway.core.model.names import JobId, NativeId, Tag, job_of_tag, tag_of
from headway.core.model.spec import Spec
from headway.core.model.state import State
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
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.entries import Entries, Entry, Followed, Told
from headway.executors.batch.following import Following, Listing, Patience
from headway.executors.batch.foreign import Foreign
from headway.executors.batch.handing import Handed, Handing, tags_of
from headway.executors.batch.own_commands import OwnCommands
from headway.executors.batch.pace import IDLE_S, SHARE, Pace
from headway.executors.batch.place import Places
from headway.executors.batch.record import read_ended, read_started
from headway.executors.batch.records import Found, Records, Wanted
from headway.executors.batch.script import Wrappers
from headway.executors.batch.transport import File, Transport

logger = logging.getLogger(__name__)

_WRAPPERS: Final = ("wrapper.py", "wrapper.sh")
_DIGEST_DIGITS: Final = 12
_AFTER_CANCEL_S: Final = 1.0
_NOT_YET: Final = datetime.max.replace(tzinfo=UTC)  #: no listing can be expected to have it
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
        self._clock = clock
        self._places = Places(root)
        self._jobs_at_once = jobs_at_once
        self._entries = Entries(dialect.mark)
        self._records = Records(self._places, transport)
        self._arrays = Arrays(self._places, transport)
        self._wrapper_files = _wrapper_files(self._places)
        self._handing = Handing(
            dialect=dialect,
            transport=transport,
            places=self._places,
            own_commands=OwnCommands(
                dialect=dialect,
                transport=transport,
                places=self._places,
                records=self._records,
                clock=clock,
            ),
            wrappers=Wrappers(
                python=self._wrapper_files[0].path, shell=self._wrapper_files[1].path
            ),
            defaults=defaults,
            tells_server=tells_server,
        )
        self._following = Following(
            dialect=dialect,
            transport=transport,
            records=self._records,
            entries=self._entries,
            clock=clock,
            patience=patience or Patience(),
        )
        self._pace = Pace(idle_s=idle_s, share=listing_share)
        self._foreign = Foreign(dialect, transport, self._pace)
        self._wake = asyncio.Event()
        self._news: list[Observation] = []

    async def start(self) -> None:
        """Connect, put the wrapper in its place, and see that it is this scheduler."""
        await self._transport.start()
        await self._transport.write(self._wrapper_files)
        try:
            self._dialect.read_version(await self._transport.run(self._dialect.version()))
        except ExecutorRejected as error:
            raise ExecutorUnavailable(str(error)) from None

    def room(self) -> int:
        """Tell how many more attempts may be handed to the scheduler."""
        return max(0, self._jobs_at_once - len(self._entries))

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Name what the scheduler is not asked for."""
        return self._dialect.unheeded(spec)

    def array_limit(self) -> int:
        """Take so many elements as one native array; more than Slurm takes by default (MaxArraySize) would be refused."""
        return _MOST_ELEMENTS

    async def submit(self, launches: Sequence[Launch]) -> Sequence[Refusal]:
        """Submit attempts; on return the scheduler has answered for each with an id, or refused it."""
        new = [one for one in launches if all(self._entries.get(t) is None for t in tags_of(one))]
        for launch in new:
            self._expect(launch)
        answered: set[Tag] = set()
        try:
            handed = await self._handing.hand_over(new)
            answered = {*handed.answers, *handed.followed}
            self._follow(handed.followed)
            await self._keep_answers(new, handed)
        finally:
            for launch in new:
                if launch.tag not in answered:
                    self._drop(tags_of(launch))
        if handed.trouble is not None:
            raise handed.trouble
        self._pace.want(at_s=self._now_s())
        self._wake.set()
        return handed.refusals

    def _expect(self, launch: Launch) -> None:
        if not launch.elements:
            self._entries.add(Entry(launch.tag, base=launch.tag, since=_NOT_YET))
        for index, element in enumerate(launch.elements):
            tag = element.tag
            self._entries.add(Entry(tag, base=tag, since=_NOT_YET, home=launch.tag, element=index))

    def _drop(self, tags: Iterable[Tag]) -> None:
        for tag in tags:
            entry = self._entries.get(tag)
            if entry is not None:
                self._entries.drop(entry)

    async def find(self, tags: Collection[Tag]) -> Collection[Tag]:
        """Tell which attempts the scheduler lists under their marks, or have records in their directories."""
        listing = await self._list()
        unknown = [tag for tag in tags if self._entries.get(tag) is None]
        if unknown:
            await self._arrays.read()
            await self._take_up_all(unknown, listing)
        found = {tag for tag in tags if self._entries.get(tag) is not None}
        for tag in found:
            if (entry := self._entries.get(tag)) is not None:
                entry.told, entry.over = None, False
        await self._look(listing)
        return found

    async def observations(self) -> AsyncIterator[Sequence[Observation]]:
        """Give what jobs tell at once, and what each listing tells."""
        while True:
            if self._news:
                news, self._news = _one_attempt_each(self._news)
                yield news
                continue
            wait_s = self._pace.next_s(at_s=self._now_s()) - self._now_s()
            if wait_s <= 0:
                await self._look(await self._list())
                continue
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()

    async def settled(self, tags: Collection[Tag]) -> None:
        """Follow ended attempts no more; their directories stay until ``forget``."""
        for tag in tags:
            entry = self._entries.get(tag)
            if entry is not None and entry.over and not entry.is_lost:
                self._entries.drop(entry)

    async def cancel(self, tags: Collection[Tag]) -> None:
        """Have the scheduler end attempts that it lists under our marks; those it does not list never begin."""
        entries = [entry for tag in tags if (entry := self._entries.get(tag)) and not entry.over]
        if not entries:
            return
        now = self._clock.now()
        for entry in entries:
            entry.cancelled, entry.ending = now, ()
        await self._look(await self._list())
        self._pace.want(at_s=self._now_s(), in_s=_AFTER_CANCEL_S)
        self._wake.set()

    async def _look(self, listing: Listing) -> None:
        await self._end_cancelled(listing)
        self._say(await self._following.look(listing))

    async def _end_cancelled(self, listing: Listing) -> None:
        """Have the scheduler end what it lists of attempts whose end was asked for: it may list them later than that.

        A listing from before is not used: the ids in it may have been given to others since.
        """
        cancelled = [
            entry
            for entry in self._entries
            if entry.cancelled and entry.cancelled <= listing.asked and not entry.over
        ]
        if not cancelled:
            return
        listed: dict[Entry, list[NativeId]] = {entry: [] for entry in cancelled}
        for row in listing.rows:
            entry = self._entries.of(row)
            if entry in listed and not (row.state is not None and row.state.is_final):
                listed[entry].append(row.id)
        ids = [each for entry, own in listed.items() for each in own if each not in entry.ending]
        if not ids:
            return
        output = await self._transport.run(self._dialect.cancel(ids))
        try:
            self._dialect.cancelled(output)
        except ExecutorRejected as error:
            logger.warning("%s will not cancel: %s", self._dialect.name, error)
        for entry, own in listed.items():
            entry.ending = tuple(own)

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
        entry = self._entries.get(tag)
        native_id = entry.native_id if entry is not None else None
        if native_id is None:
            wanted = [Wanted(base) for base in _bases(tag)]
            found = await self._records.of(wanted)
            native_id = next(
                (found[each].submitted for each in wanted if found[each].submitted), None
            )
        if native_id is None:
            raise NotFound(f"{self._dialect.name} has given attempt {tag} no id that is known here")
        output = await self._transport.run(self._dialect.detail(native_id))
        if output.exit_code and not output.stdout.strip():
            raise NotFound(f"{self._dialect.name} says of {native_id}: {output.complaint}")
        return output.text

    async def read_log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read what the job wrote, from its directory on the cluster."""
        entry = self._entries.get(tag)
        paths = [
            self._places.log(base, stream, _runs_between(base, tag))
            for base in (_bases(tag) if entry is None else [entry.base])
        ]
        for path in paths:
            with contextlib.suppress(NotFound):
                return await self._transport.read(path, offset=offset, limit=limit)
        followed = await self._followed(tag, entry)
        if followed is not None and followed.log and stream is Stream.STDOUT:  # it has both
            return await self._transport.read(followed.log, offset=offset, limit=limit)
        if entry is not None or followed is not None:
            return LogPart(data=b"", size=0)
        raise NotFound(f"the cluster has no log of attempt {tag}; it may have been deleted")

    async def _followed(self, tag: Tag, entry: Entry | None) -> Followed | None:
        """Give the native job of an attempt whose own command has submitted it."""
        if entry is not None:
            return entry.follows
        return (await self._records.of([Wanted(tag)]))[Wanted(tag)].followed

    async def forget(self, tags: Collection[Tag]) -> None:
        """Delete the attempts' directories on the cluster."""
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
        now_s = self._now_s()
        self._pace.listed(at_s=now_s, took_s=now_s - began_s)
        self._foreign.heard(rows, asked)
        return Listing(rows=rows, asked=asked)

    def _follow(self, followed: Mapping[Tag, Followed]) -> None:
        for tag, one in followed.items():
            entry = self._entries.get(tag)
            if entry is not None:
                self._entries.follow(entry, one)

    async def _keep_answers(self, launches: Sequence[Launch], handed: Handed) -> None:
        """Have what the scheduler answered told, and written beside the attempts."""
        followed = {tag: one.native_id for tag, one in handed.followed.items()}
        answers = {**handed.answers, **followed}
        if not answers:
            return
        now = self._clock.now()
        for launch in launches:
            if launch.tag in answers:
                self._say(self._answered(tags_of(launch), answers[launch.tag], now))
        await self._records.write_submitted(handed.answers, handed.followed)

    def _answered(
        self, tags: Sequence[Tag], native_id: NativeId, now: datetime
    ) -> list[Observation]:
        news: list[Observation] = []
        for tag in tags:
            entry = self._entries.get(tag)
            if entry is None:
                continue
            entry.native_id = entry.native_id or self._own_id(entry, native_id)
            entry.since = now
            if entry.told is None:
                entry.told = Told(State.QUEUED, None, "")
                news.append(
                    Observation(tag=tag, state=State.QUEUED, native_id=entry.native_id, at=now)
                )
        return news

    def _own_id(self, entry: Entry, native_id: NativeId) -> NativeId:
        if entry.element is None:
            return native_id
        return self._dialect.element(native_id, entry.element)

    async def _take_up_all(self, tags: Sequence[Tag], listing: Listing) -> None:
        """Follow those attempts again that are listed, or have records."""
        restarts = {(row.mark, row.index): row.restarts or 0 for row in listing.rows if row.mark}
        candidates = {tag: [self._as_run_of(base, tag) for base in _bases(tag)] for tag in tags}
        unlisted: list[Tag] = []
        taken: list[Entry] = []
        for tag, entries in candidates.items():
            listed = next((one for one in entries if self._is_listed(one, restarts)), None)
            if listed is None:
                unlisted.append(tag)
            else:
                listed.since = listing.asked
                taken.append(self._entries.add(listed))
        wanted = [_wanted(one) for tag in unlisted for one in candidates[tag]]
        found = await self._records.of([*wanted, *map(_wanted, taken)])
        for tag in unlisted:
            self._take_up_recorded(candidates[tag], found, since=listing.asked)
        await self._keep_found(taken, found, listing)

    async def _keep_found(
        self, taken: Sequence[Entry], found: Mapping[Wanted, Found], listing: Listing
    ) -> None:
        """Write beside attempts whose answers were lost what their marks have told: the next listing may lack them."""
        rows = {(row.mark, row.index): row.array or row.id for row in listing.rows if row.mark}
        answers = {
            entry.home: rows[self._dialect.mark(entry.home), entry.element]
            for entry in taken
            if found[_wanted(entry)].submitted is None
        }
        if answers:
            await self._records.write_submitted(answers, {})

    def _as_run_of(self, base: Tag, tag: Tag) -> Entry:
        """Give an attempt as the run that it would be of a submission: its own, or an earlier one's that was put back."""
        home, element = self._arrays.of(base)
        entry = Entry(tag, base=base, since=self._clock.now(), home=home, element=element)
        entry.run = _runs_between(base, tag)
        return entry

    def _is_listed(self, entry: Entry, restarts: Mapping[tuple[str, int | None], int]) -> bool:
        there = restarts.get((self._dialect.mark(entry.home), entry.element))
        return there is not None and there >= entry.run

    def _take_up_recorded(
        self, candidates: Sequence[Entry], found: Mapping[Wanted, Found], *, since: datetime
    ) -> None:
        for entry in candidates:
            own = found[_wanted(entry)]
            if own.is_there and (entry.run == 0 or own.started is not None):
                entry.since = since
                if own.submitted is not None:
                    entry.native_id = self._own_id(entry, own.submitted)
                if own.followed is not None:
                    self._entries.follow(entry, own.followed)
                entry.started = own.started.at if own.started is not None else None
                self._entries.add(entry)
                return
            if own != Found():
                return

    def _say(self, news: Sequence[Observation]) -> None:
        if news:
            self._news += news
            self._wake.set()

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


def _bases(tag: Tag) -> list[Tag]:
    """Give an attempt's own tag and those before it, the newest first: the scheduler may have run it again itself."""
    job_id, no = job_of_tag(tag)
    return [tag_of(job_id, each) for each in range(no, 0, -1)]


def _runs_between(base: Tag, tag: Tag) -> int:
    return job_of_tag(tag)[1] - job_of_tag(base)[1]


def _one_attempt_each(
    news: Sequence[Observation],
) -> tuple[list[Observation], list[Observation]]:
    """Divide where a job's next attempt is told of: whoever hears a batch takes it for one moment."""
    tags: dict[JobId, Tag] = {}
    for count, each in enumerate(news):
        if tags.setdefault(job_of_tag(each.tag)[0], each.tag) != each.tag:
            return list(news[:count]), list(news[count:])
    return list(news), []


def _wanted(entry: Entry) -> Wanted:
    return Wanted(entry.base, entry.run, entry.home)


def _wrapper_files(places: Places) -> list[File]:
    made: list[File] = []
    for name in _WRAPPERS:
        data = files("headway.executors.batch").joinpath(name).read_bytes()
        digest = hashlib.sha256(data).hexdigest()[:_DIGEST_DIGITS]
        suffix = name[name.rindex(".") :]
        made.append(File(path=places.wrapper(suffix, digest), data=data, mode=0o700))
    return made
