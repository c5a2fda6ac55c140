"""Jobs on a real Slurm: how fast they are handed over, how soon a watcher sees them, what ten thousand of them cost.

Slurm is started by the bench itself, as the tests do it; ``make services`` installs what it needs.
"""

import asyncio
import contextlib
import gc
import json
import os
import statistics
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec
from tests.rigs.slurm import Slurm

from bench.figure import Figure
from bench.http import Caller
from bench.processes import cpu_s, kept_place, rss_bytes, seconds_until
from headway.app.system import SystemClock
from headway.core.model.names import Tag
from headway.executors.batch.command import Command, Output
from headway.executors.batch.executor import BatchExecutor
from headway.executors.batch.native import NativeJob
from headway.executors.slurm.dialect import SlurmDialect
from headway.testing.fake_cluster import FakeCluster
from headway.testing.server import ServerProcess, running_server

CLIENTS = 8
SUBMISSIONS = 400
WATCHED = 40
ELEMENTS = 1000
TRACKED = 10_000
_QUIET_S = 60.0
_LONG_S = 600.0
_LOOK_S = 0.05  # a client that asks each ms takes a seventh of what is to be measured, one each 20 ms a fiftieth
_HELD = {"custom_attributes": {"slurm.hold": ""}}
_JOB = "#!/bin/sh\ndate +%s.%N\n"


def schedulers(_seconds: float) -> Iterator[Figure]:
    """Everything that is asked of Slurm, beside what its own commands do."""
    with Slurm() as slurm:
        environment = {**os.environ, **slurm.environment}
        yield from _handing_over(slurm, environment)
        yield from _watching(slurm, environment)
        yield from _array(slurm, environment)
        yield from _tracking(slurm, environment)


@contextlib.contextmanager
def _server(slurm: Slurm, place: Path) -> Iterator[ServerProcess]:
    with running_server(
        place,
        arguments=("--cluster", "slurm", "--no-adopt"),
        environment=slurm.environment,
    ) as server:
        yield server


def _counts(caller: Caller) -> dict[str, int]:
    found = caller.get("/api/v1/clusters")["clusters"]
    return next(one for one in found if one["name"] == "slurm")


def _submit(url: str, count: int, body: bytes) -> None:
    caller = Caller(url)
    for _ in range(count):
        caller.post("/api/v1/jobs", body)
    caller.close()


def _raw_submissions_per_s(place: Path, environment: dict[str, str], count: int) -> float:
    script = place / "raw.sh"
    script.write_text("#!/bin/sh\ntrue\n")
    words = ["sbatch", "--parsable", "--hold", "--output=/dev/null", str(script)]

    def one(_: int) -> None:
        subprocess.run(words, env=environment, check=True, stdout=subprocess.DEVNULL)

    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, range(count)))
    return count / (time.perf_counter() - begun)


