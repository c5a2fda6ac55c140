"""A batch executor on a cluster in memory, a clock that a test turns, and what the executor says."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import JobId, NativeId, Tag, job_of_tag, tag_of
from headway.core.model.spec import Spec
from headway.core.model.state import State
from headway.core.ports.executor import Launch, Observation
from headway.executors.batch.executor import BatchExecutor
from headway.executors.batch.patience import Patience
from headway.executors.batch.place import Places
from headway.testing.fake_cluster import FakeCluster, FakeDialect
from headway.testing.fakes import FakeClock, FakeIds

ROOT: Final = "/shared"
PATIENCE: Final = Patience(
    record_late=timedelta(seconds=10),
    word_late=timedelta(seconds=30),
    forgotten=timedelta(seconds=30),
    lost=timedelta(seconds=300),
)


class Follower:
    """See above.

    Attributes:
        said: all that was said since the last start, in order, in the batches that it came in.
    """

    def __init__(self, dialect: FakeDialect | None = None) -> None:
        self.clock = FakeClock()
        self.cluster = FakeCluster(self.clock)
        self.dialect = dialect or FakeDialect()
        self.said: list[Sequence[Observation]] = []
        self._ids = FakeIds()
        self.executor = self._made()
        self._listening: asyncio.Task[None] | None = None

    def _made(self) -> BatchExecutor:
        return BatchExecutor(
            dialect=self.dialect,
            transport=self.cluster,
            clock=self.clock,
            root=ROOT,
            jobs_at_once=1000,
            defaults={},
            patience=PATIENCE,
        )

    async def start(self) -> None:
        await self.executor.start()
        self._listening = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self.executor.close()

    async def restart(self) -> None:
        """Have a new executor that knows nothing yet, as a server that was started again has."""
        await self.stop()
        self.executor, self.said = self._made(), []
        await self.start()

    async def _listen(self) -> None:
        async for batch in self.executor.observations():
            self.said.append(batch)

    async def settle(self) -> None:
        """Let all that has been said arrive."""
        for _ in range(20):
            await asyncio.sleep(0)

    def launch(
        self, *, job: JobId | None = None, no: int = 1, directory: str | None = None
    ) -> Launch:
        tag = tag_of(job or self._ids.new_job_id(), no)
        return Launch(tag=tag, name="test", spec=Spec(command=("true",), directory=directory))

    async def submit(self, *, job: JobId | None = None, no: int = 1) -> Tag:
        launch = self.launch(job=job, no=no)
        assert await self.executor.submit([launch]) == []
        await self.settle()
        return launch.tag

    async def running(self) -> tuple[Tag, NativeId]:
        """Give an attempt that is known to run."""
        tag = await self.submit()
        native_id = self.cluster.id_of(tag)
        assert self.cluster.begin(native_id)
        await self.look()
        assert self.state(tag) is State.RUNNING
        return tag, native_id

    async def look(self, *, after_s: float = 15.0) -> list[Observation]:
        """Let time pass and a listing be read; gives what is said then, also when it could not be read."""
        self.clock.advance(seconds=after_s)
        before = len(self.said)
        try:
            await self.executor.find([])
        except ExecutorUnavailable:
            assert self.said[before:] == []
        await self.settle()
        return [each for batch in self.said[before:] for each in batch]

    async def look_for(self, seconds: float, *, every_s: float = 15.0) -> list[Observation]:
        """Look again and again for so long; gives all that was said."""
        news: list[Observation] = []
        end = self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < end:
            news += await self.look(after_s=every_s)
        return news

    def of(self, tag: Tag) -> list[Observation]:
        return [each for batch in self.said for each in batch if each.tag == tag]

    def state(self, tag: Tag) -> State | None:
        said = self.of(tag)
        return said[-1].state if said else None

    def next_of(self, tag: Tag) -> Tag:
        job, no = job_of_tag(tag)
        return tag_of(job, no + 1)

    def put(self, tag: Tag, name: str, data: bytes) -> None:
        """Write one of an attempt's files."""
        self.cluster.files[f"{self.place(tag)}/{name}"] = data

    def place(self, tag: Tag) -> str:
        """Give an attempt's directory."""
        return Places(ROOT).of(tag)
