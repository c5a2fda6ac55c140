"""Measure Headway's functions and other systems at the same: no-op functions, two workers, in the same minutes.

    python -m bench.peers PYTHON [--count 2000]

PYTHON is that of the peers' own environment. Nothing here passes or fails.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from bench.figure import Figure, table
from bench.functions import functions

PEERS = {
    "dramatiq": "Redis, appendfsync always",
    "huey": "SQLite, fsync",
    "celery": "Redis, appendfsync always",
    "ipyparallel": "not durable",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-peers ARGS=...", description=__doc__)
    parser.add_argument("python", help="of the peers' environment")
    parser.add_argument("--count", type=int, default=2000, help="of functions in a round")
    told = parser.parse_args()
    figures = list(functions(told.count / 400))
    headway = figures[0].value
    for name, how in PEERS.items():
        print(f"{name} ...", file=sys.stderr, flush=True)
        said = _said(told.python, name, told.count)
        if said is None:
            continue
        rate, p50_ms = said["rate"], said["p50_ms"]
        figures += [
            Figure(
                part="peers",
                what=f"{name} ({how})",
                value=rate,
                unit="functions/s",
                limit=f"Headway: {headway:,.0f}/s",
                ratio=headway / rate,
            ),
            Figure(part="peers", what="  one alone, p50", value=p50_ms, unit="ms"),
        ]
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n\n{table(figures)}")


def _said(python: str, name: str, count: int) -> dict | None:
    words = [python, "-m", f"bench.peers.with_{name}", str(count)]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        words,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        check=False,
    )
    if done.returncode:
        print(f"{name}: it failed; see above", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
