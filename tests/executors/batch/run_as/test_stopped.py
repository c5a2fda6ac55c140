"""Sessions that their user stops: they end when they were given up, and there are never many that do not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Final, Self

import pytest
from tests.conftest import NEEDS_ROOT
from tests.executors.batch.run_as.machine import PROGRAMS, Machine
from tests.faults.server.patience import eventually
from tests.rigs.kept import require
from tests.rigs.processes import children, kill

#: Asks as the server's user, and says what came of each question.
_ASKING: Final = """\
import asyncio, sys
from headway.executors.batch import shell_sessions
from headway.executors.batch.command import Command
from headway.executors.batch.run_as.sudo import Sudo, SudoWay, write_sandbox
from headway.executors.batch.through_shell import ThroughShell

async def main(program, directory, *asked):
    sudo = Sudo(program=program, directory=directory, environment={"PATH": "/usr/bin:/bin"})
    write_sandbox(sudo, "games")
    shell = ThroughShell(SudoWay("games", sudo), {}, {}, timeout_s=4.0)
    for script in asked:
        try:
            print((await shell.run(Command(argv=("sh", "-c", script)))).text.strip())
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
    sys.stdout.flush()
    sys.stdin.read()
    await shell.close()

shell_sessions._MOST_LEFT = 2
asyncio.run(main(*sys.argv[1:]))
"""
_STOP_THE_SHELL: Final = "kill -STOP $(ps -o pgid= -p $$)"
_STOP_ALL: Final = "kill -STOP 0"


class Asking:
    """A process of the server's user that has asked, and lives on."""

    def __init__(self, machine: Machine, *scripts: str) -> None:
        argv = (sys.executable, "-c", _ASKING, str(machine.program), str(machine.place / "run-as"))
        self._process = subprocess.Popen(
            machine.command(*argv, *scripts),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
        )
        assert self._process.stdout is not None
        self.said = [next(self._process.stdout).strip() for _ in scripts]

    def left(self) -> set[int]:
        """Give what it has started, and has not ended."""
        return children({self._process.pid})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        kill(self.left())
        self._process.kill()
        with self._process:
            return


@pytest.fixture
def machine() -> Iterator[Machine]:
    require(PROGRAMS)
    if os.geteuid() != 0:
        pytest.skip(f"{NEEDS_ROOT}: it is several users")
    with Machine() as made:
        yield made


def test_a_session_whose_user_stops_it_ends_when_it_is_given_up(machine: Machine) -> None:
    with Asking(machine, _STOP_THE_SHELL, "echo goes on") as asking:
        assert asking.said[0].startswith("ExecutorSlow")
        assert asking.said[1] == "goes on"
        eventually(lambda: not asking.left(), what="the end of both sessions")


def test_of_sessions_that_do_not_end_there_are_never_many(machine: Machine) -> None:
    with Asking(machine, _STOP_ALL, _STOP_ALL, "echo no more") as asking:
        assert [each.partition(":")[0] for each in asking.said[:2]] == ["ExecutorSlow"] * 2
        assert asking.said[2].startswith(
            "ExecutorUnavailable: 2 sessions on this machine as games were given up and do not end"
        )
