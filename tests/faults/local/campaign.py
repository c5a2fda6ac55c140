"""Kills at random instants, and the count of what went wrong."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.faults.counts import dice

from headway.executors.local import process

SERVER = Path(__file__).with_name("played_server.py")
FINISH_S = 60.0
_FEWEST_JOBS = 20


class Campaign:
    """A played server, its helpers, and whoever kills them."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.random = dice()
        self._server: subprocess.Popen[bytes] | None = None

    def start_server(self) -> None:
        """Start the server, again if it was killed."""
        seed = str(self.random.getrandbits(32))
        with (self.place / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                [sys.executable, SERVER, self.place, seed], stderr=log, stdin=subprocess.DEVNULL
            )

    def kill_server(self) -> None:
        """Kill it as nothing else does: now."""
        assert self._server is not None
        self._server.kill()
        self._server.wait()

    def wait_random(self, most_s: float) -> None:
        """Let a random time pass: the instant of a kill is the input of these tests."""
        time.sleep(self.random.random() * most_s)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to become true."""
        deadline = time.monotonic() + FINISH_S
        while not condition():
            assert time.monotonic() < deadline, (self.place / "server.log").read_text()[-4000:]
            time.sleep(0.005)

    def helpers(self) -> dict[int, int]:
        """Give the living helpers and their parents."""
        found = {}
        for each in Path("/proc").iterdir():
            try:
                words = (each / "cmdline").read_bytes() if each.name.isdigit() else b""
                if b"local.daemon" in words and bytes(self.place) in words:
                    found[int(each.name)] = int(
                        (each / "stat").read_text().rpartition(")")[2].split()[1]
                    )
            except OSError:
                continue
        return {pid: parent for pid, parent in found.items() if process.is_alive(pid)}

    def spawners(self) -> list[int]:
        """Give the spawners that have their reaper.

        Not their children: between fork and exec a job's process looks like its spawner.
        """
        helpers = self.helpers()
        return [
            pid
            for pid, parent in helpers.items()
            if parent in helpers and helpers[parent] not in helpers
        ]

    def reapers(self) -> list[int]:
        """Give the reapers that have their spawner."""
        helpers = self.helpers()
        return [
            parent
            for parent in set(helpers.values())
            if parent in helpers and helpers[parent] not in helpers
        ]

    def started(self) -> int:
        """Count the jobs in the ledger."""
        ledger = self.place / "ledger"
        return ledger.read_text().count("want ") if ledger.exists() else 0

    def finish(self) -> Counter[str]:
        """Have the last jobs end, and count what went wrong."""
        self.wait_until(lambda: self.started() >= _FEWEST_JOBS)
        (self.place / "finish").touch()
        assert self._server is not None
        status = self._server.wait(FINISH_S)
        assert status == 0, (self.place / "server.log").read_text()[-4000:]
        return self._count()

    def _count(self) -> Counter[str]:
        wanted: dict[str, str] = {}
        ended: dict[str, set[str]] = {}
        for line in (self.place / "ledger").read_text().splitlines():
            word, tag, rest = line.split(" ", 2)
            if word == "want":
                wanted[tag] = rest
            else:
                ended.setdefault(tag, set()).add(rest)
        runs = Counter((self.place / "runs").read_text().splitlines())
        counts = Counter(jobs=len(wanted))
        for tag, end in wanted.items():
            said = ended.get(tag, set())
            counts["unended"] += not said
            counts["lost"] += "lost" in said
            counts["wrong"] += bool(said - {end, "lost"}) or len(said) > 1
            counts["doubled"] += runs[tag] > 1
            counts["never run"] += runs[tag] == 0 and "lost" not in said
        print(dict(counts))  # noqa: T201 - the figure itself
        return counts

    def clean_up(self) -> None:
        """Kill what is left."""
        if self._server is not None and self._server.poll() is None:
            self.kill_server()
        for pid in process.descendants(list(self.helpers())):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
