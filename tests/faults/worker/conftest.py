"""Servers that misbehave, on real sockets, and jobs that must not notice.

The programs run here print what they worked out and end with a status of their own; a test compares both with the same
program run without any server.
"""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

WORKER = Path(__file__).parents[3] / "src" / "headway" / "sdk" / "worker.py"
ENOUGH_S = 120  # a job that takes this long hangs


@dataclass(frozen=True)
class Fault:
    """A server's way to fail: what it does with a connection whose request has come."""

    name: str
    serve: Callable[[socket.socket, threading.Event], None] | None = None


def _say(data: bytes) -> Callable[[socket.socket, threading.Event], None]:
    return lambda connection, _stop: connection.sendall(data)


def _hang(_connection: socket.socket, stop: threading.Event) -> None:
    stop.wait(ENOUGH_S)


def _drip(head: bytes) -> Callable[[socket.socket, threading.Event], None]:
    def serve(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(head)
        while not stop.wait(0.2):
            connection.sendall(b"x")

    return serve


def _flood(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    while not stop.is_set():
        connection.sendall(b"x" * 65536)


def _redirect(connection: socket.socket, _stop: threading.Event) -> None:
    port = connection.getsockname()[1]
    location = f"http://127.0.0.1:{port}/api/v1/jobs/again"
    text = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    connection.sendall(text.encode())


def _answer(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


FAULTS = [
    Fault("refuses"),
    Fault("hangs", _hang),
    Fault("hangs-up", _say(b"")),
    Fault("says-garbage", _say(b"\x00\xff garbage\r\n" * 50)),
    Fault("says-http-then-garbage", _say(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n\xff")),
    Fault("speaks-tls", _say(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")),
    Fault("answers-500", _say(_answer("500 Internal Server Error", b"oops"))),
    Fault("answers-401", _say(_answer("401 Unauthorized", b"{}"))),
    Fault("answers-404", _say(_answer("404 Not Found", b"{}"))),
    Fault("answers-html", _say(_answer("200 OK", b"<html>"))),
    Fault("answers-a-list", _say(_answer("200 OK", b"[1, 2]"))),
    Fault("answers-deep-json", _say(_answer("200 OK", b"[" * 60000))),
    Fault("asks-for-nan", _say(_answer("200 OK", b'{"next_report_s": NaN}'))),
    Fault("asks-for-text", _say(_answer("200 OK", b'{"next_report_s": {"a": []}}'))),
    Fault("asks-for-never", _say(_answer("200 OK", b'{"next_report_s": 1e300}'))),
    Fault("asks-for-less-than-nothing", _say(_answer("200 OK", b'{"next_report_s": -5}'))),
    Fault("makes-a-job-without-id", _say(_answer("201 Created", b'{"id": 7, "links": 3}'))),
    Fault("redirects-in-a-loop", _redirect),
    Fault("drips-its-head", _drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")),
    Fault("drips-its-body", _drip(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")),
    Fault("continues-forever", _drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)),
    Fault("floods", _flood),
    Fault("has-endless-headers", _say(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 5000)),
]


class BadServer:
    """Reads the head of each request on each connection, then does what the fault says, and hangs up.

    Closed at the end of a ``with``: its threads would keep the tests from ending.
    """

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.request_count = 0
        self._threads: list[threading.Thread] = []
        if fault.serve is None:
            self._listener.close()
        else:
            self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._fault.serve is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        for thread in self._threads:
            thread.join(ENOUGH_S)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        serve = self._fault.serve
        with connection:
            connection.settimeout(ENOUGH_S)
            try:
                if serve is not None and connection.recv(65536):
                    self.request_count += 1
                    serve(connection, self._stop)
            except OSError:
                pass


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.name)
def bad_server(request: pytest.FixtureRequest) -> Iterator[BadServer]:
    with BadServer(request.param) as server:
        yield server


@dataclass
class Place:
    """A directory with the worker in it, in which jobs run."""

    directory: Path
    environment: dict[str, str]

    def call(
        self, command: list[str], url: str | None, **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command that finds its server at ``url``, or (None) outside any job."""
        job = {"HEADWAY_URL": url, "HEADWAY_JOB_ID": "j-1"} if url else {}
        return subprocess.run(
            command,
            env={**self.environment, **job, **environment},
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ENOUGH_S,
            check=False,
        )

    def python(self, text: str, url: str | None) -> subprocess.CompletedProcess[bytes]:
        (self.directory / "job.py").write_text(text)
        return self.call([sys.executable, "job.py"], url)

    def spooled(self) -> bytes:
        return b"".join(path.read_bytes() for path in (self.directory / "spool").iterdir())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "spool").mkdir()
    (tmp_path / "headway_worker.py").write_bytes(WORKER.read_bytes())
    environment = {
        "PATH": os.environ["PATH"],  # noqa: TID251  # the job runs in it
        "PYTHONDONTWRITEBYTECODE": "1",
        "HEADWAY_SPOOL": str(tmp_path / "spool"),
    }
    return Place(tmp_path, environment)
