"""Questions that a shell is asked which is reached through another program: ssh, or sudo. Each is asked in a session of its own."""

import math
import secrets
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, Protocol

import msgspec

from headway.core.errors import ExecutorUnavailable
from headway.executors.batch.process import End, Ended, Limit, ProgramMissing, Run, run_to_end
from headway.executors.batch.sessions import is_left, let_go_on
from headway.executors.batch.ssh_frame import Answer, Frame, Marks
from headway.executors.batch.ssh_scripts import command_line, whole_script
from headway.executors.batch.threads import Threads
from headway.executors.batch.words import slow, too_much

#: The other side ends what it does so long after we gave it up, if it has not heard of that.
LATER_S: Final = 2
_MOST_LEFT: Final = 16


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done there.

    Attributes:
        name: what it is called towards people.
        limit_s: how long it may take, from when the shell has answered.
    """

    name: str
    limit_s: float


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """One way through: the program that is started here, and what it finds.

    Attributes:
        key: by which it is known to who gave it.
        environment: all of it.
        is_anothers: the program becomes another user's.
    """

    key: str = ""
    is_anothers: bool = False
    argv: Sequence[str]
    environment: Mapping[str, str]


class Way(Protocol):
    """Leads to a shell that reads one line and does what it says; see ``ssh_frame.LISTENING``."""

    @property
    def where(self) -> str:
        """What the other side is called towards people."""
        ...

    @property
    def client(self) -> str:
        """What the program between us is called towards people."""
        ...

    @property
    def begin_limit_s(self) -> float:
        """How long it may take until the shell answers."""
        ...

    async def passage(self, lost: Passage | None = None) -> Passage:
        """Give a way through, another one than ``lost``.

        Raises:
            ExecutorUnavailable: there is none.
        """
        ...

    def was_absent(self, ended: Ended) -> bool:
        """Tell whether nothing was done because the passage was no more."""
        ...

    def distrust(self, passage: Passage) -> None:
        """Give this one to nobody any more: it does not answer."""
        ...

    def trouble(self, ended: Ended, said: bytes) -> ExecutorUnavailable:
        """Say what went wrong, in the words of the program between us; ``said`` was no part of an answer."""
        ...

    async def close(self) -> None:
        """Let go of what is held."""
        ...


class Sessions:
    """Asks, some questions at a time."""

    def __init__(self, way: Way, *, most_output_bytes: int, at_once: int) -> None:
        self._way = way
        self._most_output_bytes = most_output_bytes
        self._threads = Threads(at_once, name="headway-sessions")
        self._left: set[int] = set()  # programs that we gave up, and that could not be ended

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
            limit_s=math.ceil(doing.limit_s) + LATER_S,
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
        sent = whole_script(marks, body, limit_s=math.ceil(doing.limit_s) + LATER_S)
        return await self._answer(doing, marks, sent, holds_stdin=False)

    async def _answer(
        self, doing: Doing, marks: Marks, sent: bytes, *, holds_stdin: bool
    ) -> Answer:
        self._look_after_left()
        passage = await self._way.passage()
        frame, ended = await self._asked(doing, marks, sent, passage, holds_stdin=holds_stdin)
        if self._way.was_absent(ended) and not frame.has_all:
            passage = await self._way.passage(lost=passage)
            frame, ended = await self._asked(doing, marks, sent, passage, holds_stdin=holds_stdin)
        answer = frame.answer(ended.stdout, ended.stderr)
        if answer is not None:
            return answer
        if ended.end is End.SLOW and not frame.has_begun:
            self._way.distrust(passage)
        raise self._trouble(doing, frame, ended)

    def _trouble(self, doing: Doing, frame: Frame, ended: Ended) -> ExecutorUnavailable:
        if ended.end is End.TOO_MUCH:
            return too_much(doing.name, self._most_output_bytes, where=self._way.where)
        if ended.end is End.SLOW and frame.has_begun:
            return slow(doing.name, doing.limit_s, where=self._way.where)
        if ended.end is End.SLOW:
            return ExecutorUnavailable(
                f"{self._way.where} did not answer within {self._way.begin_limit_s:g} s"
            )
        said = frame.outside(ended.stderr) or (b"" if frame.has_begun else ended.stdout)
        return self._way.trouble(ended, said)

    async def _asked(
        self, doing: Doing, marks: Marks, sent: bytes, passage: Passage, *, holds_stdin: bool
    ) -> tuple[Frame, Ended]:
        frame = Frame(marks, begin_limit_s=self._way.begin_limit_s, answer_limit_s=doing.limit_s)
        run = Run(
            argv=passage.argv,
            environment=passage.environment,
            stdin=sent,
            holds_stdin=holds_stdin,
            is_anothers=passage.is_anothers,
            most_output_bytes=self._most_output_bytes,
        )
        ended = await run_here(self._threads, run, frame, program=self._way.client)
        if ended.left is not None:
            self._left.add(ended.left)
        return frame, ended

    def _look_after_left(self) -> None:
        """Have those go on that were given up, and begin no more while there are too many of them.

        Raises:
            ExecutorUnavailable: there are.
        """
        self._left = {pid for pid in self._left if is_left(pid)}
        for pid in self._left:
            let_go_on(pid)
        if len(self._left) >= _MOST_LEFT:
            raise ExecutorUnavailable(
                f"{len(self._left)} sessions on {self._way.where} were given up and do not end:"
                " something holds or stops them there; end them, and all goes on"
            )

    async def close(self) -> None:
        """Close the connection."""
        await self._way.close()
        self._threads.close()


async def run_here(threads: Threads, run: Run, listener: Frame | Limit, *, program: str) -> Ended:
    """Run the program between us and the other side.

    Raises:
        ExecutorUnavailable: it cannot be started.
    """
    stop = threading.Event()
    try:
        return await threads.run(partial(run_to_end, run, listener, stop))
    except ProgramMissing as error:
        raise ExecutorUnavailable(
            f"this machine cannot start {program}: {error}; install it, or put it on the server's PATH"
        ) from error
    except OSError as error:
        raise ExecutorUnavailable(
            f"this machine cannot start {run.argv[0]}: {error.strerror}"
        ) from error
    finally:
        stop.set()
