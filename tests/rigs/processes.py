"""What runs, as the kernel tells it; a zombie does not run, and in a container nothing may ever reap one."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """One that runs."""

    pid: int
    parent: int
    name: str


def process(pid: int) -> Process | None:
    """Look at one; None if it has ended."""
    with suppress(OSError):
        first, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
        state, parent = rest.split()[:2]
        if state not in "ZX":
            return Process(pid=pid, parent=int(parent), name=first.partition("(")[2])
    return None


def processes() -> Iterator[Process]:
    """Give all."""
    for each in Path("/proc").iterdir():
        if each.name.isdigit() and (found := process(int(each.name))):
            yield found


def children(pids: set[int]) -> set[int]:
    """Give the children of these, and theirs, and so on."""
    parents = {each.pid: each.parent for each in processes()}
    found: set[int] = set()
    level = pids
    while level:
        level = {pid for pid, parent in parents.items() if parent in level} - found
        found |= level
    return found


def open_files(pid: int) -> set[Path]:
    """Give what a process has open; nothing if it has ended."""
    found = set()
    with suppress(OSError):
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # it was closed meanwhile
                found.add(each.readlink())
    return found


def pid_of(pid_file: Path, name: str) -> int | None:
    """Give the process that a pid file names, if it runs and is the daemon of this name."""
    with suppress(OSError, ValueError):
        found = process(int(pid_file.read_text()))
        if found is not None and found.name == name:
            return found.pid
    return None


def kill(pids: set[int]) -> None:
    """End them with KILL."""
    send(pids, signal.SIGKILL)


def send(pids: set[int], number: signal.Signals) -> None:
    """Signal those of them that run."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
