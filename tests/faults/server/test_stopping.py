"""SIGTERM with jobs that run and clients of every kind that hang on."""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.faults.server.patience import eventually
from tests.faults.server.scripts import Gate, is_alive
from websockets.sync.client import connect

from headway.sdk.client import Client
from headway.testing.server import ServerProcess


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path / "gate")


@pytest.fixture
def job(server: ServerProcess, gate: Gate) -> str:
    with Client(server.url) as client:
        job_id = client.submit(gate.command("exit 9")).id
    eventually(gate.is_reached, what="the job runs")
    return job_id


def raw(server: ServerProcess, said: bytes) -> socket.socket:
    place = urlsplit(server.url)
    line = socket.create_connection((place.hostname, place.port), 30)
    line.sendall(said)
    return line


@contextlib.contextmanager
def hanging_on(server: ServerProcess, job: str) -> Iterator[None]:
    """Have clients that follow events and logs, one that never reads, and some in the middle of a request."""
    api = f"{server.url}/api/v1"
    host = urlsplit(server.url).netloc.encode()
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(httpx.Client(timeout=60))
        for address in (f"{api}/events", f"{api}/jobs/{job}/log/stdout?follow=1"):
            answer = stack.enter_context(client.stream("GET", address))
            assert answer.status_code == 200
        live = f"ws{api.removeprefix('http')}/events/ws?after=0"
        stack.enter_context(contextlib.suppress(Exception))  # what it hears at the end is not asked
        stack.enter_context(connect(live, close_timeout=0.1))
        follow = b"GET /api/v1/jobs/%s/log/stdout?follow=1 HTTP/1.1\r\nHost: %s\r\n\r\n"
        post = b"POST /api/v1/jobs HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
        for said in (
            b"",
            b"GET / HT",
            follow % (job.encode(), host),
            post % host + b"Content-Length: 100\r\n\r\n{",
        ):
            stack.enter_context(contextlib.closing(raw(server, said)))
        yield


def test_a_stopped_server_ends_well_with_clients_connected(server: ServerProcess, job: str) -> None:
    with hanging_on(server, job):
        start = time.monotonic()
        code = server.stop()
        print(f"stopped within {time.monotonic() - start:.2f} s")  # noqa: T201
    assert code == 0
    said = server.log.read_text()
    assert "Traceback" not in said
    assert "stopped; 1 job has not ended: what runs goes on" in said
    server.start()  # for the fixture, which cancels the job


def test_jobs_run_on_over_a_stop_and_end_truly(server: ServerProcess, gate: Gate, job: str) -> None:
    with hanging_on(server, job):
        assert server.stop() == 0
    assert is_alive(gate.pid)
    server.start()
    with Client(server.url) as client:
        # The stop may have come before the server had written that it runs: then the helpers tell it.
        eventually(lambda: client.job(job).state == "running", what="it is known to run")
        gate.open()
        ended = client.wait(job, timeout_s=60)
    assert (ended.state, ended.exit_code, ended.signal) == ("failed", 9, None)
