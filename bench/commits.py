"""A real server that notes how long each job took from the commit that accepted it to the one that ended it.

python -m bench.commits --port 0 --data DIR --times FILE
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from headway.app.data_dir import DataDir
from headway.app.options import ServeOptions
from headway.app.serve import run_beside
from headway.app.wiring import make_core
from headway.core.core import Core
from headway.core.model.change import Written
from headway.core.model.names import JobId


class Times:
    """Listens to a store; each job's milliseconds are a line of a file."""

    def __init__(self, file: Path) -> None:
        self._accepted: dict[JobId, float] = {}
        self._out = file.open("a", buffering=1)

    def heard(self, commits: Sequence[Written]) -> None:
        """Hear of commits."""
        now = time.perf_counter()
        for written in commits:
            for job in written.jobs:
                if job.rev == 1:
                    self._accepted[job.id] = now
                elif job.state.is_final and job.id in self._accepted:
                    took_ms = (now - self._accepted.pop(job.id)) * 1e3
                    self._out.write(f"{took_ms:.3f}\n")


def _noting_core(
    options: ServeOptions,
    data: DataDir,
    *,
    url: str,
    fatal: Callable[[BaseException], None],
    file: Path,
) -> Core:
    core = make_core(options, data, url=url, fatal=fatal)
    core.store.listen(Times(file).heard)
    return core


def main() -> None:
    """Serve until told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--times", type=Path, required=True)
    chosen = parser.parse_args()
    options = ServeOptions(port=chosen.port, data=chosen.data)
    sys.exit(run_beside(options, None, make_core=partial(_noting_core, file=chosen.times)))


if __name__ == "__main__":
    main()
