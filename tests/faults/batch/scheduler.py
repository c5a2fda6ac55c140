"""A scheduler whose commands can be told to lie and whose memory can be taken: ``fake_slurm.py``, from a test's side."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from headway.executors.slurm.listing import COLUMNS

_PROGRAM: Final = Path(__file__).with_name("fake_slurm.py")
_COMMANDS: Final = ("sbatch", "squeue", "scancel", "scontrol", "sacct")
_FINAL: Final = frozenset({"COMPLETED", "FAILED", "CANCELLED"})

Job = dict[str, Any]


class FakeSlurm:
    """Commands in ``bin`` that really run scripts.

    Attributes:
        path: what PATH must be for them.
    """

    def __init__(self, place: Path, seed: int) -> None:
        self._place = place
        (place / "bin").mkdir(parents=True)
        for name in _COMMANDS:
            command = place / "bin" / name
            command.write_text(f'#!/bin/sh\nexec {self._words(name)} "$@"\n')
            command.chmod(0o755)
        for name in ("lies", "cancelled"):
            (place / name).touch()
        (place / "columns").write_text(json.dumps(COLUMNS))
        (place / "state").write_text(json.dumps({"next": 1, "seed": seed, "calls": 0, "jobs": {}}))
        self.be()
        self.path = f"{place / 'bin'}:{os.defpath}"

    def be(self, *, hold: bool = False, accounting: bool = True, **lies: Any) -> None:
        """Set how it behaves from now on; with nothing said it tells the truth.

        Args:
            hold: what is submitted waits, until ``release``.
            accounting: sacct works.
            lies: for a program, how often it lies and which lies those are: ``sbatch=(0.5, ["half"])``.
        """
        told = {name: {"chance": chance, "kinds": kinds} for name, (chance, kinds) in lies.items()}
        draft = self._place / "mood.draft"
        draft.write_text(json.dumps({"hold": hold, "accounting": accounting, **told}))
        draft.rename(self._place / "mood")

    def release(self) -> None:
        """Let all that waits run."""
        subprocess.run(
            self._words("release").split(), check=True, env={"PATH": os.defpath}, cwd="/"
        )

    def crash(self, *, forgets: int) -> list[str]:
        """Forget the jobs that were taken last, and give their ids out again; gives these."""
        with self._state() as state:
            last = sorted(state["jobs"], key=int)[-forgets:]
            for job_id in last:
                del state["jobs"][job_id]
            if last:
                state["next"] = int(last[0])
        return last

    def take_strangers(self, count: int, comments: Sequence[str], states: Sequence[str]) -> None:
        """Take jobs of somebody else, who has their processes elsewhere; the values are used in turn."""
        with self._state() as state:
            for number in range(count):
                job_id = str(state["next"])
                state["next"] += 1
                state["jobs"][job_id] = _stranger(
                    job_id, comments[number % len(comments)], states[number % len(states)]
                )

    def jobs(self) -> list[Job]:
        """Give all that it remembers."""
        with self._state() as state:
            return list(state["jobs"].values())

    def ended(self) -> set[str]:
        """Give the comments of jobs that have ended."""
        return {job["comment"] for job in self.jobs() if job["state"] in _FINAL}

    @property
    def lies(self) -> Counter[str]:
        """Count the lies that were told."""
        return Counter((self._place / "lies").read_text().splitlines())

    @property
    def cancelled(self) -> list[str]:
        """Give each id that scancel was given, with the comment of the job that had it then."""
        return (self._place / "cancelled").read_text().splitlines()

    def clean_up(self) -> None:
        """End what runs."""
        for job in self.jobs():
            if job["state"] == "RUNNING" and "pid" in job:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(job["pid"], signal.SIGKILL)

    def _words(self, name: str) -> str:
        return f"{sys.executable} -I -S {_PROGRAM} {self._place} {name}"

    @contextlib.contextmanager
    def _state(self) -> Iterator[dict[str, Any]]:
        with (self._place / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = json.loads((self._place / "state").read_text())
            yield state
            draft = self._place / "state.draft"
            draft.write_text(json.dumps(state))
            draft.rename(self._place / "state")


def _stranger(job_id: str, comment: str, state: str) -> Job:
    return {
        "id": job_id,
        "comment": comment,
        "name": "a stranger's",
        "output": "/dev/null",
        "directory": "/",
        "script": "",
        "state": state,
        "exit": 256 if state == "FAILED" else 0,
        "submitted": 1,
        "start": 1,
        "host": "n1",
        "why": "None",
    }
