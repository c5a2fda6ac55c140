"""Shell jobs through the whole server: how many a second, and how long one takes when nothing else is going on."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figure import Figure
from bench.http import Caller
from bench.local_executor import IN_FLIGHT, Limit
from bench.processes import (
    cpu_s,
    helpers_cpu_s,
    idle_s,
    kept_place,
    many,
    noting_server,
    real_server,
    seconds_until,
)

ROUNDS = 3
JOBS_A_SECOND = 300  # how many jobs make up a second of a round, roughly
IDLE_JOBS = 400
_TRUE = b'{"command":["/bin/true"]}'
_LOOK_S = 0.02
_PAGE_BYTES = 4096
_CORES = os.cpu_count() or 1


def shell(seconds: float) -> Sequence[Figure]:
    """/bin/true, accepted by HTTP, run with its output kept, its end stored; beside what keeps less.

    The C loop has a pipe to each process and keeps nothing. Of the two makes one keeps output and status in files, as a
    recipe can, by a shell and unsynced; the other keeps nothing and needs no shell. None of the three survives a crash.
    """
    jobs = int(JOBS_A_SECOND * seconds)
    rates, limits = [], []
    made: dict[tuple[int, bool], list[float]] = {
        (IN_FLIGHT, True): [],
        (_CORES, True): [],
        (_CORES, False): [],
    }
    used: list[tuple[float, ...]] = []
    place = kept_place()

    def spent() -> tuple[float, ...]:
        return cpu_s(server.pid), *helpers_cpu_s(place / "data"), idle_s(), time.perf_counter()

    with real_server(place / "data", "--jobs-at-once", str(IN_FLIGHT)) as server:
        limit = Limit(place)
        caller = Caller(server.url)
        _run(server.url, caller, 100)
        for _ in range(ROUNDS):
            before = limit.per_second(jobs)
            begun = spent()
            rates.append(_run(server.url, caller, jobs))
            used.append(tuple(map(float.__sub__, spent(), begun)))
            limits.append((before + limit.per_second(jobs)) / 2)
            for (at_once, keeps), of_make in made.items():
                of_make.append(_make(place, jobs, at_once=at_once, keeps=keeps))
        caller.close()
    rate, of_c = statistics.median(rates), statistics.median(limits)
    return (
        Figure(
            part="shell",
            what=f"/bin/true through the server, {IN_FLIGHT} at once",
            value=rate,
            unit="jobs/s",
            floor="0.40 of the limit",
            goal="0.55",
            limit=f"C, posix_spawn: {of_c:,.0f}/s" if of_c else "no C compiler here",
            ratio=rate / of_c if of_c else None,
        ),
        *(
            Figure(
                part="shell",
                what=f"  same, beside a make that keeps {'output and status, unsynced' if keeps else 'nothing'}",
                value=rate,
                unit="jobs/s",
                limit=f"make -j{at_once}: {statistics.median(of_make):,.0f}/s",
                ratio=rate / statistics.median(of_make),
            )
            for (at_once, keeps), of_make in made.items()
        ),
        *(
            Figure(
                part="shell",
                what=f"  {whose} CPU a job",
                value=statistics.median(figures[column] for figures in used) / jobs * 1e6,
                unit="µs",
            )
            for column, whose in enumerate(("server's", "helpers'", "the jobs' own"))
        ),
        Figure(
            part="shell",
            what="  cores idle meanwhile",
            value=statistics.median(idle / all_s for *_, idle, all_s in used) * 100 / _CORES,
            unit="%",
        ),
    )


def idle(_seconds: float) -> Sequence[Figure]:
    """From the commit that accepts a job to the one that ends it, one job at a time; and until a client has seen it."""
    place = kept_place()
    with noting_server(place) as (server, file):
        caller = Caller(server.url)
        direct, synced = _idle(lambda: _unseen(caller, file), place / "synced")
        stored = sorted(float(line) for line in file.read_text().split())[1:]
        seen = sorted(_seen_ms(caller) for _ in range(IDLE_JOBS))
        caller.close()
    limit = f"subprocess.run: {direct:.1f} ms"
    figures = (
        (
            "accepted to ended, both stored: p50",
            _at(stored, 0.5),
            "3.5 ms (2.9 x)",
            "2.5 ms (2.1 x)",
        ),
        ("  p99", _at(stored, 0.99), "8 ms (6.7 x)", "5 ms (4.2 x)"),
        ("  until a client saw it that asks each ms: p50", _at(seen, 0.5), "", ""),
        ("  p99", _at(seen, 0.99), "", ""),
        ("beside: fdatasync, subprocess.run, fdatasync: p50", _at(synced, 0.5), "", ""),
        ("  p99", _at(synced, 0.99), "", ""),
    )
    return tuple(
        Figure(
            part="idle",
            what=what,
            value=value,
            unit="ms",
            floor=floor,
            goal=goal,
            limit=limit,
            ratio=value / direct,
        )
        for what, value, floor, goal in figures
    )


def _idle(one: Callable[[], None], file: Path) -> tuple[float, Sequence[float]]:
    """Do something many times, and subprocess.run in between.

    Returns:
        The median of that in ms; and what it took between two writes made durable, as a start and an end must be, in order.
    """
    direct_ms, synced_ms = [], []
    file.write_bytes(bytes(_PAGE_BYTES))
    with file.open("r+b", buffering=0) as opened:
        for _ in range(IDLE_JOBS + 1):
            one()
            direct_ms.append(_took_ms(_run_true))
            synced_ms.append(_took_ms(lambda: _run_synced(opened.fileno())))
            time.sleep(0.005)
    return statistics.median(direct_ms), sorted(synced_ms)


def _took_ms(what: Callable[[], None]) -> float:
    begun = time.perf_counter()
    what()
    return (time.perf_counter() - begun) * 1e3


def _run_true() -> None:
    subprocess.run(["/bin/true"], check=True, stdout=subprocess.PIPE)


def _run_synced(file: int) -> None:
    for what in (_run_true, lambda: None):
        os.pwrite(file, bytes(_PAGE_BYTES), 0)
        os.fdatasync(file)
        what()


def _at(ordered: Sequence[float], part: float) -> float:
    return ordered[int(len(ordered) * part)]


def _unseen(caller: Caller, file: Path) -> None:
    """Have a job run, and ask nothing of the server meanwhile."""
    before = file.stat().st_size
    caller.post("/api/v1/jobs", _TRUE)
    seconds_until(lambda: file.stat().st_size > before)


def _run(url: str, caller: Caller, jobs: int) -> float:
    """Have jobs run; gives how many a second, from the first request to the last end."""
    before = _ended(caller)
    begun = many(url, "run", connections=IN_FLIGHT // 2, count=jobs)
    while _ended(caller) < before + jobs:
        time.sleep(_LOOK_S)
    return jobs / (time.perf_counter() - begun)


def _ended(caller: Caller) -> int:
    text = caller.raw(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").decode()
    counts = [
        line for line in text.splitlines() if line.startswith('headway_jobs{state="succeeded"')
    ]
    return int(float(counts[0].rpartition(" ")[2])) if counts else 0


def _seen_ms(caller: Caller) -> float:
    job = caller.post("/api/v1/jobs", _TRUE)["id"]
    path = f"/api/v1/jobs/{job}"
    return 1e3 * seconds_until(lambda: caller.get(path)["state"] == "succeeded")


def _make(place: Path, jobs: int, *, at_once: int, keeps: bool) -> float:
    """Give how many /bin/true a second make runs, keeping what each said and how it ended, or nothing."""
    names = " ".join(f"j{n}" for n in range(jobs))
    kept = Path(tempfile.mkdtemp(prefix="make-", dir=place))
    recipe = "@/bin/true"
    if keeps:
        recipe += f" > {kept}/$@.out 2> {kept}/$@.err; echo $$? > {kept}/$@.status"
    file = kept / "Makefile"
    file.write_text(f".PHONY: {names}\nall: {names}\n{names}:\n\t{recipe}\n")
    begun = time.perf_counter()
    subprocess.run(["make", "-s", f"-j{at_once}", "-f", file], check=True)
    return jobs / (time.perf_counter() - begun)
