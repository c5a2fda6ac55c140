"""Real clusters of other systems, of two workers each, whose parts can be killed and started anew."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from typing_extensions import override

_PATIENCE_S = 120.0


class OtherCluster(ABC):
    """Workers of another system. Each part is a session of its own, killed whole at the end.

    Attributes:
        settings: the lines of the configuration file that say where it is.
    """

    engine: str
    workers_at_once = 2

    def __init__(self, place: Path) -> None:
        self.place = place
        self.centre: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        self._old: list[subprocess.Popen[bytes]] = []

    @property
    @abstractmethod
    def settings(self) -> str: ...

    @abstractmethod
    def start_centre(self) -> None:
        """Start the scheduler or controller, and wait until it has said where it is."""

    @abstractmethod
    def start_worker(self) -> None:
        """Start one, without waiting for it."""

    def start_workers(self) -> None:
        for _ in range(self.workers_at_once):
            self.start_worker()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as started:
            started.callback(self.__exit__)
            self.start_centre()
            self.start_workers()
            started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.centre, *self.workers, *self._old):
            kill(process)

    def kill_centre(self) -> None:
        while self.centre:
            kill(self.centre.pop())

    def kill_worker(self, which: int = 0) -> None:
        kill(self.workers.pop(which))

    def kill_workers(self) -> None:
        while self.workers:
            kill(self.workers.pop())

    def leave_workers(self) -> None:
        """Have nothing more to do with workers whose centre is gone; they end what they run until this is called again."""
        while self._old:
            kill(self._old.pop())
        self._old, self.workers = self.workers, []

    def run(self, words: Sequence[str], **more: str) -> subprocess.Popen[bytes]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("HEADWAY_")}  # noqa: TID251
        with (self.place / f"{self.engine}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**inherited, **more},
                cwd=self.place,
                start_new_session=True,
            )


class DaskCluster(OtherCluster):
    engine = "dask"

    @property
    def _file(self) -> Path:
        return self.place / "scheduler.json"

    @property
    @override
    def settings(self) -> str:
        return f'scheduler_file = "{self._file}"'

    @override
    def start_centre(self) -> None:
        self._file.unlink(missing_ok=True)
        words = ["--scheduler-file", str(self._file), "--host", "127.0.0.1", "--port", "0"]
        program = ["-m", "distributed.cli.dask_scheduler"]
        self.centre.append(self.run([*program, *words, "--no-dashboard"]))
        until(self._file.exists)

    @override
    def start_worker(self) -> None:
        words = ["--scheduler-file", str(self._file), "--host", "127.0.0.1", "--nthreads", "1"]
        program = ["-m", "distributed.cli.dask_worker", "--no-dashboard", "--no-nanny"]
        self.workers.append(self.run([*program, *words]))


class IpyparallelCluster(OtherCluster):
    engine = "ipyparallel"

    @property
    def _security(self) -> Path:
        return self.place / "ipython" / "profile_default" / "security"

    @property
    @override
    def settings(self) -> str:
        return f'url_file = "{self._security}/ipcontroller-client.json"'

    @override
    def start_centre(self) -> None:
        files = [self._security / f"ipcontroller-{who}.json" for who in ("client", "engine")]
        for file in files:
            file.unlink(missing_ok=True)
        words = ["--ip=127.0.0.1", "--location=127.0.0.1", "--HeartMonitor.period=500"]
        self.centre.append(self._run("ipyparallel.controller", *words))
        until(lambda: all(file.exists() for file in files))

    @override
    def start_worker(self) -> None:
        self.workers.append(self._run("ipyparallel.engine"))

    def _run(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        return self.run(["-m", module, *words], IPYTHONDIR=str(self.place / "ipython"))


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a part with all that it has started, without a word."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)
