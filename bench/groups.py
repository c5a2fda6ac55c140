"""A group of ten thousand functions, got over moi's websocket."""

import asyncio
import statistics
import time
from collections.abc import Sequence

from websockets.asyncio.client import connect

from bench.figure import Figure
from bench.functions import nothing, warm_workers
from bench.processes import cpu_s, kept_place
from headway.sdk.client import Client

JOBS = 10_000
ROUNDS = 5
_PATIENCE_S = 60


def groups(_seconds: float) -> Sequence[Figure]:
    """What a get of a large group takes: until the last job is there, until the first is, and of the server's CPU."""
    whole_ms, first_ms, cpu_ms = [], [], []
    with warm_workers(kept_place()) as (server, executor):
        with Client(server.url) as client:
            group = client.create_group("bench").id
        list(executor.with_options(groups=[group]).map(nothing, range(JOBS)))
        for _ in range(ROUNDS):
            before_s = cpu_s(server.pid)
            first, last = asyncio.run(_got_ms(server.url, group))
            first_ms.append(first)
            whole_ms.append(last)
            cpu_ms.append((cpu_s(server.pid) - before_s) * 1e3)
    return (
        _figure("all answered", whole_ms, floor="300 ms"),
        _figure("first job answered", first_ms),
        _figure("server's CPU", cpu_ms),
    )


async def _got_ms(url: str, group: str) -> tuple[float, float]:
    """Give when the first job's answer and the last one's came; each is a message of its own."""
    async with connect(f"ws{url.removeprefix('http')}/moi-ws/", max_size=None) as socket:
        begun = time.perf_counter()
        await socket.send(f'{{"get": ["{group}"]}}')
        first_s = 0.0
        for number in range(JOBS):
            async with asyncio.timeout(_PATIENCE_S):
                said = await socket.recv(decode=False)
            assert said.startswith(b'{"get"'), said[:200]
            if not number:
                first_s = time.perf_counter() - begun
        return first_s * 1e3, (time.perf_counter() - begun) * 1e3


def _figure(what: str, times_ms: Sequence[float], *, floor: str = "") -> Figure:
    return Figure(
        part="groups",
        what=f"get of a group of {JOBS:,} functions: {what}",
        value=statistics.median(times_ms),
        unit="ms",
        floor=floor,
    )
