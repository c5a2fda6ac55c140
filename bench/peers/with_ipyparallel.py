"""ipyparallel itself: nothing of it is durable."""

import logging
import sys
import tempfile

import ipyparallel

from bench.peers.common import WORKERS, measured


def nothing(number):
    return number


def main(count):
    with tempfile.TemporaryDirectory() as name:
        cluster = ipyparallel.Cluster(n=WORKERS, profile_dir=name, log_level=logging.ERROR)
        with cluster as client:
            client.wait_for_engines(WORKERS, timeout=60)
            view = client.load_balanced_view()

            def run(many):
                return [sent.get() for sent in [view.apply_async(nothing, n) for n in range(many)]]

            measured(count, run, lambda: view.apply_sync(nothing, 1))


if __name__ == "__main__":
    main(int(sys.argv[1]))
