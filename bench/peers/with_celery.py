"""Celery: broker and results in Redis."""

import os
import sys
import tempfile
from pathlib import Path

from celery import Celery, group

from bench.peers.common import WORKERS, measured, redis, running

app = Celery("with_celery", broker=os.environ.get("PEER_URL"), backend=os.environ.get("PEER_URL"))


@app.task(name="nothing")
def nothing(number):
    return number


def run(count):
    return group(nothing.s(n) for n in range(count)).apply_async().get()


def main(count):
    with tempfile.TemporaryDirectory() as name, redis(Path(name)) as url:
        app.conf.update(broker_url=url, result_backend=url)
        words = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "bench.peers.with_celery",
            "worker",
            "-c",
            str(WORKERS),
        ]
        with running([*words, "--without-gossip", "--without-mingle"], Path(name), PEER_URL=url):
            nothing.delay(0).get(timeout=60)
            measured(count, run, lambda: nothing.delay(1).get())


if __name__ == "__main__":
    main(int(sys.argv[1]))
