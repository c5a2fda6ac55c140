"""A test that fails takes along what it has started, so that no other fails by it."""

import subprocess
from pathlib import Path

import pytest
from tests.faults.server.patience import eventually
from tests.faults.server.scripts import Gate, is_alive
from tests.processes import ending

from headway.sdk.client import Client
from headway.testing.server import ServerProcess


def test_a_server_and_its_jobs_end_with_the_test_that_failed(tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    server = ServerProcess(tmp_path / "data")
    with pytest.raises(AssertionError, match="the test"):
        fail_while_a_job_runs(server, gate)
    assert server.exit_code == -9
    eventually(lambda: not is_alive(gate.pid), what="the job has ended")


def fail_while_a_job_runs(server: ServerProcess, gate: Gate) -> None:
    with server, Client(server.start().url) as client:
        client.submit(gate.command("exit 0"))
        eventually(gate.is_reached, what="the job runs")
        raise AssertionError("the test fails")


def test_a_process_that_waits_for_ever_ends_with_the_test_that_failed() -> None:
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    with pytest.raises(AssertionError, match="the test"), ending(process):
        raise AssertionError("the test fails")
    assert process.returncode == -9
