"""The executor for this machine: asks helper processes, which outlive the server, and hears from them."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from headway.core.errors import ExecutorUnavailable, InvalidRequest, NotFound
from headway.core.model.job import Kind
from headway.core.model.names import Tag
from headway.core.model.spec import Spec
from headway.core.ports.clock import Clock
from headway.core.ports.executor import Explanation, Launch, LogPart, Observation, Refusal, Stream
from headway.executors.local import logs, translate, wire
from headway.executors.local.connection import Connection
from headway.executors.local.record import Phase, Record
from headway.executors.local.supervisors import Holder, Supervisors

logger = logging.getLogger(__name__)

_ANSWER_S: Final = 30.0  #: for any call
_IDLE_S: Final = 10.0  #: helpers without jobs and server end after this
_EXPECTED_S: Final = 0.5  #: the helper keeps what it was told of for longer
_FRAME_BYTES: Final = 4 << 20
_SHORT_S: Final = (
    0.02  #: a start is told so much later: of a job that short, all is written at once
)


class _Entry(NamedTuple):
    holder: Holder
    slot: int
    record: Record


class _Sent(NamedTuple):
    to: Connection
    answer: asyncio.Future[wire.Refused | None]


class _Expected(NamedTuple):
    launch: Launch
    by: Connection
    until: float


class LocalExecutor:
    """Runs jobs in processes of this machine. See headway.core.ports.executor.Executor.

    ``data`` is where its journals (``helpers``) and the jobs' own directories (``jobs``) are.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        data: Path,
        base_environment: Mapping[str, str],
        jobs_at_once: int,
        grace_s: float,
        idle_s: float = _IDLE_S,
    ) -> None:
        self._data = data.absolute()
        self._jobs_at_once = jobs_at_once
        self._host = os.uname().nodename
        self._entries: dict[Tag, _Entry] = {}
        self._living: set[Tag] = set()
        self._sent: dict[Tag, _Sent] = {}
        self._to_be_sent = 0  # as soon as there is a helper to send to
        self._expected: _Expected | None = None
        self._starts: dict[Tag, Record] = {}
        self._news: list[Observation] = []
        self._has_news = asyncio.Event()
        self._supervisors = Supervisors(
            self._data / "helpers",
            self,
            now_s=lambda: clock.now().timestamp(),
            environment=dict(base_environment),
            pairs=translate.environment_pairs(base_environment),
            grace_s=grace_s,
            idle_s=idle_s,
        )

    async def start(self) -> None:
        """Attach to the helpers that run, read what dead ones left, and have a pair that takes jobs."""
        await self._supervisors.start()

    def room(self) -> int:
        """Tell how many more attempts would run at once now."""
        there = len(self._living) + len(self._sent) + self._to_be_sent
        return max(0, self._jobs_at_once - there)

    def takes(self, kind: Kind) -> bool:
        """Take commands."""
        return kind is Kind.COMMAND

    def array_limit(self) -> int:
        """Take each element by itself."""
        return 0

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Name everything but the duration: one machine has no nodes, queues or accounts, and holds nobody to a share."""
        return translate.unheeded(spec)

    def may_expect(self) -> bool:
        """Do so where nothing else is under way: what comes with others is journalled with them, in fewer syncs."""
        if self._living or self._sent or self._to_be_sent:
            return False
        return self._expected is None or asyncio.get_running_loop().time() > self._expected.until

    def expect(self, launch: Launch) -> None:
        """Have the helper journal that an attempt may come, and make what it needs, while its job is being stored."""
        connection = self._supervisors.ready()
        if connection is None:
            return
        try:
            ready = translate.to_wire(launch, data=self._data)
        except InvalidRequest:
            return  # told when it is submitted
        until = asyncio.get_running_loop().time() + _EXPECTED_S
        self._expected = _Expected(launch, connection, until)
        connection.send(wire.expect([ready]))

    async def submit(self, launches: Sequence[Launch]) -> Sequence[Refusal]:
        """Start attempts; on return each is running (or has ended) and journalled, or is refused."""
        refusals: list[Refusal] = []
        wanted: list[wire.Launch] = []
        for launch in launches:
            if launch.tag in self._entries:
                self._tell(self._entries[launch.tag].record)
            elif launch.tag not in self._sent and not self._start_expected(launch):
                try:
                    wanted.append(translate.to_wire(launch, data=self._data))
                except InvalidRequest as error:
                    refusals.append(Refusal(tag=launch.tag, message=str(error)))
        if wanted:
            await self._send(wanted)
        answers = await self._answers([launch.tag for launch in launches])
        refusals.extend(
            Refusal(tag=Tag(each.tag.decode()), message=each.message) for each in answers
        )
        return refusals

    async def find(self, tags: Collection[Tag]) -> Collection[Tag]:
        """Tell which attempts are in the journals, or on their way there."""
        await self._supervisors.taking(timeout_s=_ANSWER_S)
        known = [tag for tag in tags if tag in self._entries]
        for tag in known:
            self._tell(self._entries[tag].record)
        return [*known, *(tag for tag in tags if tag in self._sent)]

    async def observations(self) -> AsyncIterator[Sequence[Observation]]:
        """Give what the journals hold, then what the helpers tell."""
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            news, self._news = self._news, []
            if news:
                yield news

    async def settled(self, tags: Collection[Tag]) -> None:
        """Give the attempts' slots in the journals free."""
        slots: dict[Holder, list[tuple[int, int]]] = {}
        for tag in tags:
            entry = self._entries.get(tag)
            if entry is not None and entry.record.phase is Phase.GONE:
                del self._entries[tag]
                slots.setdefault(entry.holder, []).append((entry.slot, entry.record.serial))
        for holder, which in slots.items():
            self._supervisors.settled(holder, which)

    async def cancel(self, tags: Collection[Tag]) -> None:
        """Have the attempts' trees ended: SIGTERM, grace, SIGKILL; their ends are observed."""
        await self._supervisors.taking(timeout_s=_ANSWER_S)
        await self._wait_for([self._sent[tag].answer for tag in tags if tag in self._sent])
        by_holder: dict[Connection, list[bytes]] = {}
        for tag in tags:
            entry = self._entries.get(tag)
            if entry is None or entry.record.phase is Phase.GONE:
                continue
            if not isinstance(entry.holder, Connection):
                raise ExecutorUnavailable(f"the helper of attempt {tag} has just died; ask again")
            by_holder.setdefault(entry.holder, []).append(tag.encode())
        try:
            async with asyncio.timeout(_ANSWER_S):
                for holder, which in by_holder.items():
                    await holder.cancel(which)
        except (ConnectionError, TimeoutError) as error:
            raise ExecutorUnavailable(f"a helper did not hear of the cancel: {error}") from error

    async def heard(self, tag: Tag, record: bytes) -> None:
        """Take no notice: the journals tell it first."""

    def hurry(self) -> None:
        """Do as always: all news is told at once."""

    async def explain(self, tag: Tag) -> Explanation | None:  # noqa: ARG002 -- the port's
        """Know nothing more than was observed."""
        return None

    async def native_detail(self, tag: Tag) -> str:  # noqa: ARG002
        """Have nothing to say beside what was observed."""
        raise NotFound("this machine's own executor has no more to say of a job than its document")

    async def read_log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read from the attempt's file, in a thread."""
        try:
            return await asyncio.to_thread(
                logs.read_part, self._data, tag, stream, offset=offset, limit=limit
            )
        except OSError as error:
            raise ExecutorUnavailable(f"the log of {tag} cannot be read now: {error}") from error

    async def forget(self, tags: Collection[Tag]) -> None:
        """Delete the attempts' directories."""
        for tag in tags:
            try:
                await asyncio.to_thread(logs.delete, self._data, tag)
            except OSError as error:
                logger.warning("the directory of %s cannot be deleted: %s", tag, error)

    def foreign(self) -> None:
        """Give nothing: whatever else runs on this machine is not looked at."""

    async def close(self) -> None:
        """Hang up on the helpers; jobs run on."""
        self._supervisors.close()
        for connection in {sent.to for sent in self._sent.values()}:
            self.unsure(connection)

    def recorded(self, holder: Holder, slot: int, entry: Record) -> None:
        """Hear from a journal; see supervisors.Observer."""
        if entry.phase < Phase.RUNNING:
            return  # nothing has come of it yet: it will be answered, or was never started
        tag = translate.tag_of_record(entry)
        known = self._entries.get(tag)
        if known is not None and not self._is_news(known, holder, slot, entry):
            return
        self._entries[tag] = _Entry(holder, slot, entry)
        if entry.phase is Phase.GONE:
            self._living.discard(tag)
        else:
            self._living.add(tag)
        self._tell(entry)  # before the answer: what comes of an end takes longer
        self._answer(tag, None)

    def refused(self, refusal: wire.Refused) -> None:
        """Hear that an attempt was not started; see supervisors.Observer."""
        tag = Tag(refusal.tag.decode())
        self._entries.pop(tag, None)
        self._answer(tag, refusal)

    def unsure(self, connection: Connection) -> None:
        """Have the calls that this helper did not answer fail: the journals will tell; see supervisors.Observer.

        Not what others were sent: they have it in their queues, and ``find`` must not call it unknown.
        """
        lost = [tag for tag, sent in self._sent.items() if sent.to is connection]
        for tag in lost:
            answer = self._sent.pop(tag).answer
            if not answer.done():
                answer.set_exception(ExecutorUnavailable("the helper died before it answered"))
                answer.exception()  # mark it as seen: nobody may be waiting any more

    def _is_news(self, known: _Entry, holder: Holder, slot: int, entry: Record) -> bool:
        if known.holder is holder:
            return entry.serial > known.record.serial or entry.phase > known.record.phase
        if holder.directory < known.holder.directory:
            self._supervisors.settled(
                holder, [(slot, entry.serial)]
            )  # newer helpers have taken it up
            return False
        if holder.directory > known.holder.directory:
            self._supervisors.settled(known.holder, [(known.slot, known.record.serial)])
        return True

    def _start_expected(self, launch: Launch) -> bool:
        """Have an attempt started that the helper has been told of; gives whether it was, and not too long ago."""
        expected = self._expected
        if expected is None or expected.launch is not launch:
            return False
        self._expected = None
        loop = asyncio.get_running_loop()
        if expected.by is not self._supervisors.ready() or loop.time() > expected.until:
            return False
        self._sent[launch.tag] = _Sent(expected.by, loop.create_future())
        expected.by.send(wire.start([launch.tag.encode()]))
        return True

    async def _send(self, wanted: list[wire.Launch]) -> None:
        self._to_be_sent += len(wanted)
        try:
            connection = await self._supervisors.taking(timeout_s=_ANSWER_S)
        finally:
            self._to_be_sent -= len(wanted)
        loop = asyncio.get_running_loop()
        # Once more, for time has passed: nothing is ever on its way twice.
        unsent = [each for each in wanted if Tag(each.tag.decode()) not in self._sent]
        for each in unsent:
            self._sent[Tag(each.tag.decode())] = _Sent(connection, loop.create_future())
        for part in _in_frames(unsent):
            connection.send(wire.launch(part))

    async def _answers(self, tags: Iterable[Tag]) -> list[wire.Refused]:
        """Wait for what became of attempts that were sent; gives those refused for good."""
        waiting = [self._sent[tag].answer for tag in tags if tag in self._sent]
        await self._wait_for(waiting)
        refused = [answer for each in waiting if (answer := each.result()) is not None]
        for each in refused:
            if each.later:
                raise ExecutorUnavailable(each.message)
        return refused

    async def _wait_for(self, waiting: list[asyncio.Future[wire.Refused | None]]) -> None:
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=_ANSWER_S)
            if late:
                raise ExecutorUnavailable(
                    "the helper has not started all attempts in time; ask find"
                )

    def _answer(self, tag: Tag, answer: wire.Refused | None) -> None:
        sent = self._sent.pop(tag, None)
        if sent is not None and not sent.answer.done():
            sent.answer.set_result(answer)

    def _tell(self, record: Record) -> None:
        """Have it observed: an end at once, a start when it has not ended soon; the end says all that the start would."""
        tag = translate.tag_of_record(record)
        if record.phase is Phase.GONE:
            self._starts.pop(tag, None)
            self._observe(record)
        elif record.phase >= Phase.RUNNING:
            if tag not in self._starts:
                asyncio.get_running_loop().call_later(_SHORT_S, self._tell_start, tag)
            self._starts[tag] = record

    def _tell_start(self, tag: Tag) -> None:
        record = self._starts.pop(tag, None)
        if record is not None:
            self._observe(record)

    def _observe(self, record: Record) -> None:
        news = translate.observation(record, host=self._host)
        if news is not None:
            self._news.append(news)
            self._has_news.set()


def _in_frames(launches: list[wire.Launch]) -> Iterable[list[wire.Launch]]:
    """Divide launches so that no frame is much larger than one of them must be."""
    part: list[wire.Launch] = []
    size = 0
    for each in launches:
        part.append(each)
        size += sum(map(len, each.argv)) + sum(map(len, each.environment))
        if size > _FRAME_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part
