"""Pictures and live streams, as bench/pictures.py and bench/live.py measure them, as figures."""

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence

from bench.figure import Figure
from bench.pictures import FLOORS_MS, GOALS_MS, cpu_ms, fresh, median_ms, pillow_limit
from headway.views.png import png

FRAMES = {100: 30, 1_000: 15}


def pictures(_seconds: float) -> Sequence[Figure]:
    """A PNG from the store's workers to its bytes; the limit pastes ready pieces and saves."""
    figures = []
    for count, frames in FRAMES.items():
        limit = pillow_limit(fresh(count, 1)[-1].picture())
        whole = median_ms([lambda f=frame: png(f.picture()) for frame in fresh(count, frames)])
        plain = statistics.median(cpu_ms(limit) for _ in range(frames))
        figures.append(
            Figure(
                part="pictures",
                what=f"PNG of {count:,} workers: CPU",
                value=whole,
                unit="ms",
                floor=f"{FLOORS_MS[count]} ms",
                goal=f"{GOALS_MS[count]} ms",
                limit=f"Pillow, ready pieces: {plain:.1f} ms",
                ratio=whole / plain,
            )
        )
    return figures


def live(seconds: float) -> Sequence[Figure]:
    """1,000 websockets; the limit is a bare write to as many sockets."""
    words = ["-m", "bench.live", "1000", str(max(5.0, seconds))]
    done = subprocess.run([sys.executable, *words], check=True, stdout=subprocess.PIPE)
    told = json.loads(done.stdout)
    bare, each = told["limit us (bare write)"], told["us CPU per delivery"]
    return (
        Figure(
            part="live",
            what="update to frame at 1,000 websockets, p99",
            value=told["p99 ms"],
            unit="ms",
            floor="350 ms",
            limit="250 ms of gathering are in it",
        ),
        Figure(
            part="live",
            what="  server's CPU a delivery",
            value=each,
            unit="µs",
            floor="20 µs (2.7 x)",
            goal="11 µs (1.5 x)",
            limit=f"a bare write: {bare:.1f} µs",
            ratio=each / bare,
        ),
        Figure(
            part="live",
            what="  memory of 1,000 clients",
            value=told["RSS growth MB, at the end"],
            unit="MB",
            goal="60 MB",
        ),
    )
