"""How much processor time short commands take, beside what nothing could be quicker than.

    python bench/cli.py [--runs 30]

A server is started over an empty directory, and some jobs are submitted to it. Each command is run many times, the limits
in between, so that all see the same machine; CPU is that of the process with its children (user and system), and the
smallest is the one least disturbed. Goals: `headway jobs --json` 100 ms (150 at most).
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from headway import Client
from headway.testing.server import running_server

LIMITS = {
    "python -c pass": ["-c", "pass"],
    "import click": ["-c", "import click"],
    "import http.client": ["-c", "import click, http.client"],
}
COMMANDS = {
    "headway --help": ["--help"],
    "headway jobs --json": ["jobs", "--json"],
    "headway jobs": ["jobs", "--limit", "40"],
    "headway job 1 --json": ["job", "1", "--json"],
    "headway submit -- true": ["submit", "--", "true"],
    "headway wait 1": ["wait", "1"],
}


def cpu_ms(command: list[str], environment: dict[str, str]) -> float:
    """Run a command; give the milliseconds of CPU that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    script = str(Path(sys.executable).with_name("headway"))
    told: dict[str, list[float]] = {}
    plans = {name: [sys.executable, *args] for name, args in LIMITS.items()}
    plans |= {name: [script, *args] for name, args in COMMANDS.items()}
    # Compiled modules are written on the first run, whatever the caller's shell says.
    known = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with (
        tempfile.TemporaryDirectory() as directory,
        running_server(Path(directory) / "data") as server,
    ):
        with Client(server.url) as client:
            for job in [client.submit(["true"], name=f"job {n}") for n in range(50)]:
                client.wait(job.id, timeout_s=60)
        for _ in range(runs):
            for name, command in plans.items():
                told.setdefault(name, []).append(cpu_ms(command, {**known, **server.environment}))
    floor = min(told["import click"])
    print(f"{'CPU ms, of ' + str(runs) + ' runs':<28}{'least':>8}{'median':>8}{'to click':>10}")
    for name, times in told.items():
        least = min(times)
        print(f"{name:<28}{least:8.1f}{statistics.median(times):8.1f}{least / floor:10.2f}")


if __name__ == "__main__":
    main()
