"""``headway logs`` by lines and by what is in them."""

import json

import pytest
from tests.cli.conftest import Headway

SCRIPT = (
    "for n in 1 2 3 4 5; do echo line $n; done; echo 'ValueError: no' >&2; echo last line;"
    " head -c 9000 /dev/zero | tr '\\0' x"
)


@pytest.fixture
def job(headway: Headway) -> str:
    return headway("submit", "--block", "--", "sh", "-c", SCRIPT).stdout.split()[0]


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ("2:3", "line 2\nline 3\n"),
        ("4", "line 4\n"),
        (":2", "line 1\nline 2\n"),
        ("-2:-2", "last line\n"),
        ("5:6", "line 5\nlast line\n"),
        ("50:60", ""),
        ("3:2", ""),
    ],
)
def test_lines_are_printed_by_their_numbers(
    headway: Headway, job: str, lines: str, shown: str
) -> None:
    done = headway("logs", job, "--stdout", f"--lines={lines}")
    assert (done.returncode, done.stdout, done.stderr) == (0, shown, "")


def test_a_line_that_was_cut_is_told(headway: Headway, job: str) -> None:
    done = headway("logs", job, "--lines=-1:")
    assert len(done.stdout) == 8192 + 1
    assert "one line is longer than 8 KiB" in done.stderr


@pytest.mark.parametrize("lines", ["x", "0", "0:3", ":", "1:2:3", "5-7", ""])
def test_lines_that_are_none_are_refused(headway: Headway, job: str, lines: str) -> None:
    assert headway("logs", job, f"--lines={lines}").returncode == 2


def test_a_search_gives_each_line_with_its_stream_and_number(headway: Headway, job: str) -> None:
    assert headway("logs", job, "--search", "LINE 3").stdout == "stdout:3:line 3\n"
    done = headway("logs", job, "--stdout", "--search", "(line) [45]$", "--regex")
    assert done.stdout == "4:line 4\n5:line 5\n"
    assert headway("logs", job, "--search", "LINE 3", "--case").returncode == 3


def test_errors_are_found(headway: Headway, job: str) -> None:
    assert headway("logs", job, "--errors").stdout == "stderr:1:ValueError: no\n"
    found = json.loads(headway("logs", job, "--errors", "--json").stdout)
    assert (found["stream"], found["line"], found["start"], found["end"]) == ("stderr", 1, 0, 10)


def test_an_expression_that_is_none_says_why(headway: Headway, job: str) -> None:
    done = headway("logs", job, "--search", "(", "--regex")
    assert done.returncode == 2
    assert "regular expression" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--lines", "1", "--search", "x"),
        ("--tail", "3", "--errors"),
        ("--follow", "--errors"),
        ("--regex",),
        ("--json",),
    ],
)
def test_what_does_not_go_together_is_refused(
    headway: Headway, job: str, options: tuple[str, ...]
) -> None:
    assert headway("logs", job, *options).returncode == 2
