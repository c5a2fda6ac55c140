"""A disk that fails: the server ends and does not answer."""

import sys
from pathlib import Path

import pytest

from headway.core.errors import ServerUnreachable
from headway.sdk.client import Client
from headway.testing.fault import Point
from headway.testing.server import ServerProcess, running_server

BROKEN = 70


def test_a_server_whose_disk_fails_ends_without_an_answer_and_keeps_what_it_answered(
    tmp_path: Path,
) -> None:
    hits = tmp_path / "hits"
    answered: list[str] = []
    with ServerProcess(
        tmp_path / "data",
        arguments=("--fault", f"{Point.DISK_ERROR}:40", "--hits", str(hits)),
        program=(sys.executable, "-m", "headway.testing.faults"),
    ).start() as failing:
        with Client(failing.url) as client, pytest.raises(ServerUnreachable):
            submit_for_ever(client, answered)
        assert failing.wait() == BROKEN
        assert hits.read_text() == f"{Point.DISK_ERROR}\n"
        assert "disk I/O error" in failing.log.read_text()
        with running_server(tmp_path / "data") as plain, Client(plain.url) as client:
            kept = [job.id for job in client.jobs()]
            ends = [client.wait(job_id, timeout_s=60).exit_code for job_id in answered]
    assert answered
    assert set(answered) <= set(kept)
    assert len(kept) <= len(answered) + 1, "the one whose answer the failure cut off may be kept"
    assert ends == [3] * len(answered)


def test_a_server_does_not_start_on_a_damaged_file_and_says_which(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "headway.db").write_bytes(b"this is no database" * 1000)
    server = ServerProcess(data)
    with pytest.raises(RuntimeError, match=r"headway\.db cannot be used: file is not a database"):
        server.start()
    assert "Traceback" not in server.log.read_text()


def submit_for_ever(client: Client, answered: list[str]) -> None:
    while True:
        answered.append(client.submit(["sh", "-c", "exit 3"]).id)
