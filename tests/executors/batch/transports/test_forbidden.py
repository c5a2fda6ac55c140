"""A job may have taken rights from its own user: what is the user's own is read and deleted all the same."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import headway


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A directory to which everyone can get."""
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as place:
        yield Path(place)


@pytest.mark.parametrize("how", ["here", "shell"])
def test_what_a_job_forbade_its_own_user_is_read_and_deleted(how: str, open_place: Path) -> None:
    program = Path(__file__).with_name("played_forbidden.py")
    done = subprocess.run(
        [sys.executable, str(program), how, str(open_place)],
        env={**os.environ, "PYTHONPATH": str(Path(headway.__file__).parents[1])},  # noqa: TID251
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
