"""What is different when somebody looks: a terminal, as a pseudo-terminal."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

import pytest
from tests.processes import ending


class Done(Protocol):
    """What a command has left."""

    returncode: int
    stdout: str
    stderr: str


Headway = Callable[..., Done]
OnTerminal = Callable[..., str]


@pytest.fixture
def on_terminal(user: Mapping[str, str]) -> OnTerminal:
    """Run a command whose three streams are a terminal of 80 columns; give all that it wrote."""

    def invoke(*args: str, typed: bytes = b"", **more: str) -> str:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "headway", *args],
            env={**user, "COLUMNS": "80", "LINES": "24", **more},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        with ending(process):
            os.write(ours, typed)
            told = b""
            with suppress(OSError):  # how the end of a pseudo-terminal shows on Linux
                while part := os.read(ours, 65536):
                    told += part
            os.close(ours)
            process.wait(60)
        return told.decode()

    return invoke


def test_watching_draws_bars_and_gives_the_cursor_back(
    headway: Headway, on_terminal: OnTerminal
) -> None:
    headway("progress", "create", "bars", "--desc", "Bars")
    headway("progress", "update", "bars", "w1", "3", "10")
    page = headway("jobs", "--text", "Bars").stdout.splitlines()[-1]
    number = page.split()[0]
    headway("kill", number, "--wait")
    told = on_terminal("watch", number)
    assert "30 %" in told
    assert "█" in told
    assert told.index("\x1b[?25l") < told.rindex("\x1b[?25h")


def test_with_no_color_nothing_is_coloured(headway: Headway, on_terminal: OnTerminal) -> None:
    number = headway("submit", "--", "false").stdout.strip()
    headway("wait", number)
    assert "\x1b[31m" in on_terminal("jobs")
    assert "\x1b[" not in on_terminal("jobs", NO_COLOR="1")
    assert "\x1b[" not in on_terminal("job", number, TERM="dumb")


def test_a_jobs_log_cannot_steer_the_terminal(headway: Headway, on_terminal: OnTerminal) -> None:
    wrote = r"\033[32mgreen\033[0m \033]0;title\007\033[2Jtext\n"
    number = headway("submit", "--", "printf", wrote).stdout.strip()
    headway("wait", number)
    assert on_terminal("logs", number) == "\x1b[32mgreen\x1b[0m text\r\n\x1b[0m"


def test_a_jobs_name_cannot_steer_the_terminal(headway: Headway, on_terminal: OnTerminal) -> None:
    name = "evil\x1b]0;title\x07\x1b[2Jname"
    number = headway("submit", "--name", name, "--", "true").stdout.strip()
    for command in (("jobs",), ("job", number), ("watch", number), ("wait", number)):
        told = on_terminal(*command)
        assert "\x1b]" not in told
        assert "\x1b[2J" not in told


def test_how_many_a_query_finds_is_told_and_asked(
    headway: Headway, on_terminal: OnTerminal
) -> None:
    for _ in range(2):
        headway("submit", "-l", "asked", "--", "true")
    told = on_terminal("hide", "label:asked", typed=b"n\n")
    assert "Hide 2 jobs? [y/N]:" in told
    assert told.endswith("headway: nothing was done\r\n")
    assert "2 jobs hidden" in on_terminal("hide", "label:asked", typed=b"y\n")
    assert "nothing to do: all 2 jobs found are as wished already" in on_terminal(
        "hide", "label:asked", "hidden:true", typed=b"y\n"
    )


def test_a_question_that_is_left_says_that_nothing_was_done(
    headway: Headway, on_terminal: OnTerminal
) -> None:
    headway("submit", "-l", "left", "--", "true")
    told = on_terminal("hide", "label:left", typed=b"\x04")
    assert "Hide 1 job? [y/N]:" in told
    assert told.endswith("\r\nheadway: nothing was done\r\n")
