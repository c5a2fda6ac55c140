"""The requests that come by the thousand: a worker's report, and a new job at either protocol."""

import contextlib
import statistics
from collections.abc import Iterator, Sequence

from bench.figure import Figure
from bench.http import Caller
from bench.processes import Load, bare_server, early_server, kept_place, load, real_server
from headway.testing.server import ServerProcess

REPORTERS = 64
SUBMITTERS = 32
ROUNDS = 3
#: What the bare route costs on the machine that the floors and goals were set on.
BARE_US = 28.0


def progress(seconds: float) -> Sequence[Figure]:
    """Durable reports, beside the same route answering before the write and beside a bare route."""
    real: list[Load] = []
    early: list[Load] = []
    bare: list[Load] = []
    with (
        real_server(kept_place() / "real") as durable,
        early_server(kept_place() / "early") as before,
        bare_server() as plain,
    ):
        for _ in range(ROUNDS):
            for server, loads in ((plain, bare), (durable, real), (before, early)):
                told = load(
                    server.pid, server.url, "progress", connections=REPORTERS, seconds=seconds
                )
                loads.append(told)
    rate, quick = _median(real, "per_second"), _median(early, "per_second")
    cpu_us, bare_us = _median(real, "cpu_us"), _median(bare, "cpu_us")
    part = "progress"
    return (
        Figure(
            part=part,
            what=f"durable reports, {REPORTERS} connections",
            value=rate,
            unit="/s",
            floor="0.50 of the limit",
            goal="0.60",
            limit=f"answered before the write: {quick:,.0f}/s",
            ratio=rate / quick,
        ),
        cpu_figure(part, "  server's CPU a report", cpu_us, bare_us, floor_us=80, goal_us=60),
        Figure(
            part=part,
            what="  answered before the write: CPU",
            value=_median(early, "cpu_us"),
            unit="µs",
            limit=f"a bare route: {bare_us:.0f} µs",
            ratio=_median(early, "cpu_us") / bare_us,
        ),
        Figure(
            part=part,
            what="  report to answer, p99",
            value=_median(real, "p99_ms"),
            unit="ms",
            floor="60 ms",
            limit=f"a bare route: {_median(bare, 'p99_ms'):.0f} ms",
            ratio=_median(real, "p99_ms") / _median(bare, "p99_ms"),
        ),
    )


def submit(seconds: float) -> Sequence[Figure]:
    """Durable new jobs that only report, so that running them does not mix in."""
    real: list[Load] = []
    bare: list[Load] = []
    with (
        real_server(kept_place() / "real") as durable,
        bare_server() as plain,
    ):
        for _ in range(ROUNDS):
            for server, kind, loads in ((plain, "progress", bare), (durable, "submit", real)):
                told = load(server.pid, server.url, kind, connections=SUBMITTERS, seconds=seconds)
                loads.append(told)
    return (
        cpu_figure(
            "submit",
            f"POST /api/v1/jobs, {SUBMITTERS} connections: CPU",
            _median(real, "cpu_us"),
            _median(bare, "cpu_us"),
            floor_us=150,
            goal_us=90,
        ),
        Figure(
            part="submit",
            what="  request to answer, p99",
            value=_median(real, "p99_ms"),
            unit="ms",
            limit=f"a bare route: {_median(bare, 'p99_ms'):.0f} ms",
            ratio=_median(real, "p99_ms") / _median(bare, "p99_ms"),
        ),
    )


def joblauncher(seconds: float) -> Sequence[Figure]:
    """New jobs at joblauncher's /job beside the native protocol's; all wait for the one that runs."""
    old: list[Load] = []
    native: list[Load] = []
    with _occupied_server() as ours, _occupied_server() as theirs:
        for _ in range(ROUNDS):
            for server, kind, loads in ((ours, "run", native), (theirs, "joblauncher", old)):
                told = load(server.pid, server.url, kind, connections=SUBMITTERS, seconds=seconds)
                loads.append(told)
    cpu_us, native_us = _median(old, "cpu_us"), _median(native, "cpu_us")
    return (
        Figure(
            part="joblauncher",
            what=f"POST /job, {SUBMITTERS} connections: CPU",
            value=cpu_us,
            unit="µs",
            floor="2 x native",
            limit=f"POST /api/v1/jobs: {native_us:.0f} µs",
            ratio=cpu_us / native_us,
        ),
        Figure(
            part="joblauncher",
            what="  request to answer, p99",
            value=_median(old, "p99_ms"),
            unit="ms",
            limit=f"POST /api/v1/jobs: {_median(native, 'p99_ms'):.0f} ms",
            ratio=_median(old, "p99_ms") / _median(native, "p99_ms"),
        ),
    )


@contextlib.contextmanager
def _occupied_server() -> Iterator[ServerProcess]:
    """Run a server whose only place is taken, until it is killed: to cancel all that waits would take longer than the rest."""
    with ServerProcess(kept_place() / "data", arguments=("--jobs-at-once", "1")).start() as server:
        caller = Caller(server.url)
        caller.post("/api/v1/jobs", b'{"command":["/bin/sleep","3600"]}')
        caller.close()
        yield server


def cpu_figure(
    part: str, what: str, cpu_us: float, bare_us: float, *, floor_us: float, goal_us: float
) -> Figure:
    """Give CPU beside that of a bare route; floor and goal as multiples of it too, for slower machines."""
    return Figure(
        part=part,
        what=what,
        value=cpu_us,
        unit="µs",
        floor=f"{floor_us:g} µs ({floor_us / BARE_US:.1f} x bare)",
        goal=f"{goal_us:g} µs ({goal_us / BARE_US:.1f} x bare)",
        limit=f"a bare route: {bare_us:.0f} µs",
        ratio=cpu_us / bare_us,
    )


def _median(loads: Sequence[Load], field: str) -> float:
    return statistics.median(getattr(each, field) for each in loads)
