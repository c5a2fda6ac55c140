"""Grid Engine's warnings, as both wrappers of a job take them: SIGUSR2 before a kill, SIGUSR1 before a suspension."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from headway.executors.sge.dialect import SgeDialect

WRAPPERS = {
    "python": (sys.executable, "-I", "-S", str(files("headway.executors.batch") / "wrapper.py")),
    "shell": ("/bin/sh", str(files("headway.executors.batch") / "wrapper.sh")),
}
PATIENCE_S = 60.0


class Wrapped:
    """A job below a wrapper, in a process group of their own as a node's execd makes it."""

    def __init__(self, place: Path, wrapper: str, script: str) -> None:
        self.place = place
        place.mkdir()
        (place / "job").write_text(f"#!/bin/sh\n#: api_url=''\n#: token=''\n{script}\n")
        warnings = ",".join(SgeDialect().variables.warnings)
        argv = (*WRAPPERS[wrapper], str(place), "12", "", "", warnings)
        self.process = subprocess.Popen(argv, start_new_session=True)

    def until_written(self, text: str) -> None:
        end = time.monotonic() + PATIENCE_S
        path = self.place / "stdout"
        while not (path.exists() and text in path.read_text()):
            assert time.monotonic() < end, f"waited in vain for {text!r}"
            time.sleep(0.02)

    def warn(self, number: int) -> None:
        os.killpg(self.process.pid, number)

    def ended(self) -> dict[str, object]:
        self.process.wait(PATIENCE_S)
        found: dict[str, object] = json.loads((self.place / "ended").read_text())
        return found

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE_S)


@pytest.fixture(params=WRAPPERS)
def wrapper(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def wrapped(wrapper: str, tmp_path: Path) -> Iterator[Wrapped]:
    script = "trap 'echo tidy; exit 4' TERM; echo trapped; while :; do sleep 0.05; done"
    job = Wrapped(tmp_path / "01890a5d-ac96-774b-bcce-b302099a8057.1", wrapper, script)
    yield job
    job.stop()


def test_a_job_gets_sigterm_when_a_kill_is_near(wrapped: Wrapped) -> None:
    wrapped.until_written("trapped")
    wrapped.warn(signal.SIGUSR2)
    end = wrapped.ended()
    assert (end["exit_code"], end["signal"]) == (4, None)
    assert end["signals"]
    assert (wrapped.place / "stdout").read_text() == "trapped\ntidy\n"


def test_a_job_does_not_end_of_being_suspended(wrapped: Wrapped) -> None:
    wrapped.until_written("trapped")
    wrapped.warn(signal.SIGUSR1)
    wrapped.warn(signal.SIGSTOP)
    wrapped.warn(signal.SIGCONT)
    wrapped.warn(signal.SIGTERM)
    assert wrapped.ended()["exit_code"] == 4
