"""Measure Headway's functions and other systems at the same: no-op functions, two workers, in the same minutes.

    python -m bench.peers PYTHON [--count 2000] [--rounds 3]

PYTHON is that of the peers' own environment. Headway is measured before and after each of them, so that what else the
machine does meanwhile is in both figures. Nothing here passes or fails.
"""

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
from pathlib import Path

from bench.figure import Figure, table
from bench.functions import measured, warm_workers
from bench.processes import kept_place

PEERS = {
    "dramatiq": "Redis, appendfsync always",
    "huey": "SQLite, fsync",
    "celery": "Redis, appendfsync always",
    "ipyparallel": "not durable",
}
_LONGEST_S = 600


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-peers ARGS=...", description=__doc__)
    parser.add_argument("python", help="of the peers' environment")
    parser.add_argument("--count", type=int, default=2000, help="of functions in a round")
    parser.add_argument("--rounds", type=int, default=3, help="of each; the medians are shown")
    told = parser.parse_args()
    said = {name: [] for name in PEERS}
    with warm_workers(kept_place()) as (_, executor):
        measured(executor, 200)
        before = measured(executor, told.count)
        for turn in range(told.rounds):
            for name in PEERS:
                print(f"{name}, round {turn + 1} ...", file=sys.stderr, flush=True)
                theirs = _said(told.python, name, told.count)
                after = measured(executor, told.count)
                if theirs is not None:
                    ours = [statistics.mean(pair) for pair in zip(before, after, strict=True)]
                    said[name].append((*theirs, *ours))
                before = after
    figures = [figure for name, rounds in said.items() if rounds for figure in _of(name, rounds)]
    if figures:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n\n{table(figures)}")


def _of(name: str, rounds: list[tuple[float, ...]]) -> tuple[Figure, Figure]:
    """Give the figures of a peer; ratios are those of one round each, and above 1 where Headway is ahead."""
    rate, p50_ms, our_rate, our_p50_ms = (
        statistics.median(each) for each in zip(*rounds, strict=True)
    )
    return (
        Figure(
            part="peers",
            what=f"{name} ({PEERS[name]})",
            value=rate,
            unit="functions/s",
            limit=f"Headway: {our_rate:,.0f}/s",
            ratio=statistics.median(ours / theirs for theirs, _, ours, _ in rounds),
        ),
        Figure(
            part="peers",
            what="  one alone, p50",
            value=p50_ms,
            unit="ms",
            limit=f"Headway: {our_p50_ms:.1f} ms",
            ratio=statistics.median(theirs / ours for _, theirs, _, ours in rounds),
        ),
    )


def _said(python: str, name: str, count: int) -> tuple[float, float] | None:
    words = [python, "-m", f"bench.peers.with_{name}", str(count)]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    # In a session of its own: what it started ends with it.
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, env=environment, cwd=root, start_new_session=True
    ) as peer:
        try:
            out, _ = peer.communicate(timeout=_LONGEST_S)
        except subprocess.TimeoutExpired:
            print(f"{name}: it has not ended after {_LONGEST_S} s", file=sys.stderr)
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(peer.pid, signal.SIGKILL)
    if peer.returncode:
        print(f"{name}: it failed; see above", file=sys.stderr)
        return None
    found = json.loads(out.splitlines()[-1])
    return found["rate"], found["p50_ms"]


if __name__ == "__main__":
    main()
