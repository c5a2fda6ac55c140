"""What a function says of itself: the newest, once the server can hear it, or kept in the spool at the function's end."""

import itertools
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from tests.executors.functions.test_server import Site
from typing_extensions import override

from headway.executors.functions import reports
from headway.functions import FunctionsExecutor
from headway.testing.server import ServerProcess

PATIENCE_S: Final = 30.0


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    directory = tmp_path / "spool"
    directory.mkdir()
    return directory


@contextmanager
def hearing(*statuses: int) -> Iterator[tuple[str, list[Any]]]:
    """Answer so, the last one again and again; gives the address and what was said."""
    said: list[Any] = []
    answers = itertools.chain(statuses, itertools.repeat(statuses[-1]))

    class Ears(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(next(answers))
            self.end_headers()

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Ears) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", said
        finally:
            server.shutdown()
            thread.join()


def nobody() -> str:
    """Give an address where nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def job(url: str, spool: Path) -> dict[str, str]:
    return {"HEADWAY_URL": url, "HEADWAY_JOB_ID": "a-job", "HEADWAY_SPOOL": str(spool)}


def spooled(spool: Path) -> list[Any]:
    return [json.loads(line) for file in spool.iterdir() for line in file.read_text().splitlines()]


def test_what_could_not_be_told_is_spooled_at_the_end_with_the_newest_of_each_thing(
    spool: Path,
) -> None:
    environment = job(nobody(), spool)
    reports.tell(environment, progress=(1, 9, "begun"), counters={"a": 1, "b": 1})
    reports.tell(environment, status_text="nearly", counters={"b": 2})
    reports.tell(environment, progress=(9, 9, "done"))

    assert reports.flush(PATIENCE_S)

    merged: dict[str, Any] = {}
    for line in spooled(spool):
        assert (line["v"], line["job"]) == (1, "a-job")
        counters = {**merged.get("counters", {}), **line["body"].get("counters", {})}
        merged = {**merged, **line["body"], "counters": counters}
    assert merged == {
        "workers": [{"id": "main", "current": 9, "total": 9, "ok": True, "desc": "done"}],
        "counters": {"a": 1, "b": 2},
        "status_text": "nearly",
    }


def test_what_a_server_in_trouble_did_not_take_is_told_again(spool: Path) -> None:
    with hearing(503, 200) as (url, said):
        environment = job(url, spool)
        reports.tell(environment, status_text="first")
        until = time.monotonic() + PATIENCE_S
        while len(said) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        assert reports.flush(PATIENCE_S)

    assert said == [{"status_text": "first"}] * 2
    assert spooled(spool) == []


def test_what_a_server_refuses_is_not_told_again(spool: Path) -> None:
    with hearing(404) as (url, said):
        reports.tell(job(url, spool), status_text="of a job that is no more")
        assert reports.flush(PATIENCE_S)

    assert len(said) == 1
    assert spooled(spool) == []


def test_a_function_that_ends_while_the_server_is_away_keeps_its_last_words(
    server: ServerProcess, tmp_path: Path
) -> None:
    begun, go = tmp_path / "begun", tmp_path / "go"

    def patient(progress: Any) -> int:
        progress(1, 4)
        begun.touch()
        while not go.exists():
            time.sleep(0.01)
        progress(4, 4)
        return 4

    port = int(server.url.rpartition(":")[2])
    with FunctionsExecutor(url=server.url) as executor:
        future = executor.submit(patient)
        job_id = future.job_id
        _until(begun.exists)
        server.kill()
        go.touch()
        spooled_at = server.data / "spool"
        _until(lambda: any(spooled_at.glob("*.jsonl*")))
        server.start(port=port)
        assert future.result(timeout_s=2 * PATIENCE_S) == 4

    told: dict[str, Any] = {}

    def is_whole() -> bool:
        told.update(Site(server).ask("GET", f"/jobs/{job_id}").json())
        return (told["workers"]["finished"], told["state"]) == (1, "succeeded")

    _until(is_whole)
    assert told["progress"] == 1.0


def _until(is_so: Any) -> None:
    until = time.monotonic() + 2 * PATIENCE_S
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)
