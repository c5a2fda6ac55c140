"""Starts a worker, and finds those that were started by a server before. Blocking; called in threads."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from headway.executors import open_files
from headway.executors.functions.engines.processes import identity, orders, places

_PROGRAM: Final = "headway.executors.functions.engines.processes.worker"
#: Servers that came and went while one function runs: none is accepted before its end.
_BACKLOG: Final = 1000
_BORN_S: Final = 10.0  #: within which a process that was started says who it is
_LOOK_S: Final = 0.02
_WORDS_BYTES: Final = 2000


def hire(
    home: Path, jobs: Path, *, environment: Mapping[str, str], idle_s: float
) -> tuple[Path, "subprocess.Popen[bytes]"]:
    """Start a worker in a directory of its own; gives both. Its socket takes tasks from now on.

    Raises:
        OSError: it cannot be started now.
    """
    directory = _new(home)
    try:
        return directory, _start(directory, jobs, environment=environment, idle_s=idle_s)
    except OSError:
        remove(directory)
        raise


def let_go(process: "subprocess.Popen[bytes]") -> None:
    """Have a worker go on by itself."""
    if process.poll() is None:
        process.returncode = 0  # otherwise subprocess warns of what is meant


def connect(directory: Path) -> socket.socket:
    """Connect to a worker, which takes it up when it next waits.

    Raises:
        OSError: nobody is there.
    """
    # A socket's path is at most 107 bytes long and a data directory's may be more: go by a descriptor.
    place = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        connection.connect(f"/proc/self/fd/{place}/{places.SOCKET}")
    except BaseException:
        connection.close()
        raise
    finally:
        os.close(place)
    return connection


def directories(home: Path) -> list[Path]:
    """List the directories of workers, oldest first."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return sorted(each for each in home.iterdir() if each.name.isdigit())


def living(directory: Path) -> int | None:
    """Give the pid of the worker there; None when it does not live.

    One that is just being started is waited for.
    """
    process = directory / places.PROCESS
    until = time.monotonic() + _BORN_S
    while not process.exists():
        if time.monotonic() > until or not _listens(directory):
            return None
        time.sleep(_LOOK_S)
    return identity.living(process.read_text())


def words(directory: Path) -> str:
    """Give the last of what a worker itself had to say."""
    try:
        text = (directory / places.LOG).read_bytes()[-_WORDS_BYTES:].decode(errors="replace")
    except OSError:
        return ""
    return text.strip()


def remove(directory: Path) -> None:
    """Delete the directory of a worker that is gone."""
    shutil.rmtree(directory, ignore_errors=True)


def prepare(directory: Path) -> tuple[int, int]:
    """Open lock and orders of a worker's directory, made if they are missing."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    lock = os.open(directory / places.LOCK, flags, 0o600)
    return lock, os.open(directory / places.ORDERS, flags, 0o600)


def take_back(directory: Path) -> None:
    """Have a worker begin nothing more of what an earlier server gave it.

    Raises:
        Busy: it is stopped in the moment of beginning something.
    """
    lock, file = prepare(directory)
    try:
        with orders.locked(lock):
            last, version, cuts = orders.read(file)
            orders.write(file, last=((last >> 32) + 1) << 32, version=version, cuts=cuts)
    finally:
        os.close(lock)
        os.close(file)


def _new(home: Path) -> Path:
    numbers = [int(each.name) for each in directories(home)]
    directory = home / f"{max(numbers, default=0) + 1:06d}"
    directory.mkdir(mode=0o700)
    return directory


def _start(
    directory: Path, jobs: Path, *, environment: Mapping[str, str], idle_s: float
) -> "subprocess.Popen[bytes]":
    (directory / places.HERE).mkdir(mode=0o700)
    for name in (places.LOCK, places.ORDERS, places.journal(1)):
        (directory / name).touch(mode=0o600)
    with ExitStack() as stack:
        listener = stack.enter_context(_listen(directory))
        log = os.open(directory / places.LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        stack.callback(os.close, log)
        arguments = [str(directory), str(jobs), str(listener.fileno()), str(idle_s)]
        arguments += [str(open_files.BEFORE)]
        return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
            [sys.executable, "-P", "-m", _PROGRAM, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(environment),
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )


def _listen(directory: Path) -> socket.socket:
    place = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(f"/proc/self/fd/{place}/{places.SOCKET}")
        listener.listen(_BACKLOG)
    finally:
        os.close(place)
    return listener


def _listens(directory: Path) -> bool:
    try:
        connect(directory).close()
    except OSError:
        return False
    return True
