"""Starting: the server until its first answer, its memory when idle, and a short command."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.cli import cpu_ms
from bench.figure import Figure
from bench.http import Caller
from bench.processes import rss_bytes, seconds_until
from headway.testing.server import ServerProcess, running_server

ROUNDS = 7
_SETTLED_S = 2.0


def start(_seconds: float) -> Sequence[Figure]:
    """Start a server several times over an empty directory."""
    waits_s, bare_s, memory = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as place:
            server = ServerProcess(Path(place) / "data")
            server.launch()
            waits_s.append(seconds_until(lambda server=server: _answers(server)))
            time.sleep(_SETTLED_S)
            memory.append(rss_bytes(server.pid) / 1e6)
            server.stop()
        bare_s.append(_import_s())
    waited_s, bare = statistics.median(waits_s), statistics.median(bare_s)
    return (
        Figure(
            part="start",
            what="start to first answer",
            value=waited_s,
            unit="s",
            floor="1.0 s",
            goal="0.5 s",
            limit=f"python with uvicorn, SQLite: {bare:.2f} s",
            ratio=waited_s / bare,
        ),
        Figure(
            part="start",
            what="server's memory when idle",
            value=statistics.median(memory),
            unit="MB",
            floor="70 MB",
            goal="60 MB",
        ),
    )


def command(_seconds: float) -> Sequence[Figure]:
    """The CPU of ``headway jobs --json``, its limit being Python with click."""
    script = str(Path(sys.executable).with_name("headway"))
    ours, limit = [], []
    with tempfile.TemporaryDirectory() as place, running_server(Path(place) / "data") as server:
        environment = {**os.environ, **server.environment}
        for _ in range(ROUNDS * 2):
            ours.append(cpu_ms([script, "jobs", "--json"], environment))
            limit.append(cpu_ms([sys.executable, "-c", "import click"], environment))
    least, bare = min(ours), min(limit)
    return (
        Figure(
            part="command",
            what="headway jobs --json: CPU",
            value=least,
            unit="ms",
            floor="150 ms",
            goal="100 ms",
            limit=f"python -c 'import click': {bare:.0f} ms",
            ratio=least / bare,
        ),
    )


def _answers(server: ServerProcess) -> bool:
    if not server.answers():
        return False
    caller = Caller(server.url)
    caller.get("/healthz")
    caller.close()
    return True


def _import_s() -> float:
    begun = time.perf_counter()
    words = "import asyncio, uvloop, uvicorn, httptools, msgspec, sqlite3"
    os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", words])
    return time.perf_counter() - begun
