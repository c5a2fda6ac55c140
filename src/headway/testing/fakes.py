"""Ports whose answers a test chooses. They behave; they do not record calls for a test to count."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.core.model.job import Kind
from headway.core.model.names import JobId, NativeId, Tag
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Explanation, Launch, LogPart, Observation, Refusal, Stream
from headway.core.ports.foreign import ForeignJobs
from headway.lib.ids import uuid7

NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, at: datetime = NOON) -> None:
        self._now = at

    def now(self) -> datetime:
        """Give the time; see Clock."""
        return self._now

    def advance(self, *, seconds: float) -> datetime:
        """Go on by some seconds; gives the new time."""
        self._now += timedelta(seconds=seconds)
        return self._now


class FakeIds:
    """Ids and secrets that are the same in every run of a test."""

    def __init__(self) -> None:
        self._made = 0

    def new_job_id(self) -> JobId:
        """Give the next id; see Ids."""
        self._made += 1
        time_ns = int(NOON.timestamp() * 1_000) * 1_000_000 + self._made * 1_000_000
        return JobId(uuid7(time_ns=time_ns, random_bits=self._made))

    def new_secret(self) -> str:
        """Give the next secret; see Ids."""
        self._made += 1
        return hashlib.sha256(b"%d" % self._made).hexdigest()


class FakeSeal:
    """Signatures that anybody could make."""

    def sign(self, text: str) -> str:
        """Give a signature; see Seal."""
        return hashlib.blake2b(text.encode(), digest_size=16, key=b"fake").hexdigest()

    def matches(self, text: str, signature: str) -> bool:
        """Check a signature; see Seal."""
        return signature == self.sign(text)


class FakeExecutor:
    """An executor whose jobs do what the test says.

    Attributes:
        places: how many attempts may be here and not ended.
        takes_elements: how many elements of an array may come as one launch.
        fails_with: raised by every call while it is set: the executor is away.
        loses_answers: ``submit`` takes the attempts and then fails all the same.
        refuses: says why an attempt will never run; None takes it.
        then: observations that follow at once when an attempt arrives.
        logs: bytes of an attempt's outputs, to be read.
        hurried: how often it was told that somebody looks.
        words: what was heard from inside attempts.
        explanations: why attempts are where they are; ``details`` all that there is to say of them.
        others: what is seen of jobs that Headway did not hand over.
        sent: the attempts that came, each as often as it did.
    """

    def __init__(
        self,
        *,
        places: int = 1000,
        then: Callable[[Launch], Iterable[Observation]] = lambda _: (),
        refuses: Callable[[Launch], str | None] = lambda _: None,
    ) -> None:
        self.places = places
        self.takes_elements = 0
        self.hurried = 0
        self.then = then
        self.refuses = refuses
        self.fails_with: ExecutorUnavailable | None = None
        self.loses_answers = False
        self.logs: dict[tuple[Tag, Stream], bytes] = {}
        self.words: list[tuple[Tag, bytes]] = []
        self.kinds = {Kind.COMMAND}
        self.explanations: dict[Tag, Explanation] = {}
        self.details: dict[Tag, str] = {}
        self.others: ForeignJobs | None = None
        self.launches: dict[Tag, Launch] = {}
        self.sent: list[Tag] = []
        self.wishes: set[Tag] = set()
        self._unsettled: dict[Tag, list[Observation]] = {}
        self._ended: set[Tag] = set()
        self._news: asyncio.Queue[Sequence[Observation]] = asyncio.Queue()

    async def start(self) -> None:
        """Connect; what was not settled is told again; see Executor."""
        self._check()
        self._news = asyncio.Queue()
        for told in self._unsettled.values():
            self._news.put_nowait(tuple(told))

    def room(self) -> int:
        """Tell how many more it takes; see Executor."""
        return max(0, self.places - len(self.launches.keys() - self._ended))

    def takes(self, kind: Kind) -> bool:
        """Take what the test says it takes; see Executor."""
        return kind in self.kinds

    def array_limit(self) -> int:
        """Tell how many elements it takes at once; see Executor."""
        return self.takes_elements

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Name the queue, if one is asked for; see Executor."""
        return [] if spec.attributes.queue_name is None else ["attributes.queue_name"]

    async def submit(self, launches: Sequence[Launch]) -> Sequence[Refusal]:
        """Take attempts; see Executor."""
        self._check()
        refusals: list[Refusal] = []
        for launch in launches:
            self.sent.append(launch.tag)
            words = self.refuses(launch)
            if words is not None:
                refusals.append(Refusal(tag=launch.tag, message=words))
            else:
                self._take(launch)
        if self.loses_answers:
            raise ExecutorUnavailable("the answer was lost on its way")
        return refusals

    def _take(self, launch: Launch) -> None:
        for tag in [element.tag for element in launch.elements] or [launch.tag]:
            if tag not in self.launches:
                self.launches[tag] = launch
                self.tell(*self.then(launch))

    async def find(self, tags: Collection[Tag]) -> Collection[Tag]:
        """Tell which attempts are here; see Executor."""
        self._check()
        return {tag for tag in tags if tag in self.launches}

    async def observations(self) -> AsyncIterator[Sequence[Observation]]:
        """Give what the test tells, in batches; see Executor."""
        while True:
            yield await self._news.get()

    async def settled(self, tags: Collection[Tag]) -> None:
        """Stop repeating what is durable; see Executor."""
        for tag in tags:
            self._unsettled.pop(tag, None)

    async def cancel(self, tags: Collection[Tag]) -> None:
        """End attempts that are here and have not ended; see Executor."""
        self._check()
        self.wishes |= set(tags)
        at = NOON
        for tag in tags:
            if tag in self.launches and tag not in self._ended:
                self.tell(cancelled(tag, at=at))

    def foreign(self) -> ForeignJobs | None:
        """Give what the test put into ``others``; see Executor."""
        return self.others

    async def heard(self, tag: Tag, record: bytes) -> None:
        """Keep what was heard in ``words``; see Executor."""
        self.words.append((tag, record))

    def hurry(self) -> None:
        """Count it in ``hurried``; see Executor."""
        self.hurried += 1

    async def explain(self, tag: Tag) -> Explanation | None:
        """Give what the test put into ``explanations``; see Executor."""
        return self.explanations.get(tag)

    async def native_detail(self, tag: Tag) -> str:
        """Give what the test put into ``details``; see Executor."""
        self._check()
        if tag not in self.details:
            raise NotFound(f"nothing is known of {tag}")
        return self.details[tag]

    async def read_log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read what the test put into ``logs``; see Executor."""
        self._check()
        if tag not in self.launches:
            raise NotFound(f"no log of {tag} is kept here")
        log = self.logs.get((tag, stream), b"")
        return LogPart(data=log[offset : offset + limit], size=len(log))

    async def forget(self, tags: Collection[Tag]) -> None:
        """Delete attempts and their logs; see Executor."""
        for tag in tags:
            self.launches.pop(tag, None)
            for stream in Stream:
                self.logs.pop((tag, stream), None)

    async def close(self) -> None:
        """Let go; jobs run on; see Executor."""

    @property
    def unsettled(self) -> set[Tag]:
        """The ended attempts whose end nobody has acknowledged yet."""
        return self._ended & self._unsettled.keys()

    def tell(self, *observations: Observation) -> None:
        """Have these seen, as one batch."""
        for seen in observations:
            self._unsettled.setdefault(seen.tag, []).append(seen)
            if seen.state.is_final:
                self._ended.add(seen.tag)
        if observations:
            self._news.put_nowait(observations)

    def _check(self) -> None:
        if self.fails_with is not None:
            raise self.fails_with


def running(tag: Tag, *, at: datetime = NOON, native_id: str = "") -> Observation:
    """Make the observation that an attempt has started."""
    return Observation(
        tag=tag,
        state=State.RUNNING,
        native_id=NativeId(native_id) if native_id else None,
        started=at,
        at=at,
    )


def exited(tag: Tag, *, exit_code: int = 0, at: datetime = NOON) -> Observation:
    """Make the observation that an attempt's process has exited."""
    good = exit_code == 0
    return Observation(
        tag=tag,
        state=State.SUCCEEDED if good else State.FAILED,
        reason=None if good else Reason.NONZERO_EXIT,
        exit_code=exit_code,
        started=at,
        at=at,
    )


def cancelled(tag: Tag, *, at: datetime = NOON) -> Observation:
    """Make the observation that an attempt ended because that was asked for."""
    return Observation(tag=tag, state=State.CANCELLED, reason=Reason.BY_USER, signal=15, at=at)
