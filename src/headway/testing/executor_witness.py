"""Hands attempts to an executor, and hears all that it says of them; what tests of executors are written with."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from itertools import pairwise
from typing import Final, Protocol, TypeVar

from headway.app.system import SystemIds
from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import Tag, tag_of
from headway.core.model.spec import Attributes, Spec
from headway.core.model.state import REASONS, State
from headway.core.ports.executor import Executor, Launch, Observation, Refusal, Stream

_DEADLINE_S: Final = 120.0  # patience with a machine that has other work to do
_LOOK_S: Final = 0.05
_LOG_BYTES: Final = 1 << 22
_ORDER: Final = {State.ACCEPTED: 0, State.QUEUED: 1, State.RUNNING: 2}
_Answer = TypeVar("_Answer")


class Scene(Protocol):
    """Where an executor's jobs run.

    Attributes:
        root: the absolute path of a directory that jobs may write to, and nobody else does.
        inherited: variables and their values that a job has if and only if it inherits its environment.
    """

    root: str
    inherited: Mapping[str, str]

    def make(self) -> Executor:
        """Make an executor, always of the same jobs: the second is that of a server which was started again."""
        ...

    def put(self, path: str, data: bytes) -> None:
        """Write a file at an absolute path, in directories that are made; it may be executed."""
        ...

    def get(self, path: str) -> bytes | None:
        """Read one; None when it is not there."""
        ...


class Witness:
    """An executor, and what it has said.

    Attributes:
        said: what it has said of each attempt since its last start, in order.
        troubles: why it could not be asked, each time that it could not.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.executor = scene.make()
        self.said: dict[Tag, list[Observation]] = {}
        self.troubles: list[ExecutorUnavailable] = []
        self._mine: dict[Tag, None] = {}
        self._ids = SystemIds()
        self._changed = asyncio.Condition()
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start, and listen from here on."""
        await self.persist(self.executor.start)
        self._listening = asyncio.create_task(self._listen())

    async def restart(self) -> None:
        """Have a new executor of the same jobs, which has said nothing yet, as a server that was started again has."""
        await self.stop()
        self.executor = self.scene.make()
        self.said = {}
        await self.start()

    async def stop(self) -> None:
        """Let go, as a server that ends does."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self.executor.close()

    async def clear(self) -> None:
        """Cancel what has not ended."""
        left = [tag for tag in self._mine if self.end(tag) is None]
        if left:
            await self.persist(lambda: self.executor.cancel(left))

    async def _listen(self) -> None:
        while True:
            try:
                async for batch in self.executor.observations():
                    await self._hear(batch)
            except ExecutorUnavailable as error:
                self.troubles.append(error)
                await self.persist(self.executor.start)
                await self.find(*self._mine)

    async def _hear(self, batch: Collection[Observation]) -> None:
        async with self._changed:
            for each in batch:
                self.said.setdefault(each.tag, []).append(each)
            self._changed.notify_all()

    def launch(
        self,
        *command: str,
        name: str = "test",
        directory: str | None = None,
        environment: Mapping[str, str] | None = None,
        added: Mapping[str, str] | None = None,
        inherit_environment: bool = True,
        stdin_path: str | None = None,
        duration: float | None = None,
        custom: Mapping[str, str] | None = None,
    ) -> Launch:
        """Make a launch with a new tag."""
        spec = Spec(
            command=command,
            directory=directory,
            environment=environment or {},
            inherit_environment=inherit_environment,
            stdin_path=stdin_path,
            attributes=Attributes(duration=duration, custom_attributes=custom or {}),
        )
        tag = tag_of(self._ids.new_job_id(), 1)
        return Launch(tag=tag, name=name, spec=spec, environment=added or {})

    def shell(self, script: str, **options: object) -> Launch:
        """Make a launch of lines of shell in the scene's own directory."""
        fields: dict[str, object] = {"directory": self.scene.root} | options
        return self.launch("/bin/sh", "-c", script, **fields)  # type: ignore[arg-type]

    async def submit(self, *launches: Launch) -> list[Tag]:
        """Submit what must be taken."""
        assert await self.try_to_submit(*launches) == []
        return [launch.tag for launch in launches]

    async def try_to_submit(self, *launches: Launch) -> list[Refusal]:
        """Submit as the core does: after a lost answer only what the executor does not have; gives refusals."""
        self._mine |= dict.fromkeys(launch.tag for launch in launches)
        left = list(launches)
        while True:
            try:
                return list(await self.executor.submit(left))
            except ExecutorUnavailable as error:
                self.troubles.append(error)
                there = await self.find(*(launch.tag for launch in left))
                left = [launch for launch in left if launch.tag not in there]

    async def find(self, *tags: Tag) -> Collection[Tag]:
        """Find, as often as it takes to be answered."""
        return await self.persist(lambda: self.executor.find(tags))

    async def cancel(self, *tags: Tag) -> None:
        """Cancel, as often as it takes to be heard."""
        await self.persist(lambda: self.executor.cancel(tags))

    async def persist(self, call: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """Ask until there is an answer, as the core does after ExecutorUnavailable."""
        async with asyncio.timeout(_DEADLINE_S):
            while True:
                try:
                    return await call()
                except ExecutorUnavailable as error:
                    self.troubles.append(error)
                    await asyncio.sleep(_LOOK_S)

    def end(self, tag: Tag) -> Observation | None:
        """Give an attempt's end, if it was told."""
        return next((each for each in self.said.get(tag, []) if each.state.is_final), None)

    async def until(self, tag: Tag, state: State) -> Observation:
        """Wait until it is said that the attempt is so."""
        return await self._first(tag, lambda each: each.state is state, what=state)

    async def until_over(self, tag: Tag) -> Observation:
        """Wait for an attempt's end."""
        return await self._first(tag, lambda each: each.state.is_final, what="over")

    async def run(self, *launches: Launch) -> list[Observation]:
        """Submit, and wait for all ends."""
        return [await self.until_over(tag) for tag in await self.submit(*launches)]

    async def run_one(self, launch: Launch) -> Observation:
        """Submit, and wait for the end."""
        (end,) = await self.run(launch)
        return end

    async def _first(
        self, tag: Tag, is_it: Callable[[Observation], bool], *, what: str
    ) -> Observation:
        async def look() -> Observation | None:
            self.executor.hurry()
            async with self._changed:
                return next((each for each in self.said.get(tag, []) if is_it(each)), None)

        return await self.poll(look, f"attempt {tag} to be {what}")

    async def poll(self, look: Callable[[], Awaitable[_Answer | None]], what: str) -> _Answer:
        """Look again and again, until there is something."""
        try:
            async with asyncio.timeout(_DEADLINE_S):
                while (found := await look()) is None:
                    await self._something()
                return found
        except TimeoutError:
            raise AssertionError(
                f"waited in vain for {what}; it was said: {self.said}; troubles: {self.troubles[-5:]}"
            ) from None

    async def _something(self) -> None:
        """Wait until something is said, or some time has gone by."""
        try:
            async with asyncio.timeout(_LOOK_S), self._changed:
                await self._changed.wait()
        except TimeoutError:
            return

    async def output(self, tag: Tag, stream: Stream = Stream.STDOUT) -> bytes:
        """Read a log from its beginning."""
        part = await self.persist(
            lambda: self.executor.read_log(tag, stream, offset=0, limit=_LOG_BYTES)
        )
        return part.data

    async def until_written(self, tag: Tag, text: bytes, stream: Stream = Stream.STDOUT) -> bytes:
        """Wait until a text is in a log."""

        async def look() -> bytes | None:
            log = await self.output(tag, stream)
            return log if text in log else None

        return await self.poll(look, f"{text!r} in the {stream} of {tag}")

    async def until_there(self, path: str) -> bytes:
        """Wait until a job has written a file."""

        async def look() -> bytes | None:
            return self.scene.get(path)

        return await self.poll(look, f"the file {path}")

    def contradictions(self) -> list[str]:
        """Give what does not fit together in what was said: states that go back, two ends, reasons out of place."""
        return [
            f"{tag}: {wrong}: {said}"
            for tag, said in self.said.items()
            for wrong in _contradictions(said)
        ]


def _contradictions(said: list[Observation]) -> list[str]:
    found: list[str] = []
    for before, after in pairwise(said):
        if before.state.is_final:
            if (after.state, after.exit_code, after.signal) != (
                before.state,
                before.exit_code,
                before.signal,
            ):
                found.append("another word after the end")
        elif not after.again and _ORDER.get(after.state, 3) < _ORDER[before.state]:
            found.append("a step back")
    for each in said:
        if not each.again and each.reason not in REASONS[each.state]:
            found.append("a reason that the state does not have")
        if each.exit_code is not None and each.signal is not None:
            found.append("both exit code and signal")
        if each.at.tzinfo is None or (each.started is not None and each.started.tzinfo is None):
            found.append("a time without its zone")
    return found
