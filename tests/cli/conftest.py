"""A real server for all tests of the command line, and the command line in this process."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from headway.cli.main import run
from headway.testing.server import ServerProcess, running_server


class Done(NamedTuple):
    """What a command has left."""

    returncode: int
    stdout: str
    stderr: str


Headway = Callable[..., Done]

_TRIES: Final = 20


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("cli") / "data"
    with running_server(data, arguments=("--jobs-at-once", "8", "--grace", "0.2s")) as running:
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
def headway(
    user: Mapping[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Headway:
    """Run a command as the server's own user would, in a directory of the test's own."""

    def invoke(*args: str, **more: str) -> Done:
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("HEADWAY_")]:  # noqa: TID251
                patch.delenv(name)
            for name, value in {**user, **more}.items():
                patch.setenv(name, value)
            patch.chdir(tmp_path)
            code = run(args)
        return Done(code, *capfd.readouterr())

    return invoke


def run_in_time(headway: Headway, *args: str) -> Done:
    """Run a command here; again when the server was not heard within the second that it is given."""
    for _ in range(_TRIES):
        done = headway("run", *args)
        if "does not answer yet" not in done.stderr:
            return done
    raise AssertionError("the server is never heard")
