"""What an administrator is given to install."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from headway.core.errors import InvalidRequest
from headway.executors.batch.run_as import headway_run, program


def test_the_program_needs_no_newer_python_than_clusters_have(tmp_path: Path) -> None:
    path = tmp_path / "headway_run.py"
    path.write_bytes(program.program())
    vermin = Path(sys.executable).with_name("vermin")
    done = subprocess.run(
        [vermin, "-t=3.6-", "--no-tips", "--violations", path], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


def test_the_program_is_started_apart_from_the_callers_python() -> None:
    assert program.program().startswith(b"#!/usr/bin/python3 -IS\n")


def test_the_rule_for_sudo_is_one_that_sudo_takes(tmp_path: Path) -> None:
    if shutil.which("visudo", path="/usr/sbin:/usr/bin") is None:
        pytest.skip("there is no visudo here")
    rule = tmp_path / "headway"
    rule.write_text(
        program.sudoers(
            server="headway", users=("alice", "%researchers"), program_path=program.PROGRAM
        )
    )
    done = subprocess.run(
        ["/usr/sbin/visudo", "-c", "-f", rule], capture_output=True, text=True, check=False
    )
    assert done.stdout == f"{rule}: parsed OK\n", done.stderr


def test_what_is_configured_is_what_the_program_reads() -> None:
    text = program.configuration(
        server="headway",
        directory=program.DIRECTORY,
        least_uid=500,
        denied=("slurm", "munge"),
        program_path=program.PROGRAM,
    )
    assert headway_run.settings_of(text) == {
        "server": "headway",
        "directory": program.DIRECTORY,
        "least_uid": "500",
        "deny": "slurm munge",
    }


def test_the_program_looks_where_root_is_told_to_write() -> None:
    assert headway_run.CONFIGURATION == program.CONFIGURATION


@pytest.mark.parametrize(
    "name", ["root", "ALL", "", "a b", "a,b", "!alice", "#0", "%", "a\nb", "alice=", "+all", "a:b"]
)
def test_a_name_that_sudo_would_read_otherwise_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        program.sudoers(server="headway", users=(name,), program_path=program.PROGRAM)
    with pytest.raises(InvalidRequest):
        program.sudoers(server=name, users=("alice",), program_path=program.PROGRAM)


@pytest.mark.parametrize(
    "path", ["", "headway-run", "/a b", "/a,b", "/a:b", "/a/../b", "/a\nb", "/*"]
)
def test_a_path_that_sudo_would_read_otherwise_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequest):
        program.sudoers(server="headway", users=("alice",), program_path=path)


def test_nobody_is_allowed_by_leaving_users_out() -> None:
    with pytest.raises(InvalidRequest, match="say as whom"):
        program.sudoers(server="headway", users=(), program_path=program.PROGRAM)
