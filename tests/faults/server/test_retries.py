"""kill -9 on the server around the writing of a retry: the next attempt comes once or not at all, never beside another."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.faults.server.patience import eventually

from headway.core.errors import ServerUnreachable
from headway.sdk.client import Client
from headway.testing.faults import Point
from headway.testing.server import ServerProcess, cancel_all, end_helpers

POINTS = (
    (Point.RETRY_BEFORE, 1, 1),
    (Point.RETRY_AFTER, 1, 2),
    (Point.SEND_BEFORE, 2, 2),
    (Point.SENDING, 2, 2),
    (Point.SEND_AFTER, 2, 2),
    (Point.SETTLED_BEFORE, 2, 2),
)


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server as any, over the data of the one that dies."""
    server = ServerProcess(tmp_path / "data")
    yield server
    if server.url:
        with suppress(ServerUnreachable):
            cancel_all(server.url)
    server.kill()
    end_helpers(tmp_path / "data")


@pytest.mark.parametrize(("point", "passes", "attempts"), POINTS)
def test_a_retry_comes_once_or_not_at_all(
    tmp_path: Path, plain: ServerProcess, point: Point, passes: int, attempts: int
) -> None:
    ledger, alone = tmp_path / "ledger", tmp_path / "alone"
    script = (
        f"mkdir {alone} || echo together >> {ledger}; echo $HEADWAY_JOB_ID >> {ledger};"
        f" sleep 0.1; rmdir {alone}; exit 3"
    )
    fault = ("--fault", f"{point}:{passes}", "--hits", str(tmp_path / "hits"))
    program = (sys.executable, "-m", "headway.testing.faults")
    dying = ServerProcess(tmp_path / "data", arguments=fault, program=program).start()
    with Client(dying.url) as client:
        job = client.wait(client.submit(["sh", "-c", script]).id)
        with suppress(ServerUnreachable):
            client.retry(job.id)
    eventually(lambda: dying.exit_code is not None, what=f"a death at {point}")
    with Client(plain.start().url) as client:
        ended = client.wait(job.id, timeout_s=60)
        assert ended.attempt == attempts
        assert [(one.no, one.exit_code) for one in ended.attempts] == [
            (no, 3) for no in range(1, attempts + 1)
        ]
        if attempts == 1:
            client.retry(job.id)
            ended = client.wait(job.id, timeout_s=60)
        assert (ended.attempt, ended.exit_code) == (2, 3)
    assert ledger.read_text().split() == [job.id] * 2
