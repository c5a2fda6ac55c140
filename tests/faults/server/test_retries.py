"""kill -9 on the server around the writing of a retry: the next attempt comes once or not at all, never beside another."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.faults.server.patience import eventually

from headway.core.errors import ServerUnreachable
from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.testing.fault import Point
from headway.testing.server import ServerProcess

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
    with ServerProcess(tmp_path / "data") as server:
        yield server


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
    dying = ServerProcess(tmp_path / "data", arguments=fault, program=program)
    with dying, Client(dying.start().url) as client:
        job = client.wait(client.submit(["sh", "-c", script]).id, timeout_s=60)
        with suppress(ServerUnreachable):
            client.retry(job.id)
        eventually(lambda: dying.exit_code is not None, what=f"a death at {point}")
        # Before what runs is ended with the one that has died.
        ended = retried(plain.start(), job.id, attempts=attempts)
    assert (ended.attempt, ended.exit_code) == (2, 3)
    assert ledger.read_text().split() == [job.id] * 2


def retried(plain: ServerProcess, job_id: str, *, attempts: int) -> JobDocument:
    """See the job end with so many attempts; ask once more where there was only one. Gives how it is then."""
    with Client(plain.url) as client:
        ended = client.wait(job_id, timeout_s=60)
        assert ended.attempt == attempts
        assert [(one.no, one.exit_code) for one in ended.attempts] == [
            (no, 3) for no in range(1, attempts + 1)
        ]
        if attempts == 1:
            client.retry(job_id)
            ended = client.wait(job_id, timeout_s=60)
        return ended
