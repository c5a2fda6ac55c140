# Runs on Python 3.6 and newer, with nothing but the standard library, inside a user's job.
"""Runs one attempt on a node of a cluster and leaves an exit record, so that the truth needs no scheduler's memory.

Started by the batch script as ``python3 -I -S wrapper.py PLACE NATIVE_ID RESTARTS ORDERS WARNINGS``; PLACE holds ``job``, a shell
script that becomes the job. ORDERS are exit codes that the scheduler would take for orders. What is written there (for an
array's element in a directory of its own, which the list of elements names), each file whole or not at all:

    claim        the native id that runs the attempt; another native job that finds it there runs nothing, nor does
                 any when the server has taken it to give the attempt up
    started      when, where, as which native job; ``started.N`` of the Nth run after the first (a requeue): N is what the
                 scheduler calls its restarts, where it counts them
    stdout       what the job wrote, as it wrote it; ``stdout.N``; ``stderr`` likewise
    ended        exit code or signal, times, usage; ``ended.N``

The server is told of start and end when it can be reached, in a thread and for two seconds at most; nobody waits for it to
come back.
"""

import contextlib
import errno
import json
import os
import resource
import shlex
import signal
import subprocess
import sys
import threading
import time
from typing import Any, Dict, List, Optional, Tuple

Record = Dict[str, Any]
End = Tuple[Optional[int], Optional[int]]

_TELL_S = 2.0
_GRACE_S = 5.0
_NOT_RUN = 0  # exit code of a native job that finds its attempt taken or given up
_NO_RECORD = 125  # exit code when nothing could be written in the place
_FORWARDED = ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGCONT")


class Header:
    """The first lines of ``job``: what this wrapper has to know, as ``#: name=value`` with the value quoted for a shell."""

    def __init__(self, path: str) -> None:
        values: Dict[str, str] = {}
        with open(path, "rb") as file:
            for raw in file:
                line = raw.decode("utf-8", "surrogateescape")
                if line.startswith("#: "):
                    name, _, value = line[3:].rstrip("\n").partition("=")
                    values[name] = "".join(shlex.split(value))
                elif not line.startswith("#"):
                    break
        self.api_url = values.get("api_url", "")
        self.elements = values.get("elements", "")
        self.token = values.get("token", "")
        self.limit_s = float(values.get("limit_s") or 0)


class Attempt:
    """One attempt: its directory, and what it has in its environment beside the job's exports."""

    def __init__(self, home: str, native_id: str, header: Header) -> None:
        self.place = home
        self.environment: Dict[str, str] = {}
        if header.elements:
            self._find(header.elements, native_id.rpartition(".")[2])
        self.tag = os.path.basename(self.place)
        self.token = self.environment.get("HEADWAY_REPORT_TOKEN", header.token)

    def _find(self, path: str, index: str) -> None:
        with open(path, "rb") as file:
            for raw in file:
                if raw.split(b" ", 1)[0] == index.encode():
                    words = shlex.split(raw.decode("utf-8", "surrogateescape"))
                    self.place = os.path.join(os.path.dirname(os.path.dirname(path)), words[1])
                    self.environment = dict(word.partition("=")[::2] for word in words[2:])
                    with contextlib.suppress(FileExistsError):
                        os.makedirs(self.place, 0o700)
                    return
        raise OSError(errno.ENOENT, "the array has no element " + index, path)

    def record_path(self) -> str:
        """Give where the server is told of this attempt, below its API's address."""
        return "/jobs/%s/attempts/%s/record" % self.tag.rpartition(".")[::2]


def write_whole(directory: str, name: str, value: Record) -> bool:
    """Write a new file, durable and whole; False when there is one of that name already."""
    data = (json.dumps(value, sort_keys=True) + "\n").encode("ascii")
    draft = os.path.join(directory, ".%s.%d.%s" % (name, os.getpid(), os.uname().nodename))
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, data)
        os.fsync(file)
    finally:
        os.close(file)
    if not moved(draft, os.path.join(directory, name)):
        os.unlink(draft)
        return False
    sync_directory(directory)
    return True


