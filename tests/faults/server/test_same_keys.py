"""Many clients at once with the same few idempotency keys."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

THREADS: Final = 64
KEYS: Final = tuple(f"key-{number}" for number in range(8))


def test_all_threads_with_eight_keys_make_eight_jobs(server: ServerProcess, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    together = threading.Barrier(THREADS)
    statuses = Counter[int]()

    def submit_all(number: int) -> tuple[str, ...]:
        order = KEYS[number % len(KEYS) :] + KEYS[: number % len(KEYS)]
        with httpx.Client(base_url=f"{server.url}/api/v1", timeout=60) as client:
            together.wait()
            made = {key: submitted(client, key, ledger, statuses) for key in order}
        return tuple(made[key] for key in KEYS)

    with ThreadPoolExecutor(THREADS) as pool:
        (ids,) = set(pool.map(submit_all, range(THREADS)))
    with Client(server.url) as client:
        for _ in client.wait_all(ids, timeout_s=60):
            pass
        assert {job.id for job in client.jobs()} == set(ids)
    assert len(set(ids)) == len(KEYS)
    assert sorted(ledger.read_text().split()) == sorted(KEYS)
    assert set(statuses) <= {201, 409}
    print(dict(statuses))  # noqa: T201 -- how many were told to ask again


def submitted(client: httpx.Client, key: str, ledger: Path, statuses: Counter[int]) -> str:
    """Submit until there is an answer other than that the key is being worked on."""
    spec = {"command": ["sh", "-c", f"echo {key} >> {ledger}"], "name": key}
    while True:
        answer = client.post("/jobs", json=spec, headers={"Idempotency-Key": key})
        statuses[answer.status_code] += 1
        if answer.status_code != 409:
            return str(answer.json()["id"])
        assert answer.json()["code"] == "idempotency-key-in-flight"
