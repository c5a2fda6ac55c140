"""Fill the disk that functions' workers live on, files and all, while they run. Run in a mount namespace of its own.

    python played_full_disk.py PLACE

Prints what happened as JSON.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.executors.functions.scene import FunctionScene, FunctionWitness

from headway.core.ports.executor import Launch, Observation

_PIECE: Final = bytes(4096)


class Play:
    """Functions that wait outside of the small disk, and what they do while it is full."""

    def __init__(self, disk: Path, outside: Path) -> None:
        self.disk = disk
        self.outside = outside
        self.scene = FunctionScene(disk, workers=8, grace_s=1)
        self.witness = FunctionWitness(self.scene)

    def waits(
        self, name: str, *lines: str, first: str = "", duration: float | None = None
    ) -> Launch:
        """Make a function that says that it runs, and goes on when all are let."""
        wait = (
            "import os, sys, time",
            "from pathlib import Path",
            first,
            f"Path({str(self.outside / name)!r}).touch()",
            f"while not Path({str(self.outside / 'open')!r}).exists(): time.sleep(0.02)",
            f"Path({str(self.outside / name)!r} + '.passed').touch()",
        )
        return self.witness.python(*wait, *lines, duration=duration)

    async def begun(self, *names: str) -> None:
        """Wait until functions run."""
        for name in names:
            await self.witness.until_there(str(self.outside / name))

    async def passed(self, *names: str) -> None:
        """Wait until functions have gone on."""
        await self.begun(*(f"{name}.passed" for name in names))

    async def until_told(self, words: str) -> None:
        """Wait until it was said why the executor cannot be asked."""

        async def look() -> bool | None:
            return any(words in str(each) for each in self.witness.troubles) or None

        await self.witness.poll(look, words)

    def fill(self) -> None:
        """Take all space, and all files."""
        with suppress(OSError), (self.disk / "filler").open("ab", buffering=0) as file:
            while True:
                file.write(_PIECE)
        with suppress(OSError):
            for number in range(10_000):
                (self.disk / f"filler.{number}").touch()

    def free(self) -> None:
        """Give them back."""
        for each in self.disk.glob("filler*"):
            each.unlink()

    async def end(self, launch: Launch) -> Observation:
        """Wait for an end."""
        return await self.witness.until_over(launch.tag)


def told(end: Observation) -> str:
    """Say how something ended, in few words."""
    words: Sequence[object] = (
        end.state,
        end.reason,
        end.signal,
        end.error and end.error.type,
        end.result and end.result.data.decode()[:20],
    )
    return " ".join(str(word) for word in words if word)


async def play(disk: Path, outside: Path) -> Mapping[str, object]:
    """Have each kind of function go through a full disk."""
    play = Play(disk, outside)
    await play.witness.start()
    functions = {
        "returns": play.waits("returns", "return 'value'"),
        "long": play.waits("long", "return 'x' * 100_000"),
        "prints": play.waits("prints", "print('words')"),
        "raises": play.waits("raises", "raise KeyError"),
        "leaves": play.waits("leaves", "Path('left').mkdir()"),
        "dies": play.waits("dies", "os.kill(os.getpid(), 9)", first="print('alive')"),
        "cancelled": play.waits("cancelled", "time.sleep(60)"),
        "too long": play.waits("too long", "time.sleep(60)", duration=1.0),
    }
    printed = play.witness.python("print('before'); return 1")
    await play.witness.run(printed)
    await play.witness.submit(*functions.values())
    await play.begun(*(name for name in functions))
    play.fill()
    full = os.statvfs(disk)
    (outside / "open").touch()
    wish = asyncio.create_task(play.witness.cancel(functions["cancelled"].tag))
    late = play.witness.python("return 'late'")
    sent = asyncio.create_task(play.witness.run_one(late))
    await play.passed("returns", "prints", "leaves")
    await play.until_told("cannot be written")
    play.free()
    await wish
    found = {name: told(await play.end(launch)) for name, launch in functions.items()}
    found |= {"late": told(await sent)}
    kept = (await play.witness.output(printed.tag)).decode()
    wrong = play.witness.contradictions()
    await play.witness.stop()
    play.scene.clean_up()
    return {"ends": found, "kept": kept, "wrong": wrong, "free": [full.f_bavail, full.f_ffree]}


if __name__ == "__main__":
    small, big = Path(sys.argv[1]) / "disk", Path(sys.argv[1]) / "outside"
    small.mkdir()
    big.mkdir()
    options = "size=3m,nr_inodes=400"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", small], check=True)
    print(json.dumps(asyncio.run(play(small, big))))  # noqa: T201 - its answer