def moved(draft: str, target: str) -> bool:
    """Give a file its name if that is free, in one step; on network file systems too."""
    try:
        os.link(draft, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        if os.path.lexists(target):
            return False
        os.rename(draft, target)  # a file system without links
        return True
    os.unlink(draft)
    return True


def sync_directory(directory: str) -> None:
    """Have the names in a directory durable."""
    file = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    except OSError:
        pass  # some network file systems take no fsync of a directory
    finally:
        os.close(file)


def claimed(place: str, native_id: str) -> bool:
    """Take the attempt for this native job; False when another one has it."""
    if write_whole(place, "claim", {"native_id": native_id}):
        return True
    with open(os.path.join(place, "claim"), "rb") as file:
        return bool(json.loads(file.read().decode("ascii")).get("native_id") == native_id)


def begin(place: str, native_id: str, restarts: str) -> Tuple[str, Record]:
    """Write that it starts; gives the suffix of this run's files, and what was written."""
    started: Record = {
        "native_id": native_id,
        "host": os.uname().nodename,
        "pid": os.getpid(),
        "at": time.time(),
    }
    first = int(restarts) if restarts.isdigit() else 0
    for run in range(first, first + 10000):
        suffix = ".%d" % run if run else ""
        if write_whole(place, "started" + suffix, dict(started, run=run)):
            return suffix, dict(started, run=run)
    raise OSError(errno.EEXIST, "far too many runs", place)


def tell(header: Header, attempt: Attempt, record: Record, deadline: float) -> bool:
    """Tell the server; whatever goes wrong is nobody's concern here."""
    with contextlib.suppress(Exception):
        from http import HTTPStatus
        from http.client import HTTPConnection, HTTPSConnection
        from urllib.parse import urlsplit

        url = urlsplit(header.api_url)
        timeout_s = max(0.1, deadline - time.monotonic())
        connect = HTTPSConnection if url.scheme == "https" else HTTPConnection
        connection = connect(url.netloc, timeout=timeout_s)
        connection.request(
            "PUT",
            url.path + attempt.record_path(),
            body=json.dumps(record),
            headers={
                "Authorization": "Bearer " + attempt.token,
                "Content-Type": "application/json",
                "User-Agent": "headway-wrapper",
            },
        )
        return connection.getresponse().status < HTTPStatus.MULTIPLE_CHOICES
    return False


class Teller:
    """Tells in a thread. When the start could not be told, the end is not tried: the job must not wait for it."""

    def __init__(self, header: Header, attempt: Attempt) -> None:
        self.header = header
        self.attempt = attempt
        self.thread: Optional[threading.Thread] = None
        self.reached = False

    def start(self, record: Record) -> None:
        """Tell in the background."""
        if not self.header.api_url:
            return
        self.thread = threading.Thread(target=self._tell, args=(record,))
        self.thread.daemon = True
        self.thread.start()

    def _tell(self, record: Record) -> None:
        self.reached = tell(self.header, self.attempt, record, time.monotonic() + _TELL_S)

    def wait(self) -> bool:
        """Wait for what is being told, for its two seconds at most; True when it arrived."""
        if self.thread is not None:
            self.thread.join(_TELL_S)
        return self.reached


class Run:
    """The job's process, and what was asked of it meanwhile."""

    def __init__(self, warnings: str) -> None:
        self.signals: List[int] = []
        self.child = 0
        self.timed_out = False
        self.names = [name for name in warnings.split(",") if name]
        self.warnings = [getattr(signal, "SIG" + name) for name in self.names]

    def hear(self, number: int, _: object) -> None:
        """Note a signal. The scheduler sends it to the whole process group; the job has it already, but for warnings."""
        self.signals.append(number)
        if number in self.warnings[:1] and self.child:
            with contextlib.suppress(OSError):
                self.send(signal.SIGTERM)

    def deaf(self) -> List[str]:
        """Give words before a command that have it hear no warnings; never this process, not for a moment."""
        if not self.names:
            return []
        return ["/bin/sh", "-c", "trap '' %s; exec \"$@\"" % " ".join(self.names), "headway"]

    def execute(
        self, home: str, attempt: Attempt, suffix: str, limit_s: float
    ) -> "Tuple[int, resource.struct_rusage]":
        """Run the job to its end; gives its wait status and usage."""
        for name in _FORWARDED:
            signal.signal(getattr(signal, name), self.hear)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        place = attempt.place
        out = os.open(os.path.join(place, "stdout" + suffix), flags, 0o600)
        err = os.open(os.path.join(place, "stderr" + suffix), flags, 0o600)
        process = subprocess.Popen(
            [*self.deaf(), "/bin/sh", os.path.join(home, "job")],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=dict(os.environ, HEADWAY_PLACE=place, **attempt.environment),
        )
        self.child = process.pid
        if set(self.signals) & set(self.warnings[:1]):
            self.send(signal.SIGTERM)
        elif signal.SIGTERM in self.signals:
            # It came when there was no job yet that would have had it too.
            os.kill(self.child, signal.SIGTERM)
        os.close(out)
        os.close(err)
        watch: Optional[threading.Timer] = None
        if limit_s:
            watch = threading.Timer(limit_s, self._end)
            watch.daemon = True
            watch.start()
        while True:
            try:
                _, status, usage = os.wait4(self.child, 0)
                break
            except InterruptedError:
                continue
        process.returncode = 0  # reaped here; the module must not look for it again
        if watch is not None:
            watch.cancel()
        return status, usage

    def _end(self) -> None:
        self.timed_out = True
        with contextlib.suppress(OSError):
            self.send(signal.SIGTERM)
            time.sleep(_GRACE_S)
            os.kill(self.child, signal.SIGKILL)

    def send(self, number: int) -> None:
        """Signal the job and all it started, as far as they are in our process group; the scheduler ends the rest."""
        if os.getpgrp() == os.getpid():
            os.killpg(0, number)
        else:  # the group is somebody else's: started by hand
            os.kill(self.child, number)


def main(home: str, native_id: str, restarts: str, *, warnings: str) -> End:
    """Run the attempt; gives what to end as: (exit code, None) or (None, signal)."""
    header = Header(os.path.join(home, "job"))
    attempt = Attempt(home, native_id, header)
    place = attempt.place
    if not claimed(place, native_id):
        sys.stderr.write(
            "headway: the attempt is run by another job, or was given up; nothing is run\n"
        )
        return _NOT_RUN, None
    suffix, started = begin(place, native_id, restarts)
    teller = Teller(header, attempt)
    run = Run(warnings)
    teller.start(started)
    status, usage = run.execute(home, attempt, suffix, header.limit_s)
    now = time.time()
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    ended = {
        "native_id": native_id,
        "host": started["host"],
        "run": started["run"],
        "started": started["at"],
        "at": now,
        "exit_code": code,
        "signal": number,
        "signals": run.signals,
        "timed_out": run.timed_out,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "max_memory_bytes": usage.ru_maxrss * 1024,
        "wall_s": now - started["at"],
        "not_started": not_started(place, code),
    }
    write_whole(place, "ended" + suffix, ended)
    if teller.wait():
        teller.start(ended)
        teller.wait()
    if run.timed_out:
        with contextlib.suppress(OSError):
            run.send(signal.SIGKILL)  # what the job left running, and this process with it
    return code, number


def not_started(place: str, code: Optional[int]) -> str:
    """Give why ``job`` did not become the user's program; "" when it did."""
    if code not in (126, 127):
        return ""
    try:
        with open(os.path.join(place, "not_started"), "rb") as file:
            return file.read(2000).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def end_like(code: Optional[int], number: Optional[int], *, orders: str) -> None:
    """End this process as the job ended, unless the scheduler would take its exit code for an order."""
    if str(code) in orders.split(","):
        code = 1
    if number is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        code = 128 + number
    sys.exit(code)


if __name__ == "__main__":
    try:
        END = main(*sys.argv[1:4], warnings=sys.argv[5])
    except OSError as error:
        sys.stderr.write("headway: this attempt's directory cannot be used: %s\n" % error)
        END = (_NO_RECORD, None)
    end_like(*END, orders=sys.argv[4])
