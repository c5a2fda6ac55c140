"""A server that is killed again and again, the clients that go on asking it, and the count of what went wrong."""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.faults.server.clients import ENDS, Clients, Wanted
from tests.faults.server.patience import eventually

from headway.sdk.client import Client
from headway.sdk.model import JobSummary
from headway.testing.fault import Point
from headway.testing.server import ServerProcess, end_helpers

_CLIENTS: Final = 6
_LOOK_S: Final = 0.002
_WHILE_STARTING: Final = 0.2
_START_S: Final = 1.0
_LIFE_S: Final = 0.8
_STRIKES_WITHIN_S: Final = 300.0  # each point is come to sooner or later: patience, no more
_LISTED_CPU_S: Final = 30.0
_ARGUMENTS: Final = ("--jobs-at-once", "12", "--log-level", "warning")

#: What must not have happened.
BAD: Final = ("lost", "run twice", "wrong end", "unended", "not run", "progress lost", "problems")


class Campaign:
    """Lives and deaths of servers over one data directory."""

    def __init__(self, place: Path, dice: random.Random) -> None:
        self.hits = Counter[str]()
        self._dice = dice
        self._data = place / "data"
        self._ledger = place / "ledger"
        self._hits = place / "hits"
        self._ledger.touch()
        self._hits.touch()
        self._plain = ServerProcess(self._data, arguments=_ARGUMENTS)
        self._last = self._plain
        self._clients = Clients(self._ledger, dice, count=_CLIENTS)
        self._clients.start()

    def die_at_random(self) -> None:
        """Kill a server at a random instant: while it starts, one time in five, or soon after it answers."""
        starting = self._dice.random() < _WHILE_STARTING
        life_s = self._dice.random() * (_START_S if starting else _LIFE_S)
        begin = time.monotonic()

        def is_over() -> bool:
            nonlocal begin
            if not starting and not self._plain.url:
                begin = time.monotonic()
            return time.monotonic() - begin >= life_s

        self._live(self._plain, is_over)
        self._last.kill()
        self._clients.url = ""

    def die_at(self, point: Point) -> None:
        """Let a server live until it comes to a point for the first, second, third or fourth time."""
        end = time.monotonic() + _STRIKES_WITHIN_S
        fault = ("--fault", f"{point}:{self._dice.randint(1, 4)}", "--hits", str(self._hits))
        program = (sys.executable, "-m", "headway.testing.faults")
        server = ServerProcess(self._data, arguments=(*_ARGUMENTS, *fault), program=program)
        self._live(server, lambda: time.monotonic() >= end)
        self._last.kill()
        self._clients.url = ""

    def finish(self) -> Counter[str]:
        """Let a last server live until all clients are content; count what went wrong, by ``BAD``."""
        self._last = self._plain
        self._clients.url = self._plain.start().url
        self._clients.finish()
        self.hits = Counter(self._hits.read_text().split())
        with Client(self._plain.url, timeout_s=_LISTED_CPU_S) as client:
            with suppress(AssertionError):  # what has not ended is counted
                eventually(
                    lambda: not list(client.jobs(states=["accepted", "queued", "running"])),
                    what="all jobs ended, also those whose answer was never read",
                )
            counts = self._count(client)
        log = self._plain.log.read_text(errors="replace")
        counts["problems"] = len(self._clients.problems) + log.count("Traceback (most recent")
        print(dict(counts), *self._clients.problems[:20], sep="\n")  # noqa: T201 -- the figures
        return counts

    def clean_up(self) -> None:
        """End what is left."""
        self._clients.give_up()
        self._last.kill()
        end_helpers(self._data)

    def _live(self, server: ServerProcess, is_over: Callable[[], bool]) -> None:
        self._last = server
        server.launch()
        while server.exit_code is None and not is_over():
            if not server.url and server.answers():
                self._clients.url = server.url
            time.sleep(_LOOK_S)

    def _count(self, client: Client) -> Counter[str]:
        found: dict[str, list[JobSummary]] = {}
        for job in client.jobs():
            found.setdefault(job.name, []).append(job)
        lines = Counter(self._ledger.read_text().split())
        counts = Counter[str]()
        for wanted in self._clients.wanted:
            jobs = found.pop(wanted.word, [])
            counts["jobs"] += 1
            counts["acknowledged"] += wanted.id is not None
            counts["lost"] += wanted.id is not None and wanted.id not in {job.id for job in jobs}
            attempts = max((job.attempt for job in jobs), default=1)
            counts["lost"] += attempts < wanted.attempts
            counts["run twice"] += lines[wanted.word] > attempts or len(jobs) > 1
            for job in jobs:
                counts["unended"] += not job.state.is_final
                counts["wrong end"] += _end_of(job) != _end_wanted(wanted)
                counts["not run"] += wanted.end in ENDS and lines[wanted.word] < attempts
                counts["progress lost"] += _progress_lost(client, wanted, job)
            counts["run without a job"] += bool(lines[wanted.word]) and not jobs
        counts["lost"] += counts.pop("run without a job")
        counts["run twice"] += len(found)  # jobs that nobody wanted
        return counts


def _end_of(job: JobSummary) -> tuple[str, int | None, int | None]:
    is_cancelled = job.state == "cancelled"
    return (job.state.value, job.exit_code, None if is_cancelled else job.signal)


def _end_wanted(wanted: Wanted) -> tuple[str, int | None, int | None]:
    if wanted.end == "cancel":
        return ("cancelled", None, None)
    return ENDS.get(wanted.end, ("succeeded", None, None))


def _progress_lost(client: Client, wanted: Wanted, job: JobSummary) -> bool:
    if not wanted.told:
        return False
    return [worker.current for worker in client.workers(job.id)] != [wanted.told]
