"""What tests start ends with them, and takes nobody's ports."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.processes import ending
from tests.rigs.kept import Kept, NotStarted, require, wait
from tests.rigs.ports import Ports
from tests.rigs.processes import process
from tests.rigs.sshd import PROGRAMS

_TESTS: Final = """
import subprocess, time
from tests.rigs.sshd import Sshd
sshd = Sshd()
ssh = ["ssh", "-F", sshd.config, "login", "echo $$; exec sleep 600"]
command = subprocess.Popen(ssh, stdout=subprocess.PIPE)
print(sshd.directory, flush=True)
print(command.stdout.readline().decode(), flush=True)
time.sleep(600)
"""


def test_daemons_and_what_they_run_end_with_tests_that_are_killed() -> None:
    require(PROGRAMS)
    argv = [sys.executable, "-c", _TESTS]
    with ending(subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)) as tests:
        assert tests.stdout is not None
        directory, pid = (Path(tests.stdout.readline().strip()), int(tests.stdout.readline()))
        tests.kill()
        wait(lambda: not directory.exists(), "the directory to be removed")
        assert process(pid) is None


def test_daemons_that_do_not_come_up_say_why_and_leave_nothing() -> None:
    with pytest.raises(NotStarted, match="unknown option --no-such"):
        Kept("sshd", port_count=1, options=["--no-such"])


def test_no_two_get_the_same_ports() -> None:
    some = [Ports(3) for _ in range(20)]
    assert len({each.first for each in some}) == 20
    for each in some:
        each.release()
