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
FINISH_S = 180.0
_FEWEST_JOBS = 20


class Campaign:
    """A played server, its helpers, and whoever kills them."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.random = dice()
        self._spawner_of: dict[int, int] = {}
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
        """Give the living helpers and their parents; a job's process between fork and exec looks like one."""
        found = {}
        for each in Path("/proc").iterdir():
            try:
                words = (each / "cmdline").read_bytes() if each.name.isdigit() else b""
                if b"local.daemon" in words and bytes(self.place) in words:
                    status = (each / "stat").read_text().rpartition(")")[2].split()
                    found[int(each.name)] = int(status[1])
            except OSError:
                continue
        return {pid: parent for pid, parent in found.items() if process.is_alive(pid)}

    def pairs(self) -> list[tuple[int, int]]:
        """Give the reapers that have their spawner, and these.

        A reaper's spawner is the first child it ever had: later ones are jobs' processes that a killed spawner left to it
        before they became their programs.
        """
        helpers = self.helpers()
        for pid, parent in sorted(
            helpers.items(), key=lambda item: process.start_ticks(item[0]) or 0
        ):
            if process.name_of(parent) == b"headway-reaper" and parent not in self._spawner_of:
                self._spawner_of[parent] = pid
        return [
            (reaper, spawner)
            for reaper, spawner in self._spawner_of.items()
            if reaper in helpers and spawner in helpers
        ]

    def spawners(self) -> list[int]:
        """Give the spawners that have their reaper."""
        return [spawner for _, spawner in self.pairs()]

    def reapers(self) -> list[int]:
        """Give the reapers that have their spawner."""
        return [reaper for reaper, _ in self.pairs()]

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
        counts = Counter(jobs=len(wanted), unasked=len(runs.keys() - wanted.keys()))
        for tag, end in wanted.items():
            said = ended.get(tag, set())
            counts["unended"] += not said
            counts["lost"] += "lost" in said
            counts["wrong"] += bool(said - {end, "lost"}) or len(said) > 1
            if said - {end, "lost"}:
                print(f"{tag} was to {end}, is said to {sorted(said)}")  # noqa: T201 - as below
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
