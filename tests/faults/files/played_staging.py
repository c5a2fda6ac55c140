"""Bring files, play a job, fetch its results: once, or again and again until killed. Run by test_kills.

    python played_staging.py PLACE once|ever|EVENT

With a number it kills itself before the so-many-th thing that it does to a file while it brings or fetches; otherwise it prints
how many there were.
"""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

from tests.faults.files.scenery import fill, sandbox_of, whole
from tests.files.rig import OWNER, Rig

from headway.testing.files_suite import go_on, log_of

WATCHED = frozenset(
    {
        *("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink"),
        *("os.chmod", "os.utime", "os.truncate", "fcntl.ioctl", "os.listdir"),
    }
)
_PART_BYTES = 300_000


class Counter:
    """Counts what is done to files while it is on, and kills before the one that it was told."""

    def __init__(self, fatal: int) -> None:
        self.count = 0
        self.is_on = False
        self._fatal = fatal
        sys.addaudithook(self._hear)

    def _hear(self, event: str, _: tuple[object, ...]) -> None:
        if self.is_on and event in WATCHED:
            self.count += 1
            if self.count == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)


async def play(place: Path, counter: Counter) -> None:
    rig, dice = Rig(place), random.Random()
    sandbox = sandbox_of(rig)
    log = log_of(stdout=whole(1_000_000, dice), most=_PART_BYTES)
    counter.is_on = True
    made = await rig.files.stage_in(rig.tag, sandbox, owner=OWNER, told=go_on)
    counter.is_on = False
    fill(Path(made, "out"), dice)
    counter.is_on = True
    failures = await rig.files.stage_out(rig.tag, sandbox, owner=OWNER, read_log=log, told=go_on)
    assert not failures, failures
    await rig.files.delete(rig.tag)
    counter.is_on = False


if __name__ == "__main__":
    word = sys.argv[2]
    counter = Counter(int(word) if word.isdigit() else 0)
    print("playing", flush=True)  # noqa: T201 - its answer
    asyncio.run(play(Path(sys.argv[1]), counter))
    while word == "ever":
        asyncio.run(play(Path(sys.argv[1]), counter))
    print(counter.count)  # noqa: T201 - its answer
