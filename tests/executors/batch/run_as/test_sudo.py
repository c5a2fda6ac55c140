"""The way through sudo: what is started, what is written for it, and what its silence means."""

import os
from pathlib import Path

import pytest

from headway.core.errors import ExecutorUnavailable
from headway.executors.batch.process import End, Ended
from headway.executors.batch.run_as import headway_run, program
from headway.executors.batch.run_as.accounts import NoAccount
from headway.executors.batch.run_as.sudo import Sudo, SudoWay, write_sandbox
from headway.executors.batch.ssh_frame import LISTENING


def sudo(directory: Path) -> Sudo:
    return Sudo(program=program.PROGRAM, directory=str(directory), environment={"PATH": "/bin"})


@pytest.mark.anyio
async def test_nothing_but_the_program_is_asked_of_sudo(tmp_path: Path) -> None:
    passage = await SudoWay("games", sudo(tmp_path)).passage()
    assert passage.argv == (
        *("sudo", "-n", "-u", "games", "--"),
        *(program.PROGRAM, f"{tmp_path}/games"),
    )


def test_what_is_written_is_what_the_program_takes_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_sandbox(sudo(tmp_path / "run-as"), "games")
    finally:
        os.umask(before)
    sandbox = tmp_path / "run-as" / "games"
    modes = {path.name: path.stat().st_mode & 0o777 for path in (sandbox, *sandbox.iterdir())}
    assert modes == {"games": 0o755, "script": 0o644, "digest": 0o644}
    assert (sandbox / "script").read_bytes() == LISTENING.encode()
    assert (sandbox / "digest").read_bytes() == program.digest_of(LISTENING.encode(), "games")
    assert len(LISTENING) < headway_run.MOST_BYTES


def test_what_was_written_is_left_alone_and_what_is_not_so_is_mended(tmp_path: Path) -> None:
    write_sandbox(sudo(tmp_path), "games")
    script = tmp_path / "games" / "script"
    first = script.stat().st_ino
    write_sandbox(sudo(tmp_path), "games")
    assert script.stat().st_ino == first
    script.write_text("something else")
    write_sandbox(sudo(tmp_path), "games")
    assert script.read_text() == LISTENING


@pytest.mark.parametrize(
    ("code", "said", "is_refused"),
    [
        (1, b"sudo: a password is required\n", True),
        (1, b"sudo: unknown user: alice\n", True),
        (4, b"headway-run: nothing is run as games\n", True),
        (137, b"", False),
        (1, b"", False),
        (0, b"", False),
        (2, b"sh: out of memory\n", False),
    ],
)
def test_only_words_of_refusal_are_a_refusal(
    tmp_path: Path, code: int, said: bytes, *, is_refused: bool
) -> None:
    ended = Ended(stdout=b"", stderr=said, exit_code=code, end=End.ENDED)
    trouble = SudoWay("games", sudo(tmp_path)).trouble(ended, said)
    assert isinstance(trouble, ExecutorUnavailable)
    assert isinstance(trouble, NoAccount) is is_refused
    assert "games" in str(trouble)
