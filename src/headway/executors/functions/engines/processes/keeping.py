"""Keeps what a function prints, and leaves in its directory, for its attempt. Standard library only.

Files are made once and used by one function after the other while nothing is in them: a function that prints nothing pays
for two looks at their sizes.
"""

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from headway.executors.functions.engines.processes import places

_OPENING: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
FILES: Final = (1, 2)


class Keeping:
    """The outputs and the directory of the function that runs."""

    def __init__(self, directory: Path, jobs: Path) -> None:
        self._directory = directory
        self._jobs = jobs
        self._here = directory / places.HERE
        self._umask = os.umask(0o077)
        os.umask(self._umask)
        self._held: list[io.TextIOWrapper] = []
        for target, name in zip(FILES, places.OUTPUTS, strict=True):
            self._open(target, name)
        self._make()
        self.ready()

    def ready(self) -> None:
        """Have the next function print into its own files and be in its own directory, whatever the last one did."""
        os.umask(self._umask)
        os.chdir(self._here)
        if not self._held or any(each.closed for each in self._held):
            self._held = [_text(target) for target in FILES]
        sys.stdout, sys.stderr = self._held
        sys.__stdout__, sys.__stderr__ = self._held  # type: ignore[misc]  # final for others than who makes them

    def keep(self, tag: str) -> bool:
        """Give what was printed and left to an attempt. What cannot be kept, on a full disk, is lost: the end is told truly.

        Returns:
            Whether another function can run here: False when it would find what this one left, or print into its files.
        """
        for each in self._held:
            with suppress(OSError, ValueError):
                each.flush()
        for target, name in zip(FILES, places.OUTPUTS, strict=True):
            if os.fstat(target).st_size:
                if not self._move(self._directory / name, f"{places.of_attempt(tag)}.{name}"):
                    os.ftruncate(target, 0)
                elif not _works(partial(self._open, target, name)):
                    return False
        try:
            left = os.listdir(self._here)  # noqa: PTH208 -- each function pays for it
        except OSError:
            left = ["it is gone"]
        if left:
            return self._move(self._here, places.of_attempt(tag)) and _works(self._make)
        return True

    def _open(self, target: int, name: str) -> None:
        file = os.open(self._directory / name, _OPENING, 0o600)
        if file != target:
            os.dup2(file, target, inheritable=True)
            os.close(file)

    def _make(self) -> None:
        self._here.mkdir(mode=0o700, exist_ok=True)

    def _move(self, source: Path, place: str) -> bool:
        target = self._jobs / place
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            source.rename(target)
        except FileNotFoundError:
            return True  # the function took it away
        except OSError:
            return False
        return True


def _works(what: Callable[[], None]) -> bool:
    try:
        what()
    except OSError:
        return False
    return True


def _text(target: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(target, "w", closefd=False)),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )
