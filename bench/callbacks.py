"""Callbacks of a real server to a receiver that is well, and to one that fails one time in five."""

import random
import statistics
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import msgspec

from bench.figure import Figure
from bench.http import Caller
from bench.processes import kept_place, real_server, seconds_until

JOBS = 200
EVENTS = 1000
FAULTS = 0.2
_SEED = 20261122
_LONGEST_S = 600.0


class Receiver:
    """Takes calls, each at a path of its own job; some it answers with 500.

    Attributes:
        told: what it has acknowledged, (path, word, when), in its order.
        repeated: calls that came again after it had acknowledged them.
        failed: calls that it answered with 500.
    """

    def __init__(self, *, faults: float) -> None:
        self.told: list[tuple[str, str, float]] = []
        self.repeated = 0
        self.failed = 0
        self._acknowledged: set[tuple[str, str]] = set()
        self._faults = faults
        self._random = random.Random(_SEED)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.takes(self.path, msgspec.json.decode(body)["state"])
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def takes(self, path: str, word: str) -> int:
        """Take a call; gives the status to be answered."""
        now = time.time()
        with self._lock:
            if (path, word) in self._acknowledged:
                self.repeated += 1
            if self._random.random() < self._faults:
                self.failed += 1
                return 500
            self.told.append((path, word, now))
            self._acknowledged.add((path, word))
            return 200


def callbacks(_seconds: float) -> Sequence[Figure]:
    """How soon a healthy receiver is told; whether a failing one is told everything, in order and once."""
    return (*_latency(), *_faults())


def _latency() -> Sequence[Figure]:
    waits_ms = []
    place = kept_place()
    with Receiver(faults=0) as receiver, real_server(place / "data") as server:
        caller = Caller(server.url)
        for number in range(JOBS):
            _submit(caller, receiver, number, place)
            path = f"/{number}"
            seconds_until(lambda path=path: _ended(receiver, path))
            job = caller.get("/api/v1/jobs?limit=1")["jobs"][0]["id"]
            events = caller.get(f"/api/v1/jobs/{job}/events")["events"]
            at = next(event["time"] for event in events if event["type"] == "job.succeeded")
            told = next(
                when for known, word, when in receiver.told if (known, word) == (path, "DONE")
            )
            waits_ms.append(1e3 * (told - datetime.fromisoformat(at).astimezone(UTC).timestamp()))
        caller.close()
    waits_ms.sort()
    return (
        Figure(
            part="callbacks",
            what="from a job's end to its callback: p50",
            value=statistics.median(waits_ms),
            unit="ms",
            floor="50 ms",
        ),
        Figure(part="callbacks", what="  p99", value=waits_ms[int(JOBS * 0.99)], unit="ms"),
    )


def _faults() -> Sequence[Figure]:
    place = kept_place()
    with Receiver(faults=FAULTS) as receiver, real_server(place / "data") as server:
        caller = Caller(server.url)
        begun = time.perf_counter()
        for number in range(EVENTS):
            _submit(caller, receiver, number, place)
        caller.close()
        seconds_until(lambda: _all_ended(receiver), _LONGEST_S)
        took_s = time.perf_counter() - begun
    words: dict[str, list[str]] = {}
    for path, word, _ in receiver.told:
        words.setdefault(path, []).append(word)
    order = ["PENDING", "RUNNING", "DONE"]
    disordered = sum(said != sorted(said, key=order.index) for said in words.values())
    return (
        Figure(
            part="callbacks",
            what=f"{len(receiver.told)} told of {EVENTS} jobs, {receiver.failed} calls failed: all after",
            value=took_s,
            unit="s",
        ),
        Figure(
            part="callbacks",
            what="  told out of order, or again after it was acknowledged",
            value=disordered + receiver.repeated,
            unit="",
            floor="0",
        ),
    )


def _submit(caller: Caller, receiver: Receiver, number: int, jobdir: Path) -> None:
    request = {
        "jobdir": str(jobdir),
        "executable": "/bin/true",
        "stdout": f"{number}.out",
        "stderr": f"{number}.err",
        "status_callback_url": f"{receiver.url}/{number}",
    }
    body = msgspec.json.encode(request)
    head = (
        b"POST /job HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    caller.raw(head + body)


def _ended(receiver: Receiver, path: str) -> bool:
    return any((known, word) == (path, "DONE") for known, word, _ in receiver.told[-3:])


def _all_ended(receiver: Receiver) -> bool:
    return sum(word == "DONE" for _, word, _ in list(receiver.told)) >= EVENTS
