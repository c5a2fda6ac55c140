"""A real server in a process of its own, for tests that must see the whole program."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

import msgspec

from headway.app.listening import reserved_port
from headway.core.errors import HeadwayError
from headway.executors.local.process import descendants
from headway.sdk.client import Client

_POLL_S: Final = 0.01
# Patience with a machine that has other work to do, not what is expected of a server.
_START_S: Final = 120.0
_STOP_S: Final = 60.0


class ServerProcess:
    """``headway serve`` on a free port of 127.0.0.1 over a data directory that outlives it.

    At the end of a ``with`` it is no more, whatever has happened, and neither are the helpers on its data and their jobs.

    Attributes:
        url: where it is, while it runs.
        log: what it wrote to stderr, over all its lives.
    """

    def __init__(
        self,
        data: Path,
        *,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = (sys.executable, "-m", "headway", "serve", "--no-detect"),
    ) -> None:
        self.data = data
        self.url = ""
        self.log = data.with_name(f"{data.name}.log")
        self._run = data.with_name(f"{data.name}.run")
        self._program = program
        self._arguments = arguments
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.kill()
        finally:
            end_helpers(self.data)

    @property
    def pid(self) -> int:
        """Give the running server's process id."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    @property
    def environment(self) -> Mapping[str, str]:
        """Give what a command needs in its environment to find this server."""
        return {"XDG_RUNTIME_DIR": str(self._run), "HEADWAY_URL": self.url}

    def start(self, *, port: int = 0) -> Self:
        """Start it and wait until it answers.

        Raises:
            RuntimeError: it ended or did not answer in two minutes; the message holds its log.
        """
        self.launch(port=port)
        until = time.monotonic() + _START_S
        while not self.answers():
            if self.exit_code is not None or time.monotonic() > until:
                self.kill()
                log = self.log.read_text(errors="replace")
                raise RuntimeError(f"the server did not start:\n{log}")
            time.sleep(_POLL_S)
        return self

    def launch(self, *, port: int = 0) -> None:
        """Start it without waiting for anything; ``answers`` tells when it is there."""
        self.url = ""
        self._run.mkdir(mode=0o700, exist_ok=True)
        self._announcement.unlink(missing_ok=True)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEADWAY_")}  # noqa: TID251
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 -- the test's own command
                [*self._program, "--port", str(port), "--data", str(self.data), *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**inherited, "XDG_RUNTIME_DIR": str(self._run), **self._environment},
            )

    def answers(self) -> bool:
        """Tell whether it has said where it is; ``url`` is set from then on."""
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError):
            words = msgspec.json.decode(self._announcement.read_bytes())
            if words["pid"] == self.pid:
                self.url = str(words["url"])
        return bool(self.url)

    @property
    def exit_code(self) -> int | None:
        """Give how it ended, minus the signal's number if by one; None while it runs."""
        assert self._process is not None, "the server was never started"
        return self._process.poll()

    def kill(self) -> int:
        """End it with SIGKILL, as a crash would; gives the exit code."""
        return self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it with SIGTERM; gives the exit code.

        Raises:
            TimeoutExpired: it did not end.
        """
        return self._end(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for it to end by itself; gives the exit code.

        Raises:
            TimeoutExpired: it did not end.
        """
        assert self._process is not None, "the server was never started"
        return self._process.wait(_STOP_S)

    @property
    def _announcement(self) -> Path:
        return self._run / "headway" / "server.json"

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            return self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise


@contextlib.contextmanager
def running_server(
    data: Path, *, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[ServerProcess]:
    """Run a server for the length of a ``with``; its jobs are cancelled at the end.

    Its port is its own until then: it can be started there again, whoever takes free ports meanwhile.
    """
    server = ServerProcess(data, arguments=arguments, environment=environment)
    with reserved_port("127.0.0.1") as port, server.start(port=port):
        try:
            yield server
        finally:
            with contextlib.suppress(HeadwayError):
                cancel_all(server.url)
            server.stop()


def cancel_all(url: str) -> None:
    """Cancel every job of a server that has not ended, and wait until all have.

    Raises:
        HeadwayError: the server is not there, or a job did not end.
    """
    open_states = ["accepted", "queued", "running"]
    with Client(url) as client:
        for job in list(client.jobs(states=open_states)):
            client.cancel(job.id)
        while (left := next(iter(client.jobs(states=open_states)), None)) is not None:
            client.wait(left.id, timeout_s=_STOP_S)


def end_helpers(data: Path) -> None:
    """End the local executor's helpers of a data directory, and with them the jobs they run."""
    place = str(data / "clusters").encode()
    helpers = [pid for pid in _pids() if any(w.startswith(place) for w in _words(pid))]
    for pid in descendants(helpers):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _pids() -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            yield int(entry.name)


def _words(pid: int) -> Sequence[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:  # it ended meanwhile, or is not ours to look at
        return ()
