"""A local executor on a data directory of its own, with real helper processes, and what it says of each attempt."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import Tag, tag_of
from headway.core.model.spec import Attributes, Spec
from headway.core.ports.executor import Launch, Observation, Refusal, Stream
from headway.executors.local import logs, process
from headway.executors.local.executor import LocalExecutor
from headway.testing.fakes import FakeIds

DEADLINE_S = 120.0  # patience with a machine that has other work to do
T = TypeVar("T")


class WallClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the Clock


class Rig:
    """An executor and everything it has said."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.base_environment: Mapping[str, str] = {"PATH": os.defpath, "BASE": "server"}
        self.grace_s = 60.0  # nothing that would end well is killed, however busy the machine
        self.idle_s = 10.0
        self.said: dict[Tag, list[Observation]] = {}
        self._ids = FakeIds()
        self._changed = asyncio.Condition()
        self._listening: asyncio.Task[None] | None = None
        self.executor = self._make()

    def _make(self) -> LocalExecutor:
        return LocalExecutor(
            clock=WallClock(),
            data=self.data,
            base_environment=self.base_environment,
            jobs_at_once=8,
            grace_s=self.grace_s,
            idle_s=self.idle_s,
        )

    async def start(self) -> None:
        """Have a new executor on the same data, as a server that was started again has."""
        await self.renew()
        await self.persist(self.executor.start)
        self._listening = asyncio.create_task(self._listen())

    async def renew(self) -> None:
        """Have a new executor on the same data that was not started yet."""
        await self.stop()
        self.executor = self._make()
        self.said = {}

    async def stop(self) -> None:
        """Let go, as a server that ends does."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self.executor.close()

    async def _listen(self) -> None:
        async for batch in self.executor.observations():
            async with self._changed:
                for each in batch:
                    self.said.setdefault(each.tag, []).append(each)
                self._changed.notify_all()

    def launch(
        self,
        *command: str,
        directory: str | None = None,
        environment: Mapping[str, str] | None = None,
        added: Mapping[str, str] | None = None,
        inherit_environment: bool = True,
        stdin_path: str | None = None,
        duration: float | None = None,
    ) -> Launch:
        """Make a launch with a new tag."""
        spec = Spec(
            command=command,
            directory=directory,
            environment=environment or {},
            inherit_environment=inherit_environment,
            stdin_path=stdin_path,
            attributes=Attributes(duration=duration),
        )
        tag = tag_of(self._ids.new_job_id(), 1)
        return Launch(tag=tag, name="test", spec=spec, environment=added or {})

    async def submit(self, launch: Launch) -> Tag:
        """Submit what must be taken, whatever happens to helpers meanwhile."""

        async def submit() -> None:
            if not await self.executor.find([launch.tag]):
                assert await self.executor.submit([launch]) == []

        await self.persist(submit)
        return launch.tag

    async def persist(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer, as the core does after ExecutorUnavailable."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                try:
                    return await call()
                except ExecutorUnavailable:
                    await asyncio.sleep(0.02)

    async def cancel(self, *tags: Tag) -> None:
        """Cancel, whatever happens to helpers meanwhile."""
        await self.persist(lambda: self.executor.cancel(tags))

    async def find(self, *tags: Tag) -> Collection[Tag]:
        """Find, whatever happens to helpers meanwhile."""
        return await self.persist(lambda: self.executor.find(tags))

    async def refused(self, launch: Launch) -> str:
        """Submit what must be refused; gives the words."""
        (refusal,) = await self.executor.submit([launch])
        assert isinstance(refusal, Refusal)
        return refusal.message

    async def until(self, tag: Tag, state: str) -> Observation:
        """Wait until it is said that the attempt is so (a state, a reason, or ``final``)."""
        async with asyncio.timeout(DEADLINE_S), self._changed:
            while True:
                for each in self.said.get(tag, []):
                    if state in (each.state, each.reason) or (
                        state == "final" and each.state.is_final
                    ):
                        return each
                await self._changed.wait()

    async def run(self, launch: Launch) -> Observation:
        """Submit, and wait for the end."""
        return await self.until(await self.submit(launch), "final")

    async def output(self, tag: Tag, stream: Stream = Stream.STDOUT) -> bytes:
        """Read the beginning of a log."""
        return (await self.executor.read_log(tag, stream, offset=0, limit=1 << 20)).data

    async def lines(self, tag: Tag, count: int) -> list[str]:
        """Wait for so many lines of output."""
        await self.poll(lambda: self._log(tag).count(b"\n") >= count)
        return self._log(tag).decode().splitlines()

    def _log(self, tag: Tag) -> bytes:
        return logs.read_part(self.data, tag, Stream.STDOUT, offset=0, limit=1 << 20).data

    async def poll(self, is_so: Callable[[], bool]) -> None:
        """Ask again and again, until the deadline, for what no event tells."""
        async with asyncio.timeout(DEADLINE_S):
            while not is_so():  # noqa: ASYNC110 - other processes set no event of ours
                await asyncio.sleep(0.01)

    def helpers(self) -> list[int]:
        """Give the pids of the helpers on this data, each reaper before its spawner.

        A spawner's child between fork and exec has its command line, but is a helper's child's child.
        """
        parents = dict(self._with_our_command())
        reapers = [pid for pid, parent in parents.items() if parent not in parents]
        spawners = [pid for pid, parent in parents.items() if parent in reapers]
        return [*sorted(reapers), *sorted(spawners)]

    def _with_our_command(self) -> Iterator[tuple[int, int]]:
        """Give processes and their parents."""
        for each in Path("/proc").iterdir():
            if not each.name.isdigit() or int(each.name) == os.getpid():
                continue
            with suppress(OSError):  # it ended meanwhile
                if bytes(self.data) in (each / "cmdline").read_bytes():
                    stat = (each / "stat").read_text().rpartition(")")[2].split()
                    if stat[0] not in "ZX":
                        yield int(each.name), int(stat[1])

    def files(self, pid: int) -> list[str]:
        """Give what a process has open."""
        found = []
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # it was closed meanwhile
                found.append(str(each.readlink()))
        return found

    async def no_helpers(self) -> None:
        """Wait until all helpers have ended."""
        await self.poll(lambda: not self.helpers())

    async def gone(self, pid: int) -> None:
        """Wait until a process is no more."""
        await self.poll(lambda: not process.is_alive(pid))

    def clean_up(self) -> None:
        """Kill what a test left."""
        for pid in process.descendants(self.helpers()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
