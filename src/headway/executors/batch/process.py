"""Runs one program to its end and no longer, in a thread: its input, its outputs as bytes, its limits, its children's end."""

import contextlib
import errno
import os
import select
import stat
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from functools import lru_cache
from typing import Final, Protocol

import msgspec

from headway.core.errors import ExecutorUnavailable, InvalidRequest
from headway.executors import open_files
from headway.executors.batch.sessions import kill_session, let_go_on

_READ_BYTES: Final = 1 << 18
_WRITE_BYTES: Final = 1 << 16
#: After a program has ended, so long its outputs are heard that others hold open.
_GRACE_S: Final = 0.5
_LOOK_S: Final = 0.25  #: so often it is looked whether somebody still wants to know
_HEAD_BYTES: Final = 4096
_KEPT: Final = 512  #: words of environments, which are the same each time
#: Said of a program that is not there, or cannot be executed.
_MISSING: Final = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOEXEC}
)


class End(Enum):
    """How the running of a program came to its end."""

    ENDED = auto()  #: by itself, or all that was listened for was heard
    SLOW = auto()
    TOO_MUCH = auto()  #: it printed more than allowed
    STOPPED = auto()


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard. ``exit_code`` is 128 + n when the signal n ended it, None when it was not waited for: ``left`` is then its id."""

    stdout: bytes
    stderr: bytes
    exit_code: int | None
    end: End
    left: int | None = None


def could_not_start(exit_code: int | None, stderr: bytes) -> bool:
    """Tell whether these are the words of env(1), through which a shell elsewhere starts it, about a program that it could not execute."""
    return exit_code in {126, 127} and stderr.startswith(b"env: ")


class ProgramMissing(ExecutorUnavailable):
    """A program is not there, or cannot be executed; the text says which, in the system's words."""


class Listener(Protocol):
    """Hears what is printed while it is printed."""

    def heard(self, stdout: bytearray, stderr: bytearray, after_s: float) -> None:
        """Hear all that was printed until now, so long after the start."""
        ...

    @property
    def has_all(self) -> bool:
        """Whether the program may go: all that was waited for has been heard."""
        ...

    @property
    def limit_s(self) -> float:
        """How long after its start the program may go on."""
        ...


class Limit:
    """Waits for the end of the program."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s

    def heard(self, stdout: bytearray, stderr: bytearray, after_s: float) -> None:
        """Do nothing."""

    @property
    def has_all(self) -> bool:
        """Never."""
        return False

    @property
    def limit_s(self) -> float:
        """As it was given."""
        return self._limit_s


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run.

    Attributes:
        environment: all of it; the program is looked for on its PATH.
        holds_stdin: its input stays open behind ``stdin`` until its end.
        is_anothers: it becomes another user's. It is not killed, for then nobody would know of what it leaves behind there; when
            its input ends it ends, and if that user has stopped it, it goes on.
    """

    argv: Sequence[str]
    environment: Mapping[str, str]
    stdin: bytes = b""
    holds_stdin: bool = False
    is_anothers: bool = False
    most_output_bytes: int


def as_bytes(text: str) -> bytes:
    """Give the bytes that an argument or a path stands for.

    Raises:
        InvalidRequest: it stands for none.
    """
    try:
        encoded = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise InvalidRequest(f"{text!r} is no text that a program or a path can have") from None
    if b"\0" in encoded:
        raise InvalidRequest(f"{text!r} holds a NUL, which no argument and no path can have")
    return encoded


_known = lru_cache(maxsize=_KEPT)(as_bytes)


def run_to_end(run: Run, listener: Listener, stop: threading.Event) -> Ended:
    """Run a program in a session of its own, with ``/`` as its directory, until it ends, has told all, or is stopped.

    One that did not end by itself is killed with all of its session; what one leaves behind that has ended is let live.

    Raises:
        ProgramMissing: the program is not there, or cannot be executed.
        OSError: it could not be started.
    """
    environment = {_known(name): _known(value) for name, value in run.environment.items()}
    argv = [*map(as_bytes, run.argv)]
    try:
        process = _started(argv, environment, run)
    except OSError as error:
        if error.errno in _MISSING:
            raise ProgramMissing(error.strerror or str(error)) from error
        raise
    hearing = _Hearing(process, run, listener)
    try:
        end = hearing.go(stop)
    finally:
        hearing.close()
        if not hearing.has_ended:
            (let_go_on if run.is_anothers else kill_session)(process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):  # in a dead file system KILL waits too
            process.wait(_GRACE_S)
    code = process.returncode
    return Ended(
        stdout=bytes(hearing.stdout),
        stderr=bytes(hearing.stderr),
        exit_code=128 - code if code is not None and code < 0 else code,
        end=end,
        left=process.pid if code is None else None,
    )


