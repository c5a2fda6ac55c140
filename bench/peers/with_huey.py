"""Huey over SQLite that syncs each write."""

import importlib
import os
import sys
import tempfile
from pathlib import Path

from huey import SqliteHuey

from bench.peers.common import WORKERS, measured, running

huey = SqliteHuey(filename=os.environ.get("PEER_FILE", ":memory:"), fsync=True)


@huey.task()
def nothing(number):
    return number


def main(count):
    with tempfile.TemporaryDirectory() as name:
        file = os.environ["PEER_FILE"] = str(Path(name) / "huey.db")
        # By the name that the consumer knows it by, and over the same file.
        task = importlib.import_module("bench.peers.with_huey").nothing

        def run(many):
            sent = [task(n) for n in range(many)]
            return [result.get(blocking=True, backoff=1, max_delay=0.005) for result in sent]

        words = [
            str(Path(sys.executable).with_name("huey_consumer")),
            "bench.peers.with_huey.huey",
        ]
        how = ["-w", str(WORKERS), "-k", "process", "-d", "0.005", "-m", "0.005", "-b", "1"]
        with running([*words, *how], Path(name), PEER_FILE=file):
            measured(count, run, lambda: run(1))


if __name__ == "__main__":
    main(int(sys.argv[1]))
