"""Processes under measurement: servers, the load on them, and what both used."""

import atexit
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from headway.testing.server import ServerProcess, running_server

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_START_S = 20.0
_LONGEST_S = 600.0


class Load(NamedTuple):
    """What a closed loop of clients saw, and what the server used for it."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_us: float  #: of the server, user and system, a request

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def kept_place() -> Path:
    """Give a fresh directory that is deleted when the whole run ends.

    Not before: ext4 takes no inode again for some time after it was freed, and while there are many such ones each new
    file costs a search, so what one part deletes would be measured in the next.
    """
    place = tempfile.mkdtemp(prefix="headway-bench-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return Path(place)


def cpu_s(pid: int) -> float:
    """Give what a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def helpers_cpu_s(data: Path) -> tuple[float, float]:
    """Give what the local executor's helpers have used, and what the jobs have that they saw end."""
    place = str(data / "clusters").encode()
    own = jobs = 0
    for each in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if each.name.isdigit() and place in (each / "cmdline").read_bytes():
                fields = (each / "stat").read_text().rpartition(")")[2].split()
                own += int(fields[11]) + int(fields[12])
                jobs += int(fields[13]) + int(fields[14])
    return own * _TICK_S, jobs * _TICK_S


def idle_s() -> float:
    """Give how long the cores have had nothing to do, all of them together."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) * _TICK_S


def rss_bytes(pid: int) -> int:
    """Give a process's resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def load(pid: int, url: str, kind: str, *, connections: int, seconds: float) -> Load:
    """Keep a server busy from a process of its own; a short warming comes before."""
    _loaded(url, kind, connections, min(1.0, seconds / 4))
    before = cpu_s(pid)
    told = _loaded(url, kind, connections, seconds)
    used = cpu_s(pid) - before
    bad = {status: n for status, n in told["statuses"].items() if status not in {"200", "201"}}
    if bad:
        raise SystemExit(f"{kind}: the server answered {bad}")
    return Load(
        requests=told["requests"],
        seconds=told["seconds"],
        p50_ms=told["p50_ms"],
        p99_ms=told["p99_ms"],
        cpu_us=used / told["requests"] * 1e6,
    )


def many(url: str, kind: str, *, connections: int, count: int) -> float:
    """Send so many requests, as quickly as the server takes them; gives when the first was sent, see time.perf_counter."""
    begun: float = _loaded(url, kind, connections, _LONGEST_S, str(count))["begun"]
    return begun


def _loaded(url: str, kind: str, connections: int, seconds: float, *count: str) -> dict:
    port = url.rpartition(":")[2]
    words = ["-m", "bench.load", "127.0.0.1", port, str(connections), str(seconds), kind, *count]
    done = subprocess.run([sys.executable, *words], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


@contextlib.contextmanager
def real_server(place: Path, *arguments: str) -> Iterator[ServerProcess]:
    """Run ``headway serve`` with its default settings."""
    with running_server(place, arguments=arguments) as server:
        yield server


@contextlib.contextmanager
def noting_server(place: Path) -> Iterator[tuple[ServerProcess, Path]]:
    """Run a server that notes its jobs' times (see bench.commits); gives the file too."""
    times = place / "times"
    times.touch()
    program = (sys.executable, "-m", "bench.commits")
    arguments = ("--times", str(times))
    with ServerProcess(place / "data", program=program, arguments=arguments) as server:
        yield server.start(), times


@contextlib.contextmanager
def early_server(place: Path) -> Iterator[ServerProcess]:
    """Run the server that answers reports and jobs before it has written them (see bench.early)."""
    server = ServerProcess(place, program=(sys.executable, "-m", "bench.early")).start()
    try:
        yield server
    finally:
        server.stop()


class Bare(NamedTuple):
    """The bare route."""

    pid: int
    url: str


@contextlib.contextmanager
def bare_server(words: Sequence[str] = ("-m", "bench.bare")) -> Iterator[Bare]:
    """Run uvicorn with one plain route and nothing else: the limit of all requests."""
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Bare(process.pid, process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait(_START_S)


def seconds_until(condition, limit_s: float = _START_S, look_s: float = 0.001) -> float:
    """Wait for something, looking every so often; gives how long it took."""
    begun = time.perf_counter()
    while not condition():
        if time.perf_counter() - begun > limit_s:
            raise SystemExit("this took too long")
        time.sleep(look_s)
    return time.perf_counter() - begun