def _started(
    argv: Sequence[bytes], environment: Mapping[bytes, bytes], run: Run
) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(  # noqa: S603 -- what settings name
        argv,
        executable=_found(argv[0], environment.get(b"PATH", os.defpath.encode())),
        bufsize=0,
        stdin=subprocess.PIPE if run.stdin or run.holds_stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env=environment,
        start_new_session=True,
    )
    open_files.give_back(process.pid)
    return process


def _found(program: bytes, path: bytes) -> bytes:
    """Look for a program, and read its first bytes: where its file system hangs, this thread hangs alone.

    While a new process begins to execute, Python holds all threads.

    Raises:
        OSError: there is none that can be executed.
    """
    if b"/" in program:
        _look_at(program)
        return program
    refused: OSError = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    for directory in path.split(b":"):
        there = (directory or b".") + b"/" + program
        try:
            _look_at(there)
        except PermissionError as error:
            refused = error
        except OSError as error:
            if error.errno not in _MISSING:
                raise
        else:
            return there
    raise refused


def _look_at(program: bytes) -> None:
    is_file = stat.S_ISREG(os.stat(program).st_mode)  # noqa: PTH116 -- a path may hold any byte
    if not is_file or not os.access(program, os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    with contextlib.suppress(PermissionError):  # some may be executed and not read
        opened = os.open(program, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.read(opened, _HEAD_BYTES)
        finally:
            os.close(opened)


class _Hearing:
    """Feeds a program and hears it out."""

    def __init__(self, process: "subprocess.Popen[bytes]", run: Run, listener: Listener) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.has_ended = False
        self._process = process
        self._listener = listener
        self._started_s = time.monotonic()
        self._gone_s: float | None = None  #: since when it may end
        self._most_bytes = run.most_output_bytes
        self._holds_stdin = run.holds_stdin
        self._rest = memoryview(run.stdin)
        self._end = os.pidfd_open(process.pid)
        self._poll = select.poll()
        self._outputs: dict[int, bytearray] = {}
        self._watch()

    def _watch(self) -> None:
        self._poll.register(self._end, select.POLLIN)
        for pipe, heard in (
            (self._process.stdout, self.stdout),
            (self._process.stderr, self.stderr),
        ):
            if pipe is not None:
                self._outputs[pipe.fileno()] = heard
                self._poll.register(pipe.fileno(), select.POLLIN)
        self._input = -1
        if self._process.stdin is not None:
            self._input = self._process.stdin.fileno()
            os.set_blocking(self._input, False)
            self._poll.register(self._input, select.POLLOUT)

    def go(self, stop: threading.Event) -> End:
        """Go on until one of the ends."""
        while True:
            now = time.monotonic()
            if stop.is_set():
                return End.STOPPED
            if self._may_leave(now):
                return End.ENDED
            left_s = self._started_s + self._listener.limit_s - now
            if left_s <= 0 and not self.has_ended:
                return End.SLOW
            self._wait(min(max(left_s, 0.0) or _LOOK_S, _LOOK_S))
            if len(self.stdout) + len(self.stderr) > self._most_bytes:
                return End.TOO_MUCH

    def _may_leave(self, now: float) -> bool:
        if not (self.has_ended or self._listener.has_all):
            return False
        if self.has_ended and not self._outputs:
            return True
        if self._gone_s is None:
            self._gone_s = now
        return now - self._gone_s >= _GRACE_S

    def _wait(self, at_most_s: float) -> None:
        """Wait until something can be done, and do it."""
        for descriptor, _ in self._poll.poll(at_most_s * 1000):
            if descriptor == self._end:
                self.has_ended = True
                self._poll.unregister(descriptor)
            elif descriptor == self._input:
                self._feed()
            else:
                self._hear(descriptor)
        self._listener.heard(self.stdout, self.stderr, time.monotonic() - self._started_s)

    def _hear(self, descriptor: int) -> None:
        if part := os.read(descriptor, _READ_BYTES):
            self._outputs[descriptor] += part
        else:
            self._poll.unregister(descriptor)
            del self._outputs[descriptor]

    def _feed(self) -> None:
        try:
            count = os.write(self._input, self._rest[:_WRITE_BYTES])
        except BlockingIOError:
            return
        except BrokenPipeError:  # it needs no more, and says so by its exit code if that is wrong
            self._close_input()
            return
        self._rest = self._rest[count:]
        if not self._rest:
            if self._holds_stdin:
                self._poll.unregister(self._input)
                self._input = -1
            else:
                self._close_input()

    def _close_input(self) -> None:
        if self._input >= 0:
            self._poll.unregister(self._input)
            self._input = -1
        if self._process.stdin is not None:
            self._process.stdin.close()

    def close(self) -> None:
        """Let go of it."""
        os.close(self._end)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
