"""Daemons that a test run starts, and that end with it, however it ends."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pytest
from tests.rigs.ports import Ports

from headway.executors.batch.command import Command, Output

_HERE: Final = Path(__file__).parent
#: Sockets lie below it, and a socket's path has at most 107 bytes.
_MAX_PARENT_CHARACTERS: Final = 50
_PATIENCE_S: Final = 120.0
_ATTEMPTS: Final = 3  # someone else may take a port between our look and the daemon's
_TAKEN: Final = ("Address already in use", "Bind on TCP/IP port")


class NotStarted(Exception):
    """A rig's daemons did not come up; the message has their words."""


class Kept:
    """What NAME-up.sh starts in a directory and NAME-down.sh ends: at ``stop``, or when this process is no more.

    Attributes:
        directory: all of it; its path is short and plain, as these programs want it.
        environment: what a process needs beside its own environment to use it.
        port: the first of its own.
    """

    environment: Mapping[str, str]

    def __init__(self, name: str, *, port_count: int, options: Sequence[str] = ()) -> None:
        """Start, and wait until all is up.

        Raises:
            NotStarted: it is not, and what there was of it has been stopped.
        """
        self.environment = {}
        self._name = name
        for attempt in range(_ATTEMPTS):
            self._ports = Ports(port_count)
            self.port = self._ports.first
            self.directory = _new_directory(name)
            self._log = self.directory.with_name(f"{self.directory.name}.log")
            self._arguments = [str(self.directory), "--port", str(self.port), *options]
            words = self._start()
            if words is None:
                return
            self.stop()
            if attempt == _ATTEMPTS - 1 or not any(each in words for each in _TAKEN):
                raise NotStarted(f"{name}: {words}")

    def _start(self) -> str | None:
        """Give what it said if it did not come up."""
        self._keeper = subprocess.Popen(
            ["bash", str(_HERE / "keep.sh"), self._name, *self._arguments],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the tests, whose end it sees
        )
        assert self._keeper.stdout is not None
        if self._keeper.stdout.readline() == b"up\n":
            return None
        return self._words()

    def restart(self) -> None:
        """Start what does not run of it, and wait until all is up."""
        self.ask("bash", str(_HERE / f"{self._name}-up.sh"), *self._arguments)

    def stop(self) -> None:
        """Kill all jobs and daemons, and remove the directory."""
        if self._keeper.returncode is None:
            self._keeper.communicate(timeout=_PATIENCE_S)
        self._ports.release()
        assert self._keeper.returncode == 0, f"not ended: {self.directory}, {self._words()}"

    def _words(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else "no words"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> Output:
        """Run one of its commands, as the user who runs the tests."""
        ran = subprocess.run(
            argv,
            input=stdin,
            env={**_environment(), **self.environment, **(environment or {})},
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
        code = ran.returncode if ran.returncode >= 0 else 128 - ran.returncode
        return Output(stdout=ran.stdout, stderr=ran.stderr, exit_code=code)

    def answer(self, command: Command) -> Output:
        """Run what a dialect has built."""
        return self.run(command.argv, stdin=command.stdin, environment=command.environment)

    def ask(self, *argv: str) -> str:
        """Run what must succeed; gives its output without the blanks round it."""
        output = self.run(argv)
        assert output.exit_code == 0, f"{argv}: {output.complaint}"
        return output.text.strip()

    def wait(self, is_so: Callable[[], bool], what: str) -> None:
        """Ask again and again, until it is so or patience ends."""
        wait(is_so, f"{what}; see {self.directory}")


def wait(is_so: Callable[[], bool], what: str) -> None:
    """Ask again and again, until it is so or patience ends."""
    end = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


def require(programs: Mapping[str, str]) -> None:
    """Skip a test where one of these is missing; the values are the Debian packages that have them."""
    path = _environment()["PATH"]
    absent = [each for each in programs if shutil.which(each, path=path) is None]
    if absent:
        packages = " ".join(dict.fromkeys(programs[each] for each in absent))
        pytest.skip(f"missing: {', '.join(absent)} (Debian packages: {packages})")


def _environment() -> dict[str, str]:
    """Give this process's own, with the directories of daemons on PATH, which users need not have there."""
    own = os.environ  # noqa: TID251 -- what the tests themselves were started with
    return {**own, "PATH": f"{own.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"}


def _new_directory(name: str) -> Path:
    """Make one with a short name of plain letters."""
    parent = tempfile.gettempdir()
    if len(parent) > _MAX_PARENT_CHARACTERS or not _is_plain(parent):
        parent = "/tmp"
    return Path(tempfile.mkdtemp(prefix=f"headway-{name}-", dir=parent))


def _is_plain(path: str) -> bool:
    return path.isascii() and all(each.isalnum() or each in "/._-" for each in path)
