"""Pickles that run a command when they are opened, in what others keep for a server: a Redis, the queues of another system."""

import getpass
import json
import pickle
from pathlib import Path
from typing import Any

import cloudpickle
import httpx
import pytest
from redis import Redis
from tests.executors.functions_remote.clusters import DaskCluster, IpyparallelCluster
from tests.faults.functions.test_bombs import assert_quiet, run, run_function, travelling
from tests.faults.functions.watched import Watched, watched_server
from tests.faults.server.patience import eventually
from tests.protocols.moi.bus.conftest import own_redis

__all__ = ["travelling"]


@pytest.mark.service("redis-server")
def test_what_stands_in_redis_or_is_published_there_is_not_opened(tmp_path: Path) -> None:
    with own_redis() as process:
        table = f'[moi]\nredis = "{process.url}"\nuser = "{getpass.getuser()}"\n'
        with (
            watched_server(tmp_path, configuration=table) as watched,
            Redis.from_url(process.url) as redis,
        ):
            group = _moi_user(watched, "ada")
            job = _report(watched, groups=[group])
            eventually(lambda: redis.exists(job), what="the job is in Redis")
            _plant(redis, watched, group, job)
            last = _report(watched)
            redis.publish(f"{group}:pubsub", json.dumps({"add": [last]}))
            eventually(lambda: _is_in(watched, group, last), what="all that was said is done")
            made_right = json.loads(eventually(lambda: redis.get(job), what="it is read"))
            assert made_right["id"] == job
            assert_quiet(watched)


def _plant(redis: Redis, watched: Watched, group: str, job: str) -> None:
    """Put bombs where the server reads, and say so."""
    bomb, text = watched.bomb, watched.text
    redis.hset("user-id-map", mapping={bomb: bomb, text: group, "ada": bomb})
    for key in (f"{group}:children", f"{group}:jobs", f"{text}:children"):
        redis.sadd(key, bomb, text)
    for own in (group, text):
        redis.set(own, bomb)
    for channel in (f"{group}:pubsub", f"{job}:pubsub", bomb + b":pubsub"):
        redis.publish(channel, bomb)
        redis.publish(channel, text)
        for verb in ("add", "remove", "get", "update", text):
            redis.publish(channel, json.dumps({verb: [text, group]}))
    redis.publish(f"{group}:pubsub", json.dumps({"get": []}))
    for value in (bomb, json.dumps({"status": text})):
        redis.set(job, value)
        redis.publish(f"{job}:pubsub", json.dumps({"update": [job]}))


def _moi_user(watched: Watched, name: str) -> str:
    said = httpx.post(f"{watched.server.url}/moi-ws/users", json={"user": name}, timeout=60)
    return str(said.json()["id"])


def _report(watched: Watched, **fields: Any) -> str:
    made = watched.ask("POST", "/jobs", json={"kind": "report", "will_finish": True, **fields})
    assert made.status_code == 201, made.text
    watched.ask("PUT", f"/jobs/{made.json()['id']}/status-text", json={"text": "at work"})
    return str(made.json()["id"])


def _is_in(watched: Watched, group: str, job: str) -> bool:
    found = watched.ask("GET", f"/groups/{group}/members").json()["members"]
    return any(one["kind"] == "job" and one["job"]["id"] == job for one in found)


@pytest.mark.parametrize("system", [DaskCluster, IpyparallelCluster])
def test_what_comes_through_another_systems_queue_is_not_opened(
    tmp_path: Path, system: type[DaskCluster | IpyparallelCluster]
) -> None:
    class Returned:
        def __init__(self, data: bytes) -> None:
            self.data = data

        def __reduce__(self) -> tuple[Any, ...]:  # type: ignore[explicit-override]
            return pickle.loads, (self.data,)

    def raises(data: bytes) -> None:
        print(data)  # noqa: T201 -- it is the job's log
        raise ValueError(data, Returned(data))

    with system(tmp_path) as cluster:
        where = cluster.engine
        table = f'[cluster.{where}]\nkind = "functions"\nengine = "{where}"\n{cluster.settings}\n'
        with watched_server(tmp_path, configuration=table) as watched:
            bomb = watched.bomb
            back = run(watched, cloudpickle.dumps((Returned, (bomb,), {})), cluster=where)
            failed = run(watched, cloudpickle.dumps((raises, (bomb,), {})), cluster=where)
            plain = run_function(watched, {"source": f"return {bomb!r}"}, cluster=where)
            assert [one["state"] for one in (back, failed, plain)] == [
                "succeeded",
                "failed",
                "succeeded",
            ]
            kept = watched.ask("GET", f"/jobs/{back['id']}/result")
            assert kept.headers["content-type"] == "application/vnd.python.pickle"
            for job in (back, failed, plain):
                watched.ask("GET", f"/jobs/{job['id']}/log/stdout").raise_for_status()
            assert_quiet(watched)
