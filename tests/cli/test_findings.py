"""What the command line says where it used to say nothing, or something else than was meant."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import pytest
from tests.cli.conftest import Headway
from tests.processes import ending

from headway.cli.silence import silence_words


def submitted(headway: Headway, *args: str) -> str:
    done = headway("submit", *args)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_watching_all_begins_now_and_does_not_tell_what_was(
    headway: Headway, user: Mapping[str, str]
) -> None:
    going = submitted(headway, "--name", "goes-on", "--", "sleep", "60")
    old = submitted(headway, "--name", "long-over", "--", "true")
    headway("wait", old)
    words = [sys.executable, "-m", "headway", "watch", "--json"]
    told: list[tuple[int, str]] = []
    with ending(
        subprocess.Popen(words, env=dict(user), stdout=subprocess.PIPE, text=True)
    ) as watching:
        assert watching.stdout is not None
        lines = changes_of(watching.stdout)
        # Others' jobs may be told too: the server is that of all these tests.
        until(lines, told, int(going), "running")
        new = submitted(headway, "--name", "new", "--", "true")
        until(lines, told, int(new), "succeeded")
    assert int(old) not in {number for number, _ in told}
    headway("kill", "--wait", going)


def changes_of(out: IO[str]) -> Iterator[tuple[int, str]]:
    """Give the number and the state of each job that is told."""
    for line in out:
        change = json.loads(line)
        if change["type"] == "job":
            yield change["job"]["number"], change["job"]["state"]


def until(
    lines: Iterator[tuple[int, str]], told: list[tuple[int, str]], number: int, state: str
) -> None:
    """Take what is told until a job is told to be so."""
    for one in lines:
        told.append(one)
        if one == (number, state):
            return
    raise AssertionError(f"job {number} was never told to be {state}: {told}")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--memory", "4G", "--queue", "long"), "--memory, --queue"),
        (("--nodes", "2"), "--nodes"),
        (("--gpus", "1", "--account", "x"), "--gpus, --account"),
    ],
)
def test_what_the_cluster_takes_no_notice_of_is_said(
    headway: Headway, options: tuple[str, ...], names: str
) -> None:
    done = headway("submit", *options, "--", "true")
    assert (
        done.stderr == f"headway: cluster local takes no notice of {names}; the job runs without\n"
    )
    document = json.loads(headway("job", "--json", done.stdout.strip()).stdout)
    assert len(document["unheeded"]) == len(names.split(", "))


def test_a_duration_is_heeded(headway: Headway) -> None:
    assert headway("submit", "--duration", "1h", "--", "true").stderr == ""


def test_logs_of_a_job_that_could_not_start_say_why(headway: Headway) -> None:
    number = submitted(headway, "--", "/no/such/program")
    headway("wait", number)
    for option in ((), ("-f",)):
        done = headway("logs", *option, number)
        assert (done.returncode, done.stdout) == (0, "")
        assert f"job {number} wrote nothing: " in done.stderr
        assert "/no/such/program" in done.stderr


def test_watching_a_job_that_could_not_start_says_why(headway: Headway) -> None:
    number = submitted(headway, "--", "/no/such/program")
    done = headway("watch", number)
    assert "failed: it could not be started: " in done.stdout
    assert "/no/such/program" in done.stdout


def test_a_shell_line_in_one_word_gets_a_hint(headway: Headway) -> None:
    line = "echo a; echo 'b'"
    done = headway("submit", "--", line)
    assert f"headway submit -- sh -c {shlex.quote(line)}" in done.stderr


@pytest.mark.parametrize("name", ["true", "no-such-program"])
def test_a_plain_word_gets_no_hint(headway: Headway, name: str) -> None:
    assert headway("submit", "--", name).stderr == ""


def test_a_program_with_a_blank_in_its_name_gets_no_hint(headway: Headway, tmp_path: Path) -> None:
    program = tmp_path / "my program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert headway("submit", "--", str(program)).stderr == ""


def test_a_parent_may_be_named_by_its_number(headway: Headway) -> None:
    parent = submitted(headway, "--", "true")
    child = submitted(headway, "--parent", parent, "--", "true")
    document = json.loads(headway("job", "--json", child).stdout)
    assert document["parent"] == json.loads(headway("job", "--json", parent).stdout)["id"]
    assert headway("submit", "--parent", "999999", "--", "true").returncode == 3


def test_a_list_and_a_job_tell_the_same_time(headway: Headway) -> None:
    number = submitted(headway, "--name", "timed", "--", "true")
    headway("wait", number)
    [line] = [one for one in headway("job", number).stdout.splitlines() if " time " in one]
    assert line.split("time", 1)[1].strip() in headway("jobs", "--name", "timed").stdout


def test_a_host_that_cannot_be_found_is_said_so() -> None:
    words = silence_words("http://no-such-host.invalid:9998")
    assert "the host no-such-host.invalid of http://no-such-host.invalid:9998" in words


def test_a_server_that_is_only_silent_may_still_come() -> None:
    assert silence_words("http://127.0.0.1:9") == "http://127.0.0.1:9 does not answer yet"


def test_run_says_that_its_server_cannot_be_found(headway: Headway) -> None:
    done = headway("run", "--url", "http://no-such-host.invalid", "--", "true")
    assert done.returncode == 0
    assert done.stderr.count("headway: ") == 1
    assert "cannot be found" in done.stderr
