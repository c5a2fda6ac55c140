"""Faults that need a namespace of their own: a full disk, a recycled pid. They need root."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def play(program: str, place: Path, *unshare: str) -> dict[str, object]:
    """Run a program of this directory in new namespaces; skip where that is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("needs root: to make namespaces")
    if subprocess.run(["unshare", *unshare, "true"], check=False).returncode != 0:
        pytest.skip(f"unshare {' '.join(unshare)} is not permitted here")
    done = subprocess.run(
        ["unshare", *unshare, sys.executable, HERE / program, place],
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()[-4000:]
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_full_disk_loses_no_exit_status_and_heals(tmp_path: Path) -> None:
    found = play("played_full_disk.py", tmp_path, "--mount")
    assert found.pop("free_bytes") == 0
    assert "No space left" in str(found.pop("answer"))
    assert found == {"filler": 9, "end": 7, "again": 7, "healed": 0}


def test_a_process_that_was_given_a_jobs_pid_is_left_alone(tmp_path: Path) -> None:
    found = play("played_recycled_pid.py", tmp_path, "--pid", "--fork", "--mount-proc")
    assert found == {
        "same_pid": True,
        "end": "lost",
        "innocent_alive": True,
        "second_innocent_alive": True,
    }
