"""A million stored jobs behind a real server: a page by state and label, start, and disk.

The file is built once, under .cache/bench, and used again; delete it to have it built anew.
"""

import asyncio
import random
import shutil
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figure import Figure
from bench.http import Caller
from bench.processes import rss_bytes, seconds_until
from bench.store import BUILD_AT_ONCE, CAMPAIGN, an_ended_job, opened
from headway.core.model.change import Change
from headway.stores.sql.database import FILE_NAME
from headway.testing.server import ServerProcess

ROWS = 1_000_000
PAGES = 500
CACHE = Path(__file__).parents[1] / ".cache" / "bench"


def million(_seconds: float) -> Sequence[Figure]:
    """Serve the large file; the limit of a page is the shortest one."""
    place = built()
    server = ServerProcess(place)
    server.launch()
    started_s = seconds_until(server.answers)
    caller = Caller(server.url)
    chance = random.Random(2)
    pages = [
        f"state=cancelled&label=campaign-{chance.randrange(ROWS // CAMPAIGN)}" for _ in range(PAGES)
    ]
    times_ms = sorted(_page_ms(caller, words) for words in pages)
    bare = statistics.median(_page_ms(caller, "limit=1") for _ in range(PAGES))
    memory = rss_bytes(server.pid) / 1e6
    caller.close()
    server.stop()
    size = sum(file.stat().st_size for file in place.glob(f"**/{FILE_NAME}"))
    p99 = times_ms[int(PAGES * 0.99)]
    return (
        Figure(
            part="million",
            what="page of 50 by state and label, p99",
            value=p99,
            unit="ms",
            floor="60 ms",
            goal="20 ms",
            limit=f"a page of 1: {bare:.1f} ms",
            ratio=p99 / bare,
        ),
        Figure(part="million", what="  p50", value=statistics.median(times_ms), unit="ms"),
        Figure(part="million", what="  start", value=started_s, unit="s", floor="3 s", goal="1 s"),
        Figure(
            part="million",
            what="  disk",
            value=size / 1e6,
            unit="MB",
            floor="700 MB",
            goal="600 MB",
        ),
        Figure(part="million", what="  server's memory", value=memory, unit="MB"),
    )


def built() -> Path:
    """Give the data directory, made if it is not there."""
    place = CACHE / "million"
    if not place.exists():
        being = CACHE / "being-built"
        shutil.rmtree(being, ignore_errors=True)
        being.mkdir(parents=True, mode=0o700)
        asyncio.run(_build(being))
        being.rename(place)
    return place


async def _build(directory: Path) -> None:
    store = opened(directory)
    for first in range(0, ROWS, BUILD_AT_ONCE):
        changes = [Change(jobs=(an_ended_job(n),)) for n in range(first, first + BUILD_AT_ONCE)]
        await store.write_many(changes)
    await store.close()


def _page_ms(caller: Caller, words: str) -> float:
    begun = time.perf_counter()
    caller.get(f"/api/v1/jobs?{words}")
    return (time.perf_counter() - begun) * 1e3
