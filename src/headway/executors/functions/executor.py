"""The executor for functions: an engine's words made into the port's, and what was said kept to be said again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime

from headway.core.errors import ExecutorUnavailable, InvalidRequest, NotFound
from headway.core.model.job import Kind
from headway.core.model.names import Tag
from headway.core.model.spec import Spec
from headway.core.ports.executor import Explanation, Launch, LogPart, Observation, Refusal, Stream
from headway.executors.functions import observing, tasks
from headway.executors.functions.engine import Death, Engine, EnginePlugin, Making, Where


class FunctionsExecutor:
    """Runs functions in an engine's workers. See headway.core.ports.executor.Executor."""

    def __init__(self, plugin: EnginePlugin, making: Making) -> None:
        self._cluster = making.name
        self._now: Callable[[], datetime] = making.now
        self._told: dict[Tag, Observation] = {}
        self._news: list[Observation] = []
        self._has_news = asyncio.Event()
        self._away = ""
        self._engine: Engine = plugin.make(making, self)

    async def start(self) -> None:
        """Have the engine take up what runs from before."""
        self._away = ""
        await self._engine.start()

    def room(self) -> int:
        """Tell how many more the engine would take."""
        return self._engine.room()

    def takes(self, kind: Kind) -> bool:
        """Take functions."""
        return kind is Kind.FUNCTION

    def array_limit(self) -> int:
        """Take each element by itself."""
        return 0

    def unheeded(self, spec: Spec) -> Sequence[str]:
        """Name all but directory, environment and the durations, and what the engine does not heed of these."""
        return [*tasks.unheeded(spec), *self._engine.unheeded(spec)]

    async def submit(self, launches: Sequence[Launch]) -> Sequence[Refusal]:
        """Hand attempts to the engine."""
        refusals: list[Refusal] = []
        wanted = []
        for launch in launches:
            told = self._told.get(launch.tag)
            if told is not None:
                self._say(told)
                continue
            try:
                wanted.append(tasks.task_of(launch, cluster=self._cluster))
            except InvalidRequest as error:
                refusals.append(Refusal(tag=launch.tag, message=str(error)))
        if wanted:
            await self._engine.submit(wanted)
        return refusals

    async def find(self, tags: Collection[Tag]) -> Collection[Tag]:
        """Ask the engine, and say again what was said of those it has."""
        known = await self._engine.find(tags)
        for tag in known:
            if tag in self._told:
                self._say(self._told[tag])
        return known

    async def observations(self) -> AsyncIterator[Sequence[Observation]]:
        """Give what the engine tells; raises ExecutorUnavailable when it is away."""
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            if self._away:
                raise ExecutorUnavailable(self._away)
            news, self._news = self._news, []
            if news:
                yield news
                # Whoever asks for more has written these. Ends are settled; of what goes back nothing else is heard.
                again = [each.tag for each in news if each.again]
                if again:
                    await self.settled(again)

    async def settled(self, tags: Collection[Tag]) -> None:
        """Forget what was said, and have the engine forget."""
        over = [tag for tag in tags if self._is_over(tag)]
        for tag in over:
            del self._told[tag]
        if over:
            await self._engine.settled(over)

    async def cancel(self, tags: Collection[Tag]) -> None:
        """Have the engine end them."""
        await self._engine.cancel([tag for tag in tags if not self._is_over(tag)])

    async def heard(self, tag: Tag, record: bytes) -> None:
        """Leave it to the engine."""
        await self._engine.heard(tag, record)

    def hurry(self) -> None:
        """Do as always: all news is told at once."""

    async def explain(self, tag: Tag) -> Explanation | None:  # noqa: ARG002 -- the port's
        """Know nothing more than was observed."""
        return None

    async def native_detail(self, tag: Tag) -> str:  # noqa: ARG002
        """Have nothing to say beside what was observed."""
        raise NotFound("a function's worker has no more to say of a job than its document")

    async def read_log(self, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
        """Read from the engine's log."""
        return await self._engine.read_log(tag, stream, offset=offset, limit=limit)

    async def forget(self, tags: Collection[Tag]) -> None:
        """Have the engine delete the logs and directories."""
        await self._engine.forget(tags)

    def foreign(self) -> None:
        """Give nothing: whatever else the workers do is not looked at."""

    async def close(self) -> None:
        """Let go of the engine; functions run on."""
        await self._engine.close()

    def began(self, tag: Tag, where: Where) -> None:
        """Hear that an attempt runs; see engine.Listener."""
        if tag not in self._told:
            self._hear(observing.began(tag, where, now=self._now()))

    def ended(self, tag: Tag, where: Where, outcome: bytes, data: bytes) -> None:
        """Hear an attempt's end; see engine.Listener."""
        if not self._is_over(tag):
            self._hear(observing.ended(tag, where, outcome, data, now=self._now()))

    def died(self, tag: Tag, where: Where, death: Death) -> None:
        """Hear that a worker died with an attempt; see engine.Listener."""
        if not self._is_over(tag):
            self._hear(observing.died(tag, where, death, now=self._now()))

    def cancelled(self, tag: Tag) -> None:
        """Hear that an attempt was cancelled before it began; see engine.Listener."""
        if not self._is_over(tag):
            self._hear(observing.cancelled(tag, now=self._now()))

    def away(self, message: str) -> None:
        """Hear that the engine cannot be reached; see engine.Listener."""
        self._away = message
        self._has_news.set()

    def _is_over(self, tag: Tag) -> bool:
        told = self._told.get(tag)
        return told is not None and (told.state.is_final or told.again)

    def _hear(self, seen: Observation) -> None:
        self._told[seen.tag] = seen
        self._say(seen)

    def _say(self, seen: Observation) -> None:
        self._news.append(seen)
        self._has_news.set()
