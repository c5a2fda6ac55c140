"""Dramatiq: broker and results in Redis."""

import os
import sys
import tempfile
from pathlib import Path

import dramatiq
import redis as redis_client
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

from bench.peers.common import WORKERS, measured, redis, running


def made(url):
    # Waiting for a result takes as long as it does.
    client = redis_client.Redis.from_url(url, socket_timeout=None)
    broker = RedisBroker(client=client)
    broker.add_middleware(Results(backend=RedisBackend(client=client)))
    dramatiq.set_broker(broker)
    return dramatiq.actor(store_results=True, actor_name="nothing")(lambda number: number)


if "PEER_URL" in os.environ:
    nothing = made(os.environ["PEER_URL"])


def main(count):
    with tempfile.TemporaryDirectory() as name, redis(Path(name)) as url:
        actor = made(url)

        def run(many):
            sent = [actor.send(n) for n in range(many)]
            return [message.get_result(block=True, timeout=60_000) for message in sent]

        words = [
            sys.executable,
            "-m",
            "dramatiq",
            "bench.peers.with_dramatiq",
            "-p",
            str(WORKERS),
            "-t",
            "1",
        ]
        with running(words, Path(name), PEER_URL=url):
            measured(count, run, lambda: run(1))


if __name__ == "__main__":
    main(int(sys.argv[1]))
