"""headway_worker.py is one file, of the standard library, and runs on old Pythons."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.worker.conftest import WORKER, Capture, Job

from headway.sdk import worker

MINORS = range(6, 16)


def _found(python: str) -> str | None:
    """Give the path of an interpreter that really runs (a pyenv shim may be there and refuse)."""
    path = shutil.which(python)
    ask = [path or "", "-c", "import sys; print(sys.executable)"]
    said = subprocess.run(ask, capture_output=True, check=False) if path else None
    return said.stdout.decode().strip() if said and said.returncode == 0 else None


FOUND = {_found(f"python3.{minor}") for minor in MINORS}
PYTHONS = sorted({sys.executable, *(path for path in FOUND if path)})


def test_its_syntax_and_calls_are_those_of_python_3_6() -> None:
    vermin = Path(sys.executable).with_name("vermin")
    checked = subprocess.run(
        [vermin, "-t=3.6-", "--no-tips", "--violations", WORKER], capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stdout.decode()


def test_it_imports_the_standard_library_only() -> None:
    imports = [
        node for node in ast.walk(ast.parse(WORKER.read_text())) if isinstance(node, ast.Import)
    ]
    froms = [
        node for node in ast.walk(ast.parse(WORKER.read_text())) if isinstance(node, ast.ImportFrom)
    ]
    names = {alias.name for node in imports for alias in node.names} | {
        n.module or "" for n in froms
    }
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_its_public_names_are_sorted_and_there() -> None:
    assert worker.__all__ == sorted(worker.__all__)
    assert all(hasattr(worker, name) for name in worker.__all__)


def test_importing_it_starts_nothing(job: Job) -> None:
    ended = job.run("import threading, signal, sys; print(threading.active_count())")
    assert ended.stdout == b"1\n"


@pytest.mark.parametrize("python", PYTHONS)
def test_it_runs_on_every_python_that_is_here(job: Job, server: Capture, python: str) -> None:
    job.python = python
    ended = job.run(
        "import multiprocessing\n"
        "def work():\n"
        "    for x in progress('abcd'): pass\n"
        "counters({'a': 1}); status('s')\n"
        "child = multiprocessing.get_context('fork').Process(target=work, name='child')\n"
        "with progress(total=3) as bar:\n"
        "    bar.update(3); flush(); child.start(); child.join()"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert (server.last("main")["current"], server.last("child")["current"]) == (3, 4)


@pytest.mark.parametrize("python", PYTHONS)
def test_run_works_on_every_python_that_is_here(job: Job, server: Capture, python: str) -> None:
    job.python = python
    server.answers["/jobs"] = (201, {"id": "j-1", "report_token": "hwr_new"}, {})
    ended = job.headway_run("--name", "n", "--", "sh", "-c", "echo out; echo err >&2; exit 5")
    assert (ended.returncode, ended.stdout, ended.stderr) == (5, b"out\n", b"err\n")
    assert server.posted("/finish")[0].body["exit_code"] == 5
