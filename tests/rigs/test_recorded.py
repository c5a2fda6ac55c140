"""What was said is written down so that it is read as it was, but for what is this machine's own."""

import getpass
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.rigs.recorded import Recording, recording, recordings

_TOOL: Final = Path(__file__).parents[2] / "tools" / "record_scheduler.py"


def record(directory: Path, name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, _TOOL, directory, name, "an example", *arguments],
        env={**os.environ, "HOME": "/srv/homes/someone"},  # noqa: TID251
        capture_output=True,
        text=True,
        check=False,
    )


def said(directory: Path, script: str, *options: str) -> Recording:
    assert record(directory, "case", *options, "--", "sh", "-c", script).returncode == 0
    return recording(directory, "case")


def test_all_that_a_command_has_said_is_read_again(tmp_path: Path) -> None:
    found = said(tmp_path, r"printf 'a\n\nb\0\r'; echo é >&2; exit 7", "--version=X 1")
    assert found.output.stdout == b"a\n\nb\0\r"
    assert found.output.stderr == "é\n".encode()
    assert (found.output.exit_code, found.version, found.shows) == (7, "X 1", "an example")


def test_bytes_that_are_no_text_stay_as_they_are(tmp_path: Path) -> None:
    assert said(tmp_path, r"printf '\377\n'").output.stdout == b"\xff\n"


def test_a_signal_is_an_exit_code_as_a_shell_has_it(tmp_path: Path) -> None:
    assert said(tmp_path, "kill -9 $$").output.exit_code == 137


def test_what_a_command_was_given_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "script").write_text("two\nlines\n")
    found = said(tmp_path, 'cat; echo "$A"', "--set=A=b=c", f"--stdin={tmp_path / 'script'}")
    assert found.command.stdin == b"two\nlines\n"
    assert found.command.environment == {"A": "b=c"}
    assert found.output.text == "two\nlines\nb=c\n"


def test_this_machines_own_words_are_replaced(tmp_path: Path) -> None:
    found = said(tmp_path, f"echo $HOME/x {getpass.getuser()}; pwd")
    assert found.output.text == "/home/alice/x alice\n/home/alice/work\n"
    assert "alice" in found.command.argv[-1]


def test_columns_stay_in_their_places(tmp_path: Path) -> None:
    text = "USER    STATE\\nab      R\\nabcdefg R\\n"
    found = said(tmp_path, f"printf '{text}'", "--replace=ab=alice")
    assert found.output.text == "USER    STATE\nalice   R\nabcdefg R\n"


def test_a_recording_is_not_lost_by_a_name_given_twice(tmp_path: Path) -> None:
    said(tmp_path, "echo first")
    assert record(tmp_path, "case", "--", "echo", "second").returncode == 2
    assert recording(tmp_path, "case").output.text == "first\n"


def test_a_folder_without_recordings_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no recordings"):
        recordings(tmp_path)
