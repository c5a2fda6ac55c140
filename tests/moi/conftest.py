"""A real server with its functions cluster, and the library and the command as its user has them."""

from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest

from headway.cli.main import run
from headway.moi import contexts, job, service
from headway.testing.server import ServerProcess, running_server


class Said(NamedTuple):
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


Moi = Callable[..., Said]


@pytest.fixture(scope="module")
def functions_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that this module's tests share."""
    with running_server(tmp_path_factory.mktemp("moi") / "data") as server:
        yield server


@pytest.fixture
def here(functions_server: ServerProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Have the library and the command find the server; gives its address."""
    for name, value in functions_server.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("HEADWAY_TOKEN", "HEADWAY_TOKEN_FILE", "MOI_CONFIG_FP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(contexts.ctxs, "_known", {})
    yield functions_server.url
    for executor in job._made.values():
        executor.shutdown()
    for one in service._made.values():
        one.close()
    job._made.clear()
    job._parents.clear()
    service._made.clear()


@pytest.fixture
def moi(here: str) -> Moi:
    """Run the command moi."""

    def said(*words: str) -> Said:
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(["moi", *words])
        return Said(code, out.getvalue(), err.getvalue())

    return said


ORIGINALS = Path(__file__).parents[1] / "protocols" / "moi" / "originals"
