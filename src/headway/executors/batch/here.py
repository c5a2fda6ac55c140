"""The cluster's commands and files are on this machine."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Final, TypeVar

from headway.core.errors import ExecutorSlow, ExecutorUnavailable
from headway.core.ports.executor import LogPart
from headway.executors.batch import local_files
from headway.executors.batch.command import Command, Output
from headway.executors.batch.deleting import deleting
from headway.executors.batch.process import End, Ended, Limit, ProgramMissing, Run, run_to_end
from headway.executors.batch.threads import Threads
from headway.executors.batch.transport import File
from headway.executors.batch.words import not_there, slow, too_much

_WHERE: Final = "this machine"
_SHELL: Final = "/bin/sh"
_FILES_AT_ONCE: Final = 4
_DELETIONS_AT_ONCE: Final = 1
_FILES_LIMIT_S: Final = 30.0
_DELETING_LIMIT_S: Final = 300.0
MOST_OUTPUT_BYTES: Final = 64 << 20

_Done = TypeVar("_Done")


class Here:
    """A transport to this machine.

    Args:
        programs: the path, or the name to be looked for on PATH, of each program; others are looked for by their names.
        environment: all that commands have in theirs, PATH too.
        timeout_s: how long a command may take; ``timeouts_s`` says it of some programs.
        most_output_bytes: how much it may print.
        at_once: how many run at a time; more wait.
    """

    def __init__(
        self,
        programs: Mapping[str, str],
        environment: Mapping[str, str],
        *,
        timeout_s: float = 5.0,
        timeouts_s: Mapping[str, float] = MappingProxyType({}),
        most_output_bytes: int = MOST_OUTPUT_BYTES,
        at_once: int = 8,
    ) -> None:
        self._programs = programs
        self._environment = environment
        self._timeout_s, self._timeouts_s = timeout_s, timeouts_s
        self._most_output_bytes = most_output_bytes
        self._writing = asyncio.Lock()
        self._commands = Threads(at_once, name="headway-commands")
        self._files = Threads(_FILES_AT_ONCE, name="headway-cluster-files")
        self._deletions = Threads(_DELETIONS_AT_ONCE, name="headway-cluster-deletions")

    async def start(self) -> None:
        """Do nothing: there is nothing to connect to."""

    async def run(self, command: Command) -> Output:
        """Run a command; see Transport.run."""
        name = command.argv[0]
        path = self._programs.get(name, name)
        common = {k: v for k, v in self._environment.items() if k not in command.without}
        run = Run(
            argv=(path, *command.argv[1:]),
            environment={**common, **command.environment},
            stdin=command.stdin,
            most_output_bytes=self._most_output_bytes,
        )
        try:
            limit_s = command.limit_s or self._timeouts_s.get(name, self._timeout_s)
            ended = await self._ended(self._commands, run, limit_s)
        except ProgramMissing as error:
            raise not_there(name, path, str(error), where=_WHERE) from error
        return Output(stdout=ended.stdout, stderr=ended.stderr, exit_code=ended.exit_code or 0)

    async def _ended(self, threads: Threads, run: Run, limit_s: float) -> Ended:
        """Run a program to an end of its own.

        Raises:
            ExecutorSlow: it was killed.
            ExecutorUnavailable: it could not be started, or printed too much.
            ProgramMissing: the program is not there.
        """
        stop = threading.Event()
        try:
            ended = await threads.run(partial(run_to_end, run, Limit(limit_s), stop))
        except OSError as error:
            raise ExecutorUnavailable(
                f"this machine cannot start {run.argv[0]}: {error.strerror}"
            ) from error
        finally:
            stop.set()
        if ended.end is End.TOO_MUCH:
            raise too_much(run.argv[0], run.most_output_bytes, where=_WHERE)
        if ended.end is not End.ENDED or ended.exit_code is None:
            raise slow(run.argv[0], limit_s, where=_WHERE)
        return ended

    async def write(self, files: Sequence[File]) -> None:
        """Write files; see Transport.write."""
        async with (
            self._writing
        ):  # else one would trust in a directory that the other has not made durable yet
            await asyncio.gather(
                *(self._do(partial(local_files.write_files, part)) for part in _parts(files))
            )

    async def write_new(self, file: File) -> bool:
        """Write a file unless there is one; see Transport.write_new."""
        return await self._do(partial(local_files.write_new_file, file))

    async def write_new_each(self, files: Sequence[File]) -> Sequence[bool | None]:
        """Write some files; see Transport.write_new_each."""
        # side by side: what makes one durable makes others durable with it
        parts = await asyncio.gather(
            *(
                self._do(partial(local_files.write_new_files, files[first::_FILES_AT_ONCE]))
                for first in range(_FILES_AT_ONCE)
            )
        )
        written: list[bool | None] = [None] * len(files)
        for first, part in enumerate(parts):
            written[first::_FILES_AT_ONCE] = part
        return written

    async def collect(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Read small files; see Transport.collect."""
        return await self._do(partial(local_files.collect_files, tuple(paths)))

    async def names(self, directory: str) -> Sequence[str]:
        """Give the names in a directory; see Transport.names."""
        return await self._do(partial(local_files.names_in, directory))

    async def missing_directories(self, paths: Sequence[str]) -> Sequence[str]:
        """Tell which are no directories that may be entered; see Transport.missing_directories."""
        return await self._do(partial(local_files.missing_directories, tuple(paths)))

    async def read(self, path: str, *, offset: int, limit: int, is_ours: bool = True) -> LogPart:
        """Read some bytes of a file; see Transport.read."""
        read_part = local_files.read_part if is_ours else local_files.look_at_part
        return await self._do(partial(read_part, path, offset=offset, limit=limit))

    async def _do(self, work: Callable[[], _Done]) -> _Done:
        """Do something with files, and do not wait for a file system that hangs.

        Raises:
            ExecutorSlow: it hangs.
            ExecutorUnavailable: it says no.
        """
        try:
            async with asyncio.timeout(_FILES_LIMIT_S):
                return await self._files.run(work)
        except TimeoutError:
            raise ExecutorSlow(
                f"a file system of this machine did not answer within {_FILES_LIMIT_S:g} s"
            ) from None
        except OSError as error:
            raise ExecutorUnavailable(
                f"a file on this machine cannot be reached: {error}"
            ) from error

    async def remove(self, directories: Sequence[str]) -> None:
        """Delete directories; see Transport.remove."""
        if not directories:
            return
        ended = await self._ended(
            self._deletions,
            Run(
                argv=(_SHELL,),
                environment={**self._environment, "LC_ALL": "C"},
                stdin=deleting(directories),
                most_output_bytes=self._most_output_bytes,
            ),
            _DELETING_LIMIT_S,
        )
        if ended.exit_code != 0:
            said = Output(stderr=ended.stderr, exit_code=ended.exit_code or 0).complaint
            raise ExecutorUnavailable(f"not all could be deleted on this machine: {said}")

    async def close(self) -> None:
        """Let the threads go."""
        for threads in (self._commands, self._files, self._deletions):
            threads.close()


def _parts(files: Sequence[File]) -> Sequence[Sequence[File]]:
    """Divide files into parts to be written side by side, those of one directory in one part: syncs share their waiting."""
    by_directory: dict[str, list[File]] = {}
    for file in files:
        by_directory.setdefault(file.path.rpartition("/")[0], []).append(file)
    parts: list[list[File]] = [[] for _ in range(min(_FILES_AT_ONCE, len(by_directory)))]
    for number, some in enumerate(by_directory.values()):
        parts[number % len(parts)] += some
    return parts
