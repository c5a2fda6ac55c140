"""A whole server on a disk of 3 MB, which can be filled up and freed."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest
from tests.faults.server.scripts import free_bytes

from headway.testing.server import ServerProcess

_UNTIL_FULL: Final = 5_000
_PIECE: Final = bytes(4096)


class SmallDisk:
    """A server whose data directory is a file system of its own."""

    def __init__(self, data: Path, *, arguments: Sequence[str] = ("--jobs-at-once", "8")) -> None:
        self.server = ServerProcess(data, arguments=arguments)
        self._filler = data / "filler"
        self.acknowledged: list[str] = []

    def fill(self) -> httpx.Response:
        """Take all space, then submit until that is refused; gives the refusal."""
        self.fill_up()
        with httpx.Client(base_url=f"{self.server.url}/api/v1", timeout=60) as client:
            for number in range(_UNTIL_FULL):
                spec = {"kind": "report", "name": f"filling-{number}", "extra": {"x": "x" * 2000}}
                answer = client.post("/jobs", json=spec)
                if answer.status_code != 201:
                    return answer
                self.acknowledged.append(answer.json()["id"])
                self.fill_up()
        raise AssertionError("3 MB are never full")

    def fill_up(self) -> None:
        """Take what space there is."""
        with self._filler.open("ab", buffering=0) as file:
            while free_bytes(self._filler):
                try:
                    file.write(_PIECE)
                except OSError:
                    return

    def free(self) -> None:
        """Give the space back."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_file_system(data: Path) -> Iterator[Path]:
    """Make a directory that is a file system of 3 MB; skip where that is not allowed."""
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(data)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"needs root: to mount a small disk: {mounted.stderr.strip()}")
    try:
        yield data
    finally:
        subprocess.run(["umount", "--lazy", data], check=True)
