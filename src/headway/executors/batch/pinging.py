"""A scheduler that is dead is not slow, also where its commands wait for it longer than anybody waits for them."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from headway.core.errors import ExecutorSlow, ExecutorUnavailable
from headway.core.ports.executor import LogPart
from headway.executors.batch.command import Command, Output
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.transport import File, Transport


@runtime_checkable
class Pinged(Protocol):
    """A dialect of a scheduler whose commands try for some time to reach a daemon that is not there."""

    def ping(self) -> Command:
        """Give a command that tells at once whether the daemon is there."""
        ...

    def dead(self, output: Output) -> str:
        """Say what is not there, in a sentence's words; "" where it is there, or cannot be told."""
        ...


def telling_dead_from_slow(transport: Transport, dialect: Dialect) -> Transport:
    """Give a transport that says which of the two a scheduler is, where that can be told."""
    if isinstance(dialect, Pinged):
        return _Telling(transport, dialect, frozenset(dialect.programs))
    return transport


class _Telling:
    """A transport; see Transport. When a program of the scheduler's is slow, its daemon is asked for."""

    def __init__(self, transport: Transport, dialect: Pinged, programs: frozenset[str]) -> None:
        self._transport = transport
        self._dialect = dialect
        self._programs = programs

    async def run(self, command: Command) -> Output:
        try:
            return await self._transport.run(command)
        except ExecutorSlow as slow:
            dead = await self._dead() if command.argv[0] in self._programs else ""
            if dead:
                raise ExecutorUnavailable(f"{dead}; {slow}") from None
            raise

    async def _dead(self) -> str:
        try:
            return self._dialect.dead(await self._transport.run(self._dialect.ping()))
        except ExecutorUnavailable:
            return ""

    async def start(self) -> None:
        await self._transport.start()

    async def write(self, files: Sequence[File]) -> None:
        await self._transport.write(files)

    async def write_new(self, file: File) -> bool:
        return await self._transport.write_new(file)

    async def write_new_each(self, files: Sequence[File]) -> Sequence[bool | None]:
        return await self._transport.write_new_each(files)

    async def collect(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        return await self._transport.collect(paths)

    async def names(self, directory: str) -> Sequence[str]:
        return await self._transport.names(directory)

    async def missing_directories(self, paths: Sequence[str]) -> Sequence[str]:
        return await self._transport.missing_directories(paths)

    async def read(self, path: str, *, offset: int, limit: int, is_ours: bool = True) -> LogPart:
        return await self._transport.read(path, offset=offset, limit=limit, is_ours=is_ours)

    async def remove(self, directories: Sequence[str]) -> None:
        await self._transport.remove(directories)

    async def close(self) -> None:
        await self._transport.close()
