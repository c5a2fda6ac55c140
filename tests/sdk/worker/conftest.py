"""A server that writes down what it is told, and a way to run a job that tells it."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

WORKER = Path(__file__).parents[3] / "src" / "headway" / "sdk" / "worker.py"
JOB = "01890000-0000-7000-8000-000000000001"
TOKEN = "hwr_secret"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any
    at: float
    connection: int


@dataclass
class Capture:
    """What was asked, and what to answer: ``answers`` maps a path's end to (status, document, headers);
    the first ``failing_count`` requests are answered 500."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: dict[str, tuple[int, Any, dict[str, str]]] = field(default_factory=dict)
    failing_count: int = 0

    def reports(self) -> list[dict[str, Any]]:
        return [request.body for request in self.requests if request.path.endswith("/report")]

    def worker(self, name: str) -> list[dict[str, Any]]:
        said = [entry for body in self.reports() for entry in body.get("workers", [])]
        return [entry for entry in said if entry["id"] == name]

    def last(self, name: str) -> dict[str, Any]:
        return self.worker(name)[-1]

    def workers(self) -> set[str]:
        return {entry["id"] for body in self.reports() for entry in body.get("workers", [])}

    def answer_to(self, path: str) -> tuple[int, Any, dict[str, str]]:
        if len(self.requests) <= self.failing_count:
            return 500, {}, {}
        found = [answer for end, answer in self.answers.items() if path.endswith(end)]
        return found[0] if found else (200, {}, {})

    def posted(self, end: str) -> list[Request]:
        return [request for request in self.requests if request.path.endswith(end)]


def _handler(capture: Capture) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._take()

        def do_POST(self) -> None:
            self._take()

        @override
        def log_message(self, *args: object) -> None:
            pass

        def _take(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urllib.parse.urlsplit(self.path)
            query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
            body = json.loads(data) if data else None
            port = self.client_address[1]
            capture.requests.append(
                Request(
                    self.command,
                    parts.path,
                    query,
                    dict(self.headers),
                    body,
                    time.monotonic(),
                    port,
                )
            )
            status, document, headers = capture.answer_to(parts.path)
            answer = json.dumps(document).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

    return Handler


@pytest.fixture
def server() -> Iterator[Capture]:
    capture = Capture()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler(capture))
    httpd.daemon_threads = True
    capture.url = f"http://127.0.0.1:{httpd.server_address[1]}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield capture
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@dataclass
class Job:
    """Runs programs with a job's environment; the worker is the lone file ``headway_worker.py`` beside them."""

    directory: Path
    environment: dict[str, str]
    python: str = sys.executable

    def run(
        self, text: str, *, environment: Mapping[str, str | None] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a Python program with the worker's names imported; it is given up (as hanging) after 60 s."""
        script = self.directory / "job.py"
        script.write_text(f"from headway_worker import *\n{text}\n")
        return self.call([self.python, str(script)], environment=environment)

    def call(
        self, command: list[str], *, environment: Mapping[str, str | None] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        changed = {**self.environment, **(environment or {})}
        kept = {name: value for name, value in changed.items() if value is not None}
        return subprocess.run(
            command,
            env=kept,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def headway_run(
        self, *arguments: str, environment: Mapping[str, str | None] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run ``headway_worker.py run`` with these arguments."""
        return self.call(
            [self.python, "headway_worker.py", "run", *arguments], environment=environment
        )

    def spooled(self) -> list[dict[str, Any]]:
        lines = [path.read_bytes() for path in sorted((self.directory / "spool").iterdir())]
        return [json.loads(line) for text in lines for line in text.splitlines()]


MakeJob = Callable[[str], Job]


@pytest.fixture
def make_job(tmp_path: Path) -> MakeJob:
    """Give a job whose server is at the given address."""

    def make(url: str) -> Job:
        (tmp_path / "spool").mkdir()
        (tmp_path / "headway_worker.py").write_bytes(WORKER.read_bytes())
        environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251  # the job runs in it
            "PYTHONDONTWRITEBYTECODE": "1",
            "HEADWAY_URL": url,
            "HEADWAY_JOB_ID": JOB,
            "HEADWAY_REPORT_TOKEN": TOKEN,
            "HEADWAY_SPOOL": str(tmp_path / "spool"),
        }
        return Job(tmp_path, environment)

    return make


@pytest.fixture
def job(make_job: MakeJob, server: Capture) -> Job:
    return make_job(server.url)
