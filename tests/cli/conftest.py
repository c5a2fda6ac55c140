"""A real server for all tests of the command line, and the command line as a process."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from headway.testing.server import ServerProcess, running_server

Headway = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("cli") / "data"
    with running_server(data, arguments=("--grace", "0.2s")) as running:
        yield running


@pytest.fixture
def user(server: ServerProcess) -> Mapping[str, str]:
    """The environment of the server's own user, who finds it by its file."""
    return {
        "HOME": str(server.data.parent),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        **{name: value for name, value in server.environment.items() if name != "HEADWAY_URL"},
    }


@pytest.fixture
def headway(user: Mapping[str, str], tmp_path: Path) -> Headway:
    """Run a command as the server's own user would, in a directory of the test's own."""

    def run(*args: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "headway", *args],
            env={**user, **more},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
