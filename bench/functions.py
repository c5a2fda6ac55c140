"""No-op functions through the whole server, each result durable; beside the pool of the standard library, which keeps nothing."""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from websockets.asyncio.client import connect

from bench.figure import Figure
from bench.processes import kept_place, real_server
from headway.functions import FunctionsExecutor
from headway.sdk.client import Client
from headway.testing.server import ServerProcess

ROUNDS = 3
A_SECOND = 400  # how many functions make up a second of a round, roughly
IDLE = 300
UPDATES = 40
TELLING = 12  # functions, one after the other, that each tell MOI_UPDATES words
MOI_UPDATES = 10
WORKERS = 2
_PAUSE_S = 0.003
_BETWEEN_UPDATES_S = 0.3  # the live streams gather what comes within 0.25 s
_BETWEEN_MOI_UPDATES_S = 0.03  # moi's websocket gathers nothing
_PATIENCE_S = 60


def nothing(number: int) -> int:
    """Do nothing."""
    return number


def tells(count: int, pause_s: float, status_update: object = None) -> None:
    """Tell the time again and again."""
    import time  # noqa: PLC0415 -- it runs elsewhere

    for _ in range(count):
        time.sleep(pause_s)
        status_update(repr(time.time()))


def functions(seconds: float) -> Sequence[Figure]:
    """What functions cost: many at once, one alone, their words on their way, and the memory of it all."""
    count = int(A_SECOND * seconds)
    place = kept_place()
    rates, limits = [], []
    with warm_workers(place) as (server, executor):
        memory = _memory_bytes(server.pid, place)
        _rate(executor, 200)
        for _ in range(ROUNDS):
            before = _pool_rate(count)
            rates.append(_rate(executor, count))
            limits.append((before + _pool_rate(count)) / 2)
        idle_ms = sorted(_idle_ms(executor) for _ in range(IDLE))
        moi_ms = sorted(asyncio.run(_listen_as_moi(server.url, executor)))
        told_ms = sorted(_told_ms(server.url, executor))
    rate, pool = statistics.median(rates), statistics.median(limits)
    return (
        Figure(
            part="functions",
            what=f"no-op functions, {WORKERS} workers, results durable",
            value=rate,
            unit="functions/s",
            floor="0.20 of the limit",
            goal="0.40",
            limit=f"ProcessPoolExecutor: {pool:,.0f}/s",
            ratio=rate / pool,
        ),
        _figure("submit to result, idle: p50", _at(idle_ms, 0.5), "ms", "4", "1.5"),
        _figure("submit to result, idle: p99", _at(idle_ms, 0.99), "ms", "15", "5"),
        _figure("status_update to /moi-ws/: p50", _at(moi_ms, 0.5), "ms", "", ""),
        _figure("status_update to /moi-ws/: p99", _at(moi_ms, 0.99), "ms", "50", ""),
        _figure("status_update to /events/ws, gathered: p50", _at(told_ms, 0.5), "ms", "", ""),
        _figure("status_update to /events/ws, gathered: p99", _at(told_ms, 0.99), "ms", "", ""),
        _figure("memory, idle, two warm workers", memory / 1e6, "MB", "150", ""),
    )


@contextmanager
def warm_workers(place: Path) -> Iterator[tuple[ServerProcess, FunctionsExecutor]]:
    """Run a server with two workers that have run something."""
    config = place / "headway.toml"
    config.write_text(f'[cluster.bench]\nkind = "functions"\nworkers = {WORKERS}\n')
    with (
        real_server(place / "data", "--config", str(config)) as server,
        FunctionsExecutor("bench", url=server.url, by_value=[sys.modules[__name__]]) as executor,
    ):
        executor.submit(nothing, 0).result()
        yield server, executor


def measured(executor: FunctionsExecutor, count: int) -> tuple[float, float]:
    """Give how many functions a second, and the median milliseconds of one alone, as the peers' programs do."""
    return _rate(executor, count), sorted(_idle_ms(executor) for _ in range(100))[50]


def _figure(what: str, value: float, unit: str, floor: str, goal: str) -> Figure:
    words = [f"{word} {unit}" if word else "" for word in (floor, goal)]
    return Figure(
        part="functions", what=what, value=value, unit=unit, floor=words[0], goal=words[1]
    )


def _rate(executor: FunctionsExecutor, count: int) -> float:
    begun = time.perf_counter()
    assert sum(executor.map(nothing, range(count))) == count * (count - 1) // 2
    return count / (time.perf_counter() - begun)


def _pool_rate(count: int) -> float:
    with ProcessPoolExecutor(WORKERS) as pool:
        list(pool.map(nothing, range(WORKERS * 10)))
        begun = time.perf_counter()
        list(pool.map(nothing, range(count)))
        return count / (time.perf_counter() - begun)


def _idle_ms(executor: FunctionsExecutor) -> float:
    time.sleep(_PAUSE_S)
    begun = time.perf_counter()
    executor.submit(nothing, 1).result()
    return (time.perf_counter() - begun) * 1e3


def _told_ms(url: str, executor: FunctionsExecutor) -> list[float]:
    """Give how long after a function's words they were on a websocket."""
    return asyncio.run(_listen(url, executor))


async def _listen(url: str, executor: FunctionsExecutor) -> list[float]:
    found: dict[str, float] = {}
    address = f"ws{url.removeprefix('http')}/api/v1/events/ws"
    async with connect(address) as socket:
        future = executor.submit(tells, UPDATES, _BETWEEN_UPDATES_S)
        # The last words are known when the function has ended; what was told before is in the frames.
        while len(found) < UPDATES - 2:
            async with asyncio.timeout(_PATIENCE_S):
                _, changes = json.loads(await socket.recv())
            now = time.time()
            for change in changes:
                words = (
                    change.get("job", {}).get("status_text", "") if change["type"] == "job" else ""
                )
                if words:
                    found.setdefault(words, (now - float(words)) * 1e3)
        await future
    return list(found.values())


async def _listen_as_moi(url: str, executor: FunctionsExecutor) -> list[float]:
    """Give how long after functions' words they were on moi's websocket, the first of each worker among them."""
    with Client(url) as client:
        group = await asyncio.to_thread(client.create_group, "bench")
    within = executor.with_options(groups=[group.id])
    found: list[float] = []
    async with connect(f"ws{url.removeprefix('http')}/moi-ws/", max_size=None) as socket:
        await socket.send(json.dumps({"get": [group.id]}))
        for _ in range(TELLING):
            job = await asyncio.to_thread(_told_of, within)
            state = ""
            while state not in {"Success", "Failed"}:
                async with asyncio.timeout(_PATIENCE_S):
                    said = json.loads(await socket.recv())
                now = time.time()
                info = said.get("update", {})
                if info.get("id") == job:
                    state = info["status"]
                    found += [(now - float(state)) * 1e3] if state[:1].isdigit() else []
    return found


def _told_of(executor: FunctionsExecutor) -> str:
    return executor.submit(tells, MOI_UPDATES, _BETWEEN_MOI_UPDATES_S).job_id


def _memory_bytes(pid: int, place: Path) -> int:
    """Give what the server and its workers hold, what they share counted once."""
    mark = str(place).encode()
    pids = {pid}
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                if mark in (each / "cmdline").read_bytes():
                    pids.add(int(each.name))
            except OSError:
                continue
    pids.discard(os.getpid())
    return sum(_pss_bytes(each) for each in pids)


def _pss_bytes(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(text.split("Pss:")[1].split()[0]) * 1024


def _at(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]
