"""The end of all processes of a session, whatever groups they have made in it; and what to do about those that cannot be ended."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_MOST_ROUNDS: Final = 20
_DEAD: Final = frozenset({b"Z", b"X"})


def kill_session(leader: int) -> None:
    """Kill a session by its leader, whom nobody has waited for. Who has made a session of its own is not found.

    What belongs to another user is left: that ends when its input does, or by its own limit.

    Source: proc_pid_stat(5).
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    for _ in range(_MOST_ROUNDS):  # some may start others while we look
        members = list(_members(leader))
        if not members:
            return
        for pid in members:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def let_go_on(pid: int) -> None:
    """Continue a child that is stopped. sudo stops itself when somebody stops what it runs, and when it goes on that does, too."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGCONT)


def is_left(pid: int) -> bool:
    """Tell whether a child that nobody waits for is still there."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ChildProcessError:
        return False


def _members(leader: int) -> Iterator[int]:
    wanted = b"%d" % leader
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            state, _, _, session = (process / "stat").read_bytes().rpartition(b")")[2].split()[:4]
        except OSError:  # it has just ended
            continue
        if session == wanted and state not in _DEAD:
            yield int(process.name)
