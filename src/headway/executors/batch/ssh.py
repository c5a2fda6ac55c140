"""The cluster's commands and files are behind a login node, reached by OpenSSH's own client.

What is guaranteed: an answer is whole or it is none, whatever the login prints and wherever the connection is cut. A command
that is given up here is killed there, with all that it started and that made no session of its own: at once where the
cut is known to the other side, else when its time is over.
"""

import asyncio
import math
import secrets
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.core.ports.executor import LogPart
from headway.executors.batch import ssh_files
from headway.executors.batch.command import Command, Output
from headway.executors.batch.deleting import deleting
from headway.executors.batch.local_files import LARGEST_PART_BYTES, no_file
from headway.executors.batch.process import End, Ended, Limit, Run, could_not_start, run_to_end
from headway.executors.batch.ssh_frame import Answer, Frame, Marks, bootstrap
from headway.executors.batch.ssh_master import Master
from headway.executors.batch.ssh_scripts import command_line, whole_script
from headway.executors.batch.threads import Threads
from headway.executors.batch.transport import File
from headway.executors.batch.words import not_there, slow, too_much

_MOST_OUTPUT_BYTES: Final = 64 << 20
_MOST_PATHS: Final = 3000
_FILES_LIMIT_S: Final = 30.0
_DELETING_LIMIT_S: Final = 300.0
#: The other side ends what it does so long after we gave it up, if it has not heard of that.
_LATER_S: Final = 2


