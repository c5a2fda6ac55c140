"""Questions that a login node's shell is asked, each in a session of its own through one connection."""

import math
import secrets
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from headway.core.errors import ExecutorUnavailable
from headway.executors.batch.command import Output
from headway.executors.batch.process import End, Ended, Limit, Run, run_to_end
from headway.executors.batch.ssh_frame import Answer, Frame, Marks, bootstrap
from headway.executors.batch.ssh_master import Master
from headway.executors.batch.ssh_scripts import command_line, whole_script
from headway.executors.batch.threads import Threads
from headway.executors.batch.words import slow, too_much

#: The other side ends what it does so long after we gave it up, if it has not heard of that.
_LATER_S: Final = 2


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done there.

    Attributes:
        name: what it is called towards people.
        limit_s: how long it may take, from when the login's shell has answered.
    """

    name: str
    limit_s: float


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """How OpenSSH's client is started here.

    Attributes:
        path: of the program.
        environment: all of it: PATH, and SSH_AUTH_SOCK where an agent holds the key.
        options: more arguments: ``-F FILE``, ``-J JUMP``, ``-p PORT``, ``-o NAME=VALUE``.
        directory: where the connection's socket is; private to this user.
        connect_timeout_s: how long it may take until the connection is there, and until the login's shell answers.
        keep_s: how long a connection that nobody uses is kept.
    """

    path: str = "ssh"
    environment: Mapping[str, str]
    options: Sequence[str] = ()
    directory: Path
    connect_timeout_s: float = 15.0
    keep_s: float = 600.0


class Sessions:
    """Asks, some questions at a time.

    Args:
        shell: the path of a POSIX shell there.

    Raises:
        InvalidRequest: ssh would not take the destination for one.
    """

    def __init__(
        self,
        destination: str,
        client: Client,
        *,
        shell: str,
        most_output_bytes: int,
        at_once: int,
    ) -> None:
        self._destination = destination
        self._client = client
        self._bootstrap = bootstrap(shell)
        self._most_output_bytes = most_output_bytes
        self._threads = Threads(at_once, name="headway-ssh")
        self._connecting = Threads(1, name="headway-ssh-connection")
        self._master = Master(
            self._ssh,
            destination,
            options=client.options,
            directory=client.directory,
            connect_timeout_s=client.connect_timeout_s,
            keep_s=client.keep_s,
        )

    async def command(
        self,
        doing: Doing,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        stdin: bytes,
        prelude: str,
    ) -> Answer:
        """Have a program run there, after ``prelude`` was done.

        Raises:
            ExecutorSlow: it did not end in its time, and was killed.
            ExecutorUnavailable: the connection could not be made, or was cut; the program was killed then.
        """
        marks = Marks(secrets.token_hex(16))
        line = command_line(
            marks,
            argv,
            environment=environment,
            stdin=stdin,
            limit_s=math.ceil(doing.limit_s) + _LATER_S,
            prelude=prelude,
        )
        return await self._answer(doing, marks, line, holds_stdin=True)

    async def script(self, doing: Doing, body: bytes) -> Answer:
        """Have a shell's text done there; if the connection is cut it may still be done.

        Raises:
            ExecutorSlow: it did not end in its time, and was killed.
            ExecutorUnavailable: the connection could not be made, or was cut.
        """
        marks = Marks(secrets.token_hex(16))
        sent = whole_script(marks, body, limit_s=math.ceil(doing.limit_s) + _LATER_S)
        return await self._answer(doing, marks, sent, holds_stdin=False)

    async def _answer(
        self, doing: Doing, marks: Marks, sent: bytes, *, holds_stdin: bool
    ) -> Answer:
        socket = await self._master.socket()
        frame, ended = await self._asked(doing, marks, sent, socket, holds_stdin=holds_stdin)
        if self._master.was_absent(ended) and not frame.has_all:
            socket = await self._master.socket(lost=socket)
            frame, ended = await self._asked(doing, marks, sent, socket, holds_stdin=holds_stdin)
        answer = frame.answer(ended.stdout, ended.stderr)
        if answer is not None:
            return answer
        if ended.end is End.SLOW and not frame.has_begun:
            self._master.distrust(socket)
        raise self._trouble(doing, frame, ended)

    def _trouble(self, doing: Doing, frame: Frame, ended: Ended) -> ExecutorUnavailable:
        if ended.end is End.TOO_MUCH:
            return too_much(doing.name, self._most_output_bytes, where=self._destination)
        if ended.end is End.SLOW and frame.has_begun:
            return slow(doing.name, doing.limit_s, where=self._destination)
        if ended.end is End.SLOW:
            return ExecutorUnavailable(
                f"{self._destination} did not answer within {self._client.connect_timeout_s:g} s"
            )
        said = frame.outside(ended.stderr) or (b"" if frame.has_begun else ended.stdout)
        return self._master.trouble(said)

    async def _asked(
        self, doing: Doing, marks: Marks, sent: bytes, socket: str, *, holds_stdin: bool
    ) -> tuple[Frame, Ended]:
        frame = Frame(
            marks, begin_limit_s=self._client.connect_timeout_s, answer_limit_s=doing.limit_s
        )
        run = Run(
            argv=(self._client.path, *self._master.through(socket, self._bootstrap)),
            environment={**self._client.environment, "SHELL": "/bin/sh"},
            stdin=sent,
            holds_stdin=holds_stdin,
            most_output_bytes=self._most_output_bytes,
        )
        return frame, await self._run(self._threads, run, frame)

    async def _ssh(self, arguments: Sequence[str]) -> Ended:
        """Run ssh for the connection itself."""
        run = Run(
            argv=(self._client.path, *arguments),
            environment=self._client.environment,
            most_output_bytes=self._most_output_bytes,
        )
        limit_s = self._client.connect_timeout_s
        ended = await self._run(self._connecting, run, Limit(limit_s + _LATER_S))
        if ended.end is not End.ENDED:
            raise ExecutorUnavailable(f"no connection to {self._destination} within {limit_s:g} s")
        return ended

    async def _run(self, threads: Threads, run: Run, listener: Frame | Limit) -> Ended:
        stop = threading.Event()
        try:
            ended = await threads.run(partial(run_to_end, run, listener, stop))
        except OSError as error:
            raise ExecutorUnavailable(
                f"this machine cannot start {self._client.path}: {error.strerror}"
            ) from error
        finally:
            stop.set()
        if ended.was_not_there:
            said = Output(stderr=ended.stderr, exit_code=ended.exit_code or 0).complaint
            raise ExecutorUnavailable(
                f"this machine cannot start OpenSSH's client: {said}; install it, or put it on the server's PATH"
            )
        return ended

    async def close(self) -> None:
        """Close the connection."""
        await self._master.close()
        self._threads.close()
        self._connecting.close()
