"""The server raises its own limit of open files; what it starts has the one that the server was started with."""

import resource
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from headway.executors import open_files
from headway.executors.batch.process import Limit, Run, run_to_end
from headway.functions import FunctionsExecutor
from headway.sdk.client import Client
from headway.testing.server import ServerProcess

SOFT = 700
ASK = "import resource; print(*resource.getrlimit(resource.RLIMIT_NOFILE))"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    limited = ("sh", "-c", f'ulimit -Sn {SOFT}; exec "$@"', "sh")
    program = (*limited, sys.executable, "-m", "headway", "serve", "--no-detect")
    with ServerProcess(tmp_path / "data", program=program) as server:
        yield server.start()


def limits_of(pid: int) -> tuple[int, int]:
    return resource.prlimit(pid, resource.RLIMIT_NOFILE)


def test_a_job_has_the_limit_that_its_server_was_started_with(server: ServerProcess) -> None:
    soft, hard = limits_of(server.pid)
    assert soft > SOFT
    with Client(server.url) as client:
        job = client.submit([sys.executable, "-c", ASK])
        client.wait(job.id, timeout_s=60)
        assert b"".join(client.read_log(job.id)).split() == [b"%d" % SOFT, b"%d" % hard]


def test_a_function_has_it_too(server: ServerProcess) -> None:
    def limits() -> list[int]:
        import resource

        return list(resource.getrlimit(resource.RLIMIT_NOFILE))

    with FunctionsExecutor(url=server.url) as functions:
        assert functions.submit(limits).result(timeout_s=60) == [SOFT, limits_of(server.pid)[1]]


def test_a_schedulers_command_has_it_too() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    own = before[0] // 2
    resource.setrlimit(resource.RLIMIT_NOFILE, (own, before[1]))
    try:
        ended = run_to_end(
            # It asks when it has been told to, which is after it was started.
            Run(
                argv=("/bin/sh", "-c", "read -r go; ulimit -Sn"),
                environment={},
                stdin=b"go\n",
                most_output_bytes=100,
            ),
            Limit(60),
            threading.Event(),
        )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert int(ended.stdout) == open_files.BEFORE != own