class _Ask(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done there: what it is called towards people, what is sent, how long it may take."""

    name: str
    marks: Marks
    sent: bytes
    limit_s: float
    holds_stdin: bool = False


class OverSsh:
    """A transport to a login node.

    Args:
        destination: ``user@host``, a Host of an ssh_config, or ``ssh://user@host:port``.
        programs: the path there, or the name to be looked for on PATH, of each program.
        environment: variables that commands have beside those of the login.
        ssh_environment: all of the environment of ssh itself: PATH, and SSH_AUTH_SOCK where an agent holds the key.
        control_directory: where the connection's socket is; private to this user.
        ssh: the path of OpenSSH's client.
        options: more arguments for it: ``-F FILE``, ``-J JUMP``, ``-p PORT``, ``-o NAME=VALUE``.
        shell: the path of a POSIX shell there.
        prelude: a shell's text that is done before each command: ``. /etc/profile.d/lsf.sh``.
        timeout_s: how long a command may take there.
        connect_timeout_s: how long it may take until the connection is there, and until the login's shell answers.
        most_output_bytes: how much a command may print.
        at_once: how many commands run at a time; sshd allows 10 by itself (MaxSessions).
        keep_s: how long a connection that nobody uses is kept.

    Raises:
        InvalidRequest: ssh would not take the destination for one.
    """

    def __init__(
        self,
        destination: str,
        programs: Mapping[str, str],
        environment: Mapping[str, str],
        *,
        ssh_environment: Mapping[str, str],
        control_directory: Path,
        ssh: str = "ssh",
        options: Sequence[str] = (),
        shell: str = "/bin/sh",
        prelude: str = "",
        timeout_s: float = 5.0,
        connect_timeout_s: float = 15.0,
        most_output_bytes: int = _MOST_OUTPUT_BYTES,
        at_once: int = 8,
        keep_s: float = 600.0,
    ) -> None:
        self._destination = destination
        self._programs = programs
        self._environment = environment
        self._ssh_environment = ssh_environment
        self._ssh_program = ssh
        self._bootstrap = bootstrap(shell)
        self._prelude = prelude
        self._timeout_s = timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._most_output_bytes = most_output_bytes
        self._writing = asyncio.Lock()
        self._sessions = Threads(at_once, name="headway-ssh")
        self._connections = Threads(1, name="headway-ssh-connection")
        self._master = Master(
            self._ssh,
            destination,
            options=options,
            directory=control_directory,
            connect_timeout_s=connect_timeout_s,
            keep_s=keep_s,
        )

    async def start(self) -> None:
        """Connect, and see that a shell answers; see Transport.start."""
        await self._script("the login's shell", b":", self._timeout_s)

    async def run(self, command: Command) -> Output:
        """Run a command; see Transport.run."""
        name = command.argv[0]
        path = self._programs.get(name, name)
        marks = Marks(secrets.token_hex(16))
        answer = await self._answer(
            _Ask(
                name=path,
                marks=marks,
                sent=command_line(
                    marks,
                    (path, *command.argv[1:]),
                    environment={**self._environment, **command.environment},
                    stdin=command.stdin,
                    limit_s=math.ceil(self._timeout_s) + _LATER_S,
                    prelude=self._prelude,
                ),
                limit_s=self._timeout_s,
                holds_stdin=True,
            )
        )
        output = Output(stdout=answer.stdout, stderr=answer.stderr, exit_code=answer.exit_code)
        if could_not_start(answer.exit_code, answer.stderr):
            raise not_there(name, path, output, where=self._destination)
        return output

    async def _script(self, name: str, body: bytes, limit_s: float) -> Answer:
        """Have a script done there, which is called ``name`` towards people.

        Raises:
            ExecutorSlow: it did not end in its time.
            ExecutorUnavailable: the connection could not be made, or was cut.
        """
        marks = Marks(secrets.token_hex(16))
        sent = whole_script(marks, body, limit_s=math.ceil(limit_s) + _LATER_S)
        return await self._answer(_Ask(name=name, marks=marks, sent=sent, limit_s=limit_s))

    async def _answer(self, ask: _Ask) -> Answer:
        socket = await self._master.socket()
        frame, ended = await self._asked(ask, socket)
        if self._master.was_absent(ended) and not frame.has_all:
            socket = await self._master.socket(lost=socket)
            frame, ended = await self._asked(ask, socket)
        answer = frame.answer(ended.stdout, ended.stderr)
        if answer is not None:
            return answer
        if ended.end is End.TOO_MUCH:
            raise too_much(ask.name, self._most_output_bytes, where=self._destination)
        if ended.end is End.SLOW and frame.has_begun:
            raise slow(ask.name, ask.limit_s, where=self._destination)
        if ended.end is End.SLOW:
            self._master.distrust(socket)
            raise ExecutorUnavailable(
                f"{self._destination} did not answer within {self._connect_timeout_s:g} s"
            )
        said = frame.outside(ended.stderr) or (b"" if frame.has_begun else ended.stdout)
        raise self._master.trouble(said)

    async def _asked(self, ask: _Ask, socket: str) -> tuple[Frame, Ended]:
        frame = Frame(ask.marks, begin_limit_s=self._connect_timeout_s, answer_limit_s=ask.limit_s)
        run = Run(
            argv=(self._ssh_program, *self._master.through(socket, self._bootstrap)),
            environment={**self._ssh_environment, "SHELL": "/bin/sh"},
            stdin=ask.sent,
            holds_stdin=ask.holds_stdin,
            most_output_bytes=self._most_output_bytes,
        )
        return frame, await self._run(self._sessions, run, frame)

    async def _ssh(self, arguments: Sequence[str]) -> Ended:
        """Run ssh for the connection itself."""
        run = Run(
            argv=(self._ssh_program, *arguments),
            environment=self._ssh_environment,
            most_output_bytes=self._most_output_bytes,
        )
        ended = await self._run(self._connections, run, Limit(self._connect_timeout_s + _LATER_S))
        if ended.end is not End.ENDED:
            raise ExecutorUnavailable(
                f"no connection to {self._destination} within {self._connect_timeout_s:g} s"
            )
        return ended

    async def _run(self, threads: Threads, run: Run, listener: Frame | Limit) -> Ended:
        stop = threading.Event()
        try:
            ended = await threads.run(partial(run_to_end, run, listener, stop))
        except OSError as error:
            raise ExecutorUnavailable(
                f"this machine cannot start {self._ssh_program}: {error.strerror}"
            ) from error
        finally:
            stop.set()
        if ended.was_not_there:
            output = Output(stderr=ended.stderr, exit_code=ended.exit_code or 0)
            raise not_there("ssh", self._ssh_program, output, where="this machine")
        return ended

    async def write(self, files: Sequence[File]) -> None:
        """Write files; see Transport.write."""
        if not files:
            return
        body = ssh_files.writing(files, secrets.token_hex(4))
        async with (
            self._writing
        ):  # else one would trust in a directory that the other has not made durable yet
            answer = await self._script("writing files", body, _FILES_LIMIT_S)
        self._check(answer, "not all files were written")

    async def write_new(self, file: File) -> bool:
        """Write a file unless there is one; see Transport.write_new."""
        body = ssh_files.writing_new(file, secrets.token_hex(4))
        answer = await self._script("writing a file", body, _FILES_LIMIT_S)
        if answer.exit_code == ssh_files.IS_THERE:
            return False
        self._check(answer, f"{file.path} was not written")
        return True

    async def names(self, directory: str) -> Sequence[str]:
        """Give the names in a directory; see Transport.names."""
        body = ssh_files.naming(directory)
        answer = await self._script("looking", body, _FILES_LIMIT_S)
        self._check(answer, f"{directory} could not be looked into")
        found = answer.stdout.decode("utf-8", "surrogateescape").split("\0")
        return found[:-1]

    async def collect(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Read small files; see Transport.collect."""
        found: dict[str, bytes] = {}
        for start in range(0, len(paths), _MOST_PATHS):
            found |= await self._collect(paths[start : start + _MOST_PATHS])
        return found

    async def _collect(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        body = ssh_files.collecting(paths)
        answer = await self._script("reading records", body, _FILES_LIMIT_S)
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
        answer = await self._script("looking", ssh_files.missing(paths), _FILES_LIMIT_S)
        self._check(answer, "directories could not be looked for")
        return [paths[int(number) - 1] for number in answer.stdout.split()]

    async def read(self, path: str, *, offset: int, limit: int, is_ours: bool = True) -> LogPart:
        """Read some bytes of a file; see Transport.read."""
        limit = max(0, min(limit, LARGEST_PART_BYTES))
        body = ssh_files.reading(path, offset=offset, limit=limit, is_ours=is_ours)
        answer = await self._script("reading a file", body, _FILES_LIMIT_S)
        if answer.exit_code == ssh_files.NO_FILE:
            raise no_file(path)
        self._check(answer, f"{path} could not be read")
        return ssh_files.read(answer.stdout, offset=offset, limit=limit)

    async def remove(self, directories: Sequence[str]) -> None:
        """Delete directories; see Transport.remove."""
        if not directories:
            return
        answer = await self._script("deleting", deleting(directories), _DELETING_LIMIT_S)
        self._check(answer, "not all could be deleted")

    def _check(self, answer: Answer, trouble: str) -> None:
        """Check that a script went well.

        Raises:
            ExecutorUnavailable: it did not; its own words are given.
        """
        if answer.exit_code != 0:
            said = Output(stderr=answer.stderr, exit_code=answer.exit_code).complaint
            raise ExecutorUnavailable(f"{trouble} on {self._destination}: {said}")

    async def close(self) -> None:
        """Close the connection; see Transport.close."""
        await self._master.close()
        self._sessions.close()
        self._connections.close()
