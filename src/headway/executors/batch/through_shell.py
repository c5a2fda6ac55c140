"""A transport through a shell that is reached by another program: a login node's over ssh, another user's by sudo.

What is guaranteed: an answer is whole or it is none, whatever is printed around it and wherever the connection is cut. A command
that is given up here is killed there, with all that it started and that made no session of its own: at once where the
cut is known to the other side, else when its time is over.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.core.ports.executor import LogPart
from headway.executors.batch import ssh_files
from headway.executors.batch.command import Command, Output
from headway.executors.batch.deleting import deleting
from headway.executors.batch.local_files import LARGEST_PART_BYTES, no_file
from headway.executors.batch.process import could_not_start
from headway.executors.batch.shell_sessions import Doing, Sessions, Way
from headway.executors.batch.ssh_frame import Answer
from headway.executors.batch.transport import File
from headway.executors.batch.words import not_there

logger = logging.getLogger(__name__)

MOST_OUTPUT_BYTES: Final = 64 << 20
_MOST_PATHS: Final = 3000
_LOOKING: Final = Doing(name="looking for files", limit_s=30.0)
_READING: Final = Doing(name="reading a file", limit_s=30.0)
_WRITING: Final = Doing(name="writing files", limit_s=30.0)
_DELETING: Final = Doing(name="deleting", limit_s=300.0)


class ThroughShell:
    """A transport to wherever a way leads.

    Args:
        programs: the path there, or the name to be looked for on PATH, of each program.
        environment: variables that commands have beside those that are there.
        prelude: a shell's text that is done before each command: ``. /etc/profile.d/lsf.sh``.
        timeout_s: how long a command may take there; ``timeouts_s`` says it of some programs.
        most_output_bytes: how much a command may print.
        at_once: how many commands run at a time.
    """

    def __init__(
        self,
        way: Way,
        programs: Mapping[str, str],
        environment: Mapping[str, str],
        *,
        prelude: str = "",
        timeout_s: float = 5.0,
        timeouts_s: Mapping[str, float] = MappingProxyType({}),
        most_output_bytes: int = MOST_OUTPUT_BYTES,
        at_once: int = 8,
    ) -> None:
        self._where = way.where
        self._programs = programs
        self._environment = environment
        self._prelude = prelude
        self._timeout_s, self._timeouts_s = timeout_s, timeouts_s
        self._writing = asyncio.Lock()
        self._sessions = Sessions(way, most_output_bytes=most_output_bytes, at_once=at_once)

    async def start(self) -> None:
        """Connect, and see that a shell answers; see Transport.start."""
        doing = Doing(name="the login's shell", limit_s=self._timeout_s)
        self._check(await self._sessions.script(doing, b":"), "the login's shell does nothing")

    async def run(self, command: Command) -> Output:
        """Run a command; see Transport.run."""
        name = command.argv[0]
        path = self._programs.get(name, name)
        without = [word for each in sorted(command.without) for word in ("-u", each)]
        limit_s = command.limit_s or self._timeouts_s.get(name, self._timeout_s)
        answer = await self._sessions.command(
            Doing(name=path, limit_s=limit_s),
            (*(["env", *without] if without else []), path, *command.argv[1:]),
            environment={**self._environment, **command.environment},
            stdin=command.stdin,
            prelude=self._prelude,
        )
        output = Output(stdout=answer.stdout, stderr=answer.stderr, exit_code=answer.exit_code)
        if could_not_start(answer.exit_code, answer.stderr):
            raise not_there(name, path, output.complaint, where=self._where)
        return output

    async def write(self, files: Sequence[File]) -> None:
        """Write files; see Transport.write."""
        if not files:
            return
        body = ssh_files.writing(files, secrets.token_hex(4))
        async with (
            self._writing
        ):  # else one would trust in a directory that the other has not made durable yet
            answer = await self._sessions.script(_WRITING, body)
        self._check(answer, "not all files were written")

    async def write_new(self, file: File) -> bool:
        """Write a file unless there is one; see Transport.write_new."""
        body = ssh_files.writing_new(file, secrets.token_hex(4))
        answer = await self._sessions.script(_WRITING, body)
        if answer.exit_code == ssh_files.IS_THERE:
            return False
        self._check(answer, f"{file.path} was not written")
        return True

    async def names(self, directory: str) -> Sequence[str]:
        """Give the names in a directory; see Transport.names."""
        body = ssh_files.naming(directory)
        answer = await self._sessions.script(_LOOKING, body)
        self._check(answer, f"{directory} could not be looked into")
        found = answer.stdout.decode("utf-8", "surrogateescape").split("\0")
        return found[:-1]

    async def write_new_each(self, files: Sequence[File]) -> Sequence[bool | None]:
        """Write some files; see Transport.write_new_each."""
        return await asyncio.gather(*map(self._write_new_or_tell, files))

    async def _write_new_or_tell(self, file: File) -> bool | None:
        try:
            return await self.write_new(file)
        except ExecutorUnavailable as error:
            logger.warning("%s was not written: %s", file.path, error)
            return None

    async def collect(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Read small files; see Transport.collect."""
        found: dict[str, bytes] = {}
        for start in range(0, len(paths), _MOST_PATHS):
            found |= await self._collect(paths[start : start + _MOST_PATHS])
        return found

    async def _collect(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        body = ssh_files.collecting(paths)
        answer = await self._sessions.script(_LOOKING, body)
        self._check(answer, "files could not be looked for")
        found = ssh_files.collected(answer.stdout, paths)
        if found is not None:
            return found
        if len(paths) > 1:  # one was being written, or has a name of several lines
            half = len(paths) // 2
            return {**await self._collect(paths[:half]), **await self._collect(paths[half:])}
        try:
            part = await self.read(paths[0], offset=0, limit=ssh_files.SMALL_BYTES)
        except NotFound:
            return {}
        return {paths[0]: part.data}

    async def missing_directories(self, paths: Sequence[str]) -> Sequence[str]:
        """Tell which are no directories that may be entered; see Transport.missing_directories."""
        if not paths:
            return []
        answer = await self._sessions.script(_LOOKING, ssh_files.missing(paths))
        self._check(answer, "directories could not be looked for")
        try:
            return [paths[int(number) - 1] for number in answer.stdout.split()]
        except (ValueError, IndexError):
            raise self._not_understood("looking for directories") from None

    async def read(self, path: str, *, offset: int, limit: int, is_ours: bool = True) -> LogPart:
        """Read some bytes of a file; see Transport.read."""
        limit = max(0, min(limit, LARGEST_PART_BYTES))
        body = ssh_files.reading(path, offset=offset, limit=limit, is_ours=is_ours)
        answer = await self._sessions.script(_READING, body)
        if answer.exit_code == ssh_files.NO_FILE:
            raise no_file(path)
        self._check(answer, f"{path} could not be read")
        try:
            return ssh_files.read(answer.stdout, offset=offset, limit=limit)
        except ValueError:
            raise self._not_understood("reading a file") from None

    def _not_understood(self, doing: str) -> ExecutorUnavailable:
        """Say that an answer is none: whoever has the other side's account can have it say anything."""
        return ExecutorUnavailable(f"{doing} on {self._where}: the answer is not understood")

    async def remove(self, directories: Sequence[str]) -> None:
        """Delete directories; see Transport.remove."""
        if not directories:
            return
        answer = await self._sessions.script(_DELETING, deleting(directories))
        self._check(answer, "not all could be deleted")

    def _check(self, answer: Answer, trouble: str) -> None:
        """Check that a script went well.

        Raises:
            ExecutorUnavailable: it did not; its own words are given.
        """
        if answer.exit_code != 0:
            said = Output(stderr=answer.stderr, exit_code=answer.exit_code).complaint
            raise ExecutorUnavailable(f"{trouble} on {self._where}: {said}")

    async def close(self) -> None:
        """Close the connection; see Transport.close."""
        await self._sessions.close()
