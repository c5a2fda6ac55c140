"""A worker process: waits for tasks, runs one at a time, and journals each before and after. Standard library only.

It outlives its server: it finishes what it was given, waits some time for the next server, and ends.
"""

import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final

from headway.executors.functions import runner
from headway.executors.functions.engines.processes import frames, identity, places
from headway.executors.functions.engines.processes.keeping import FILES, Keeping
from headway.executors.functions.engines.processes.writing import Journal

_READ_BYTES: Final = 1 << 16  #: more than that is mapped and unmapped by each read
_REST_MS: Final = 300
_PEAK_GROWTH: Final = 1 << 20
_NOT_FOR_US: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


class Worker:
    """One worker. ``run`` comes back when it is to end."""

    def __init__(self, directory: Path, jobs: Path, listener: socket.socket, idle_s: float) -> None:
        base = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._journal = Journal(base)
        self._keeping = Keeping(directory, jobs)
        self._listener = listener
        self._idle_s = idle_s
        self._connection: socket.socket | None = None
        self._received = bytearray()
        self._tasks: deque[frames.Record] = deque()
        self._pid = os.getpid()
        self._cut = runner.Cut()
        self._current = ""
        self._waiting = False
        self._has_rested = False
        self._leaving = False
        self._seen_orders = 0
        self._peak = _peak_bytes()

    def run(self) -> None:
        """Work until there is no server for some time, or something was left behind that must go."""
        signal.signal(signal.SIGTERM, self._told_to_end)
        for number in _NOT_FOR_US:
            signal.signal(number, _nothing)
        while not self._leaving:
            if self._tasks:
                self._perform(self._tasks.popleft())
            elif not self._wait():
                return

    def _wait(self) -> bool:
        """Wait for tasks or a server; False when there was none for too long."""
        ready = self._ready()
        if self._listener.fileno() in ready:
            self._accept()
        elif self._connection is not None and self._connection.fileno() in ready:
            self._receive(self._connection)
        return bool(ready)

    def _ready(self) -> set[int]:
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        if self._connection is not None:
            poll.register(self._connection, select.POLLIN)
        limit_ms = None if self._connection is not None else int(self._idle_s * 1000)
        self._waiting = True
        try:
            if not self._has_rested and not poll.poll(_REST_MS):
                self._has_rested = True
                # Takes 40 ms, for which the first function that tells something would have to wait.
                importlib.import_module("headway.executors.functions.reports")
            return {file for file, _ in poll.poll(limit_ms)}
        finally:
            self._waiting = False

    def _accept(self) -> None:
        """Take up a server, which there is one of: an earlier one is over."""
        self._hang_up()
        self._connection, _ = self._listener.accept()
        self._bell()

    def _receive(self, connection: socket.socket) -> None:
        try:
            data = connection.recv(_READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self._hang_up()
            return
        self._received += data
        records: list[frames.Record] = []
        del self._received[: frames.split(self._received, records)]
        self._tasks.extend(records)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._received.clear()

    def _bell(self) -> None:
        """Have the server look at the journal."""
        if self._connection is not None:
            try:
                self._connection.send(b".", socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
            except BlockingIOError:
                pass  # it has enough to look at
            except OSError:
                self._hang_up()

    def _perform(self, task: frames.Record) -> None:
        _, tag, document, pickled = task
        told: dict[str, Any] = json.loads(document)
        about = b'{"at":%.6f,"limit_s":%.3f,"rerun":%d}' % (
            time.clock_gettime(time.CLOCK_REALTIME),
            told["limit_s"],
            told["rerun"],
        )
        self._current = tag
        if not self._journal.begin(tag, told["serial"], about):
            self._current = ""
            return
        self._keeping.ready()
        outcome, data = runner.run(told["order"], pickled, cut=self._cut, outputs=FILES)
        if os.getpid() != self._pid:
            os._exit(0)  # the function forked, and this is its child, which has no business here
        if not self._keeping.keep(tag):
            self._leaving = True
        self._journal.end(tag, json.dumps(outcome).encode(), data)
        self._current = ""
        self._bell()
        self._tidy(outcome["max_memory_bytes"])

    def _tidy(self, peak: int) -> None:
        """Make ready for the next function, or see that there is none."""
        if signal.getsignal(signal.SIGTERM) != self._told_to_end:
            signal.signal(signal.SIGTERM, self._told_to_end)
        if peak > self._peak + _PEAK_GROWTH:
            self._peak = _peak_bytes(begin_anew=True)
        if _has_children() or threading.active_count() > 1 + _own_threads():
            # What a function leaves behind ends with it: the server kills the rest of our group when we are gone.
            self._leaving = True

    def _told_to_end(self, number: int, _frame: FrameType | None) -> None:
        """End the function that runs, if it is meant."""
        if os.getpid() != self._pid:
            os._exit(128 + number)
        if self._waiting:
            os._exit(0)
        _, version, cuts = self._journal.ordered()
        cause = cuts.get(self._current, "")
        meant_for_another = version != self._seen_orders
        self._seen_orders = version
        if cause:
            self._cut.now(cause)
        elif not meant_for_another:
            # Somebody else's: a machine that shuts down, an administrator.
            self._leaving = True
            self._cut.now(str(number))


def main(arguments: list[str]) -> None:
    """Run a worker: ``DIRECTORY JOBS LISTENER IDLE_S FILES``; the listener is an inherited descriptor, the last a limit of them."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(arguments[4]), hard))
    directory, jobs, idle_s = Path(arguments[0]), Path(arguments[1]), float(arguments[3])
    listener = socket.socket(fileno=int(arguments[2]))
    listener.set_inheritable(False)
    process = directory / places.PROCESS
    process.with_suffix(".new").write_text(identity.of(os.getpid()))
    process.with_suffix(".new").rename(process)
    with suppress(ImportError):
        import cloudpickle  # noqa: F401, PLC0415 -- where it is installed, warm for the first function
    worker = Worker(directory, jobs, listener, idle_s)
    gc.collect()
    gc.freeze()
    worker.run()
    # Not by way of threads that a function left, and what it registered to be done at exit.
    sys.stdout.flush()
    os._exit(0)


def _has_children() -> bool:
    """Tell whether there are living children; those that have ended are taken from the kernel."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _own_threads() -> int:
    reports = sys.modules.get("headway.executors.functions.reports")
    return 0 if reports is None else int(reports.threads())


def _peak_bytes(*, begin_anew: bool = False) -> int:
    """Give the most memory that this process has had at a time; ``begin_anew``: since now, proc(5), clear_refs."""
    if begin_anew:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
    return runner.peak_bytes()


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Be a handler and do nothing."""


if __name__ == "__main__":
    main(sys.argv[1:])
