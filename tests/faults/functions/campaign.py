"""Many functions on a real server, each of which writes down that it ran."""

import base64
import hashlib
import hmac
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import cloudpickle
import requests
from tests.faults.counts import dice

from headway.app.listening import reserved_port
from headway.testing.server import ServerProcess, end_helpers

_DEADLINE_S: Final = 120.0
_LOOK_S: Final = 0.05
_UNFINISHED: Final = "state=accepted&state=queued&state=running"


class Campaign:
    """A server that is killed and started again, at one address, and its functions.

    Attributes:
        jobs: the functions' numbers by their jobs' ids.
    """

    cluster: str | None = None

    def __init__(self, place: Path, *, arguments: Sequence[str] = ()) -> None:
        self.dice = dice()
        self.data = place / "data"
        self.runs = place / "runs"
        self.jobs: dict[str, int] = {}
        self._port = reserved_port("127.0.0.1")
        self._server = ServerProcess(self.data, arguments=arguments)
        self._number = self._port.__enter__()
        self._key = ""

    def start(self) -> None:
        """Start the server, again."""
        self._server.start(port=self._number)

    def kill_server(self) -> None:
        """Kill it."""
        self._server.kill()

    def kill_a_worker(self) -> None:
        """Kill one of the workers, if one lives."""
        pids = self.workers()
        if pids:
            with suppress(ProcessLookupError):
                os.kill(self.dice.choice(pids), signal.SIGKILL)

    def workers(self) -> list[int]:
        """Give the pids of the workers that have said who they are."""
        found = self.data.glob("clusters/functions/workers/*/process")
        words = [file.read_text() for file in found]
        return [int(each.split()[0]) for each in words if each]

    def wait_random(self, most_s: float) -> None:
        """Let it work for some time."""
        time.sleep(self.dice.uniform(0.0, most_s))

    def submit(self, count: int, *, rerun: int = 0) -> None:
        """Submit functions, each with its number, that sleep up to 20 ms."""
        first = len(self.jobs)
        made = [self._job(number, rerun) for number in range(first, first + count)]
        for part in (made[begin : begin + 500] for begin in range(0, count, 500)):
            answered = self.ask("POST", "/jobs/many", json={"jobs": part})["jobs"]
            first = len(self.jobs)
            self.jobs |= {job["id"]: first + n for n, job in enumerate(answered)}

    def ended(self) -> Counter[tuple[str, str | None]]:
        """Wait until all have ended; gives how many ended how."""
        self.until(lambda: not self.ask("GET", f"/jobs?{_UNFINISHED}&limit=1")["jobs"])
        found = [self.ask("GET", f"/jobs/{job_id}") for job_id in self.jobs]
        right = [
            job["result"] == self.jobs[job["id"]] for job in found if job["state"] == "succeeded"
        ]
        assert all(right)
        return Counter((job["state"], job["reason"]) for job in found)

    def runs_of_each(self) -> Counter[int]:
        """Give how often each has run."""
        written = self.runs.read_text().split() if self.runs.exists() else []
        return Counter(map(int, written))

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for something."""
        until = time.monotonic() + _DEADLINE_S
        while not is_so():
            assert time.monotonic() < until
            time.sleep(_LOOK_S)

    def end(self) -> None:
        """End everything."""
        with suppress(ProcessLookupError):
            self._server.kill()
        end_helpers(self.data)
        self._port.__exit__(None, None, None)

    def _job(self, number: int, rerun: int) -> dict[str, Any]:
        pickled = cloudpickle.dumps(
            (_runs, (str(self.runs), number, self.dice.uniform(0, 0.02)), {})
        )
        if not self._key:
            self._key = self.ask("GET", "/functions/key")["key"]
        signature = hmac.new(self._key.encode(), pickled, hashlib.sha256).hexdigest()
        encoded = base64.b64encode(pickled).decode()
        function = {"pickled": encoded, "signature": signature, "rerun": rerun}
        where = {} if self.cluster is None else {"cluster": self.cluster}
        return {"kind": "function", "function": function, **where}

    def ask(self, method: str, path: str, **more: Any) -> Any:  # JSON
        """Ask the native protocol."""
        answer = requests.request(
            method, f"http://127.0.0.1:{self._number}/api/v1{path}", timeout=30, **more
        )
        answer.raise_for_status()
        return answer.json()


def _runs(place: str, number: int, sleep_s: float) -> int:
    file = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, b"%d\n" % number)
    os.close(file)
    time.sleep(sleep_s)
    return number


#: Workers have no tests to import it from.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