def _handing_over(slurm: Slurm, environment: dict[str, str]) -> Iterator[Figure]:
    place = kept_place()
    body = msgspec.json.encode({"command": ["/bin/true"], "cluster": "slurm", "attributes": _HELD})
    raw, ours, answered = [], [], []
    with _server(slurm, place) as server:
        caller = Caller(server.url)
        for _ in range(3):
            raw.append(_raw_submissions_per_s(place, environment, SUBMISSIONS))
            before = _counts(caller)["queued"]
            begun = time.perf_counter()
            with ThreadPoolExecutor(CLIENTS) as pool:
                each = [SUBMISSIONS // CLIENTS] * CLIENTS
                list(pool.map(lambda n: _submit(server.url, n, body), each))
            answered.append(SUBMISSIONS / (time.perf_counter() - begun))
            wanted = before + SUBMISSIONS
            seconds_until(lambda n=wanted: _counts(caller)["queued"] >= n, _LONG_S, _LOOK_S)
            ours.append(SUBMISSIONS / (time.perf_counter() - begun))
        subprocess.run(["scancel", "--me"], env=environment, check=True)
        caller.close()
    limit = statistics.median(raw)
    for what, rates in (("answered, durable", answered), ("all with Slurm", ours)):
        value = statistics.median(rates)
        yield Figure(
            part="schedulers",
            what=f"submissions, {CLIENTS} clients: {what}",
            value=value,
            unit="/s",
            floor="0.8 of sbatch",
            limit=f"sbatch itself: {limit:.0f} /s",
            ratio=value / limit,
        )


def _watching(slurm: Slurm, environment: dict[str, str]) -> Iterator[Figure]:
    place = kept_place()
    began: list[float] = []
    ended: list[float] = []
    raw_began: list[float] = []
    for number in range(WATCHED):
        output = place / f"raw-{number}"
        script = place / "watched.sh"
        script.write_text(_JOB)
        words = ["sbatch", "--wait", "--parsable", f"--output={output}", str(script)]
        begun = time.time()
        subprocess.run(words, env=environment, check=True, stdout=subprocess.DEVNULL)
        raw_began.append(float(output.read_text().split()[0]) - begun)
    with _server(slurm, place) as server:
        seen: dict[tuple[str, str], float] = {}
        thread = threading.Thread(target=_watch, args=(server.url, seen), daemon=True)
        thread.start()
        caller = Caller(server.url)
        body = msgspec.json.encode({"command": ["/bin/true"], "cluster": "slurm"})
        for _ in range(WATCHED):
            begun = time.time()
            job = caller.post("/api/v1/jobs", body)["id"]
            seconds_until(lambda job=job: (job, "final") in seen, _LONG_S)
            began.append(seen[job, "running"] - begun)
            ended.append(seen[job, "final"] - begun)
        caller.close()
    limit = _p95(raw_began)
    for what, times in (("running", began), ("its end", ended)):
        yield Figure(
            part="schedulers",
            what=f"submitted to {what} seen by a watcher, p95",
            value=_p95(times),
            unit="s",
            floor="sbatch + 1.0 s",
            limit=f"sbatch to the script's first line: {limit:.2f} s",
            ratio=_p95(times) / limit,
        )


def _watch(url: str, seen: dict[tuple[str, str], float]) -> None:
    """Note when each job is first told as running, and as ended, to a client of the event stream."""
    import http.client  # noqa: PLC0415 -- a thread's own

    host = url.removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    connection.request("GET", "/api/v1/events")
    for line in connection.getresponse():
        if not line.startswith(b"data: "):
            continue
        now = time.time()
        for change in json.loads(line[6:]):
            job = change.get("job")
            if change["type"] == "job" and isinstance(job, dict):
                if job["state"] == "running":
                    seen.setdefault((job["id"], "running"), now)
                if job["state"] in {"succeeded", "failed", "cancelled"}:
                    seen.setdefault((job["id"], "running"), now)
                    seen.setdefault((job["id"], "final"), now)


def _array(slurm: Slurm, environment: dict[str, str]) -> Iterator[Figure]:
    place = kept_place()
    with _server(slurm, place) as server:
        caller = Caller(server.url)
        array = {"indices": f"0-{ELEMENTS - 1}"}
        body = msgspec.json.encode(
            {
                "command": ["/bin/true"],
                "cluster": "slurm",
                "array": array,
                "attributes": _HELD,
            }
        )
        begun = time.perf_counter()
        caller.post("/api/v1/jobs", body)
        seconds_until(lambda: _counts(caller)["queued"] >= ELEMENTS, _LONG_S)
        took_s = time.perf_counter() - begun
        listed = subprocess.run(
            ["squeue", "-h", "--me", "-o", "%F"],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        subprocess.run(["scancel", "--me"], env=environment, check=True)
        caller.close()
    yield Figure(
        part="schedulers",
        what=f"an array of {ELEMENTS}: accepted to all queued, in {len(set(listed.stdout.split()))} submission(s)",
        value=took_s,
        unit="s",
        floor="1 submission",
    )


def _tracking(slurm: Slurm, environment: dict[str, str]) -> Iterator[Figure]:
    place = kept_place()
    body = msgspec.json.encode({"command": ["/bin/true"], "cluster": "slurm", "attributes": _HELD})
    with _server(slurm, place) as server:
        before = rss_bytes(server.pid)
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda n: _submit(server.url, n, body), [TRACKED // CLIENTS] * CLIENTS))
        _until(server, lambda queued: queued >= TRACKED)
        time.sleep(20)  # the listings that fresh jobs ask for
        more = rss_bytes(server.pid) - before
        listings = _listings(slurm)
        used = cpu_s(server.pid)
        time.sleep(_QUIET_S)
        used = cpu_s(server.pid) - used
        listings = _listings(slurm) - listings
        parsed, followed = _Printed.now(environment), _Printed.now(environment)
        subprocess.run(["scancel", "--me"], env=environment, check=True)
        _until(server, lambda queued: queued == 0)
    yield Figure(
        part="schedulers",
        what=f"{TRACKED} tracked jobs: CPU of a core, nobody looking",
        value=used / _QUIET_S * 100,
        unit="%",
        floor="5 %",
    )
    yield Figure(
        part="schedulers",
        what=f"{TRACKED} tracked jobs: listings a minute",
        value=listings / _QUIET_S * 60,
        unit="",
        floor="4",
    )
    yield Figure(
        part="schedulers",
        what=f"{TRACKED} tracked jobs: memory of the whole server, a job",
        value=more / TRACKED / 1000,
        unit="kB",
    )
    yield from _parsing(parsed)
    tags = [Tag(row.mark.partition(":")[2]) for row in parsed.rows() if row.mark]
    yield _following(followed, tags)


@dataclass(frozen=True)
class _Printed:
    """A listing as it was printed, and who can read it."""

    dialect: SlurmDialect
    output: Output

    @classmethod
    def now(cls, environment: Mapping[str, str]) -> Self:
        dialect = SlurmDialect()
        command = dialect.listing()
        done = subprocess.run(
            command.argv,
            env={**environment, **command.environment},
            check=True,
            stdout=subprocess.PIPE,
        )
        return cls(dialect, Output(stdout=done.stdout))

    def rows(self) -> Sequence[NativeJob]:
        return self.dialect.listed(self.output)


def _following(listing: _Printed, tags: Sequence[Tag]) -> Figure:
    """What the executor itself keeps of each job that it follows, counted in this process."""

    class Answering(FakeCluster):
        async def run(self, command: Command) -> Output:
            asks_version = command.argv == listing.dialect.version().argv
            return Output(stdout=b"slurm 22.05.8") if asks_version else listing.output

    clock = SystemClock()
    executor = BatchExecutor(
        dialect=listing.dialect,
        transport=Answering(clock),
        clock=clock,
        root="/shared",
        jobs_at_once=len(tags),
        defaults={},
    )

    async def kept_bytes() -> int:
        await executor.start()
        tracemalloc.start()
        assert len(await executor.find(tags)) == len(tags)
        gc.collect()
        kept = tracemalloc.take_snapshot().filter_traces(
            [tracemalloc.Filter(inclusive=True, filename_pattern="*/headway/executors/*")]
        )
        tracemalloc.stop()
        return sum(each.size for each in kept.statistics("filename"))

    return Figure(
        part="schedulers",
        what=f"{len(tags)} followed jobs: memory of the executor, a job",
        value=asyncio.run(kept_bytes()) / len(tags) / 1000,
        unit="kB",
        floor="2 kB",
    )


def _until(server: ServerProcess, is_so: Callable[[int], bool]) -> None:
    """Wait for a number of queued jobs, over a connection that has not been idle for longer than a server allows."""
    caller = Caller(server.url)
    seconds_until(lambda: is_so(_counts(caller)["queued"]), _LONG_S)
    caller.close()


def _parsing(listing: _Printed) -> Iterator[Figure]:
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        rows = listing.rows()
        times.append((time.perf_counter() - begun) * 1e3)
    for what, value in (("first", times[0]), ("again", statistics.median(times[1:]))):
        yield Figure(
            part="schedulers",
            what=f"reading a listing of {len(rows)}, {what}",
            value=value,
            unit="ms",
            floor="200 ms",
        )


def _listings(slurm: Slurm) -> int:
    """Count the listings that slurmctld was asked for, by all of its clients."""
    shown = slurm.ask("sdiag")
    for line in shown.splitlines():
        if "REQUEST_JOB_USER_INFO" in line or "REQUEST_JOB_INFO " in line:
            return int(line.split("count:")[1].split()[0])
    return 0


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]
