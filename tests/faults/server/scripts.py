"""What the jobs of these tests do."""

import os
from pathlib import Path


class Gate:
    """A job that says that it runs, and goes on when the test lets it. ``path`` is the beginning of its files' names."""

    def __init__(self, path: Path) -> None:
        self._reached = path.with_name(f"{path.name}.reached")
        self._opened = path.with_name(f"{path.name}.opened")
        self._passed = path.with_name(f"{path.name}.passed")

    def command(self, end: str) -> list[str]:
        """Give the command; ``end`` is the shell line that it ends with."""
        wait = f"echo $$ > {self._reached}; while ! [ -e {self._opened} ]; do sleep 0.02; done"
        return ["sh", "-c", f"{wait}; : > {self._passed}; {end}"]

    def open(self) -> None:
        """Let the job go on."""
        self._opened.touch()

    def is_reached(self) -> bool:
        """Tell whether the job runs."""
        return self._reached.exists() and bool(self._reached.read_text())

    def is_passed(self) -> bool:
        """Tell whether the job has gone on."""
        return self._passed.exists()

    @property
    def pid(self) -> int:
        """Give the job's main process."""
        return int(self._reached.read_text())


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def memory_peak_bytes(pid: int) -> int:
    """Give the most memory that a process ever had; 0 when it has ended."""
    status = Path(f"/proc/{pid}/status").read_text()
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peaks[0]) * 1024 if peaks else 0


def free_bytes(path: Path) -> int:
    """Give the space that is left on a file system."""
    status = os.statvfs(path)
    return status.f_bavail * status.f_frsize
