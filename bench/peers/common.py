"""What the peers' programs have in common: two workers beside this process, and a line of JSON at the end."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

WORKERS = 2
_START_S = 30.0


@contextmanager
def running(words: list[str], place: Path, **more: str) -> Iterator[subprocess.Popen]:
    """Run a program of this environment for the length of a ``with``."""
    with (place / "peer.log").open("ab") as log:
        process = subprocess.Popen(
            words, stdout=log, stderr=log, cwd=place, env={**os.environ, **more}
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_START_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def redis(place: Path) -> Iterator[str]:
    """Run a Redis that syncs each write, so that what it has taken is as durable as Headway's."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(place)]
    durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
    with running([*words, *durable], place):
        until(lambda: _answers(port))
        yield f"redis://127.0.0.1:{port}/0"


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + _START_S
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("it did not start")
        time.sleep(0.02)


def measured(count: int, run: Callable[[int], object], alone: Callable[[], object]) -> None:
    """Print how many a second, and the median milliseconds of one alone. The first ones only warm."""
    run(min(count, 100))
    begun = time.perf_counter()
    run(count)
    rate = count / (time.perf_counter() - begun)
    times = []
    for _ in range(100):
        begun = time.perf_counter()
        alone()
        times.append((time.perf_counter() - begun) * 1e3)
    sys.stdout.write(json.dumps({"rate": rate, "p50_ms": sorted(times)[50]}) + "\n")
    sys.stdout.flush()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
