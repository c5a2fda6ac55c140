"""Measure Headway, each figure beside what it should be and a limit probed in the same minute.

    python -m bench [PART...] [--seconds 5] [--json]

Nothing here passes or fails by time: on a busy machine the ratios are what counts. Several parts start servers of their
own over empty directories; ``million`` keeps its large file under .cache/bench for the next time.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import msgspec

from bench import (
    callbacks,
    drawing,
    files,
    functions,
    groups,
    jobs,
    million,
    page,
    requests,
    schedulers,
    staging,
    startup,
)
from bench.figure import Figure, table

Part: TypeAlias = Callable[[float], Iterable[Figure]]

PARTS: Mapping[str, Part] = {
    "progress": requests.progress,
    "submit": requests.submit,
    "shell": jobs.shell,
    "files": files.files,
    "functions": functions.functions,
    "groups": groups.groups,
    "idle": jobs.idle,
    "joblauncher": requests.joblauncher,
    "staging": staging.staging,
    "callbacks": callbacks.callbacks,
    "schedulers": schedulers.schedulers,
    "live": drawing.live,
    "pictures": drawing.pictures,
    "start": startup.start,
    "command": startup.command,
    "million": million.million,
    "page": page.page,
}


def main() -> None:
    """Run the parts that are asked for, all of them when none is."""
    parser = argparse.ArgumentParser(
        prog="make bench ARGS=...",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=float, default=5.0, help="of load in one round")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON lines")
    told = parser.parse_args()
    unknown = [part for part in told.parts if part not in PARTS]
    if unknown:
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}")
    figures: list[Figure] = []
    for name in told.parts or PARTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        for figure in PARTS[name](told.seconds):
            figures.append(figure)
            if told.json:
                print(msgspec.json.encode(figure).decode(), flush=True)
    if not told.json:
        load = f"load {os.getloadavg()[0]:.1f}"
        print(f"{os.cpu_count()} cores, {load}\n\n{table(figures)}")


if __name__ == "__main__":
    main()
