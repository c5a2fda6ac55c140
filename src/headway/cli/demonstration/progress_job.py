"""A job of twenty workers, each of which only makes GET requests: one falls silent, one has a problem."""

import random
import threading
import urllib.parse
import urllib.request
from typing import Final

WORKERS: Final = 20
SILENT: Final = "worker07"
TROUBLED: Final = "worker13"

_STEPS: Final = 40
_SILENT_AT: Final = 17
_TROUBLED_AT: Final = 26
_MEAN_STEP_S: Final = 0.45
_PHASES: Final = ("reading", "flagging", "calibrating", "imaging", "writing")


class ProgressJob:
    """Creates the job and runs its workers in threads until they are done or told to stop."""

    def __init__(self, url: str, jobid: str) -> None:
        self._url = url
        self.jobid = jobid
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(number,), daemon=True)
            for number in range(1, WORKERS + 1)
        ]

    def start(self) -> None:
        """Create the job, as its seed's documentation tells, and start the workers."""
        self._get("create", jobid=self.jobid, desc="Pipeline over 20 nodes", workers=WORKERS)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Have the workers end, and wait for them."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _work(self, number: int) -> None:
        name = f"worker{number:02d}"
        chance = random.Random(number)  # noqa: S311 -- the same pace at every showing, no secret
        pace_s = _MEAN_STEP_S * chance.uniform(0.7, 1.3)
        for step in range(_STEPS + 1):
            if self._stop.wait(pace_s * chance.uniform(0.5, 1.5)):
                return
            if name == SILENT and step > _SILENT_AT:
                return
            troubled = name == TROUBLED and step >= _TROUBLED_AT
            desc = "lots of RFI" if troubled else _PHASES[min(4, 5 * step // _STEPS)]
            more = {"ok": 0} if troubled else {}
            self._get(
                "update",
                jobid=self.jobid,
                workid=name,
                current=step,
                total=_STEPS,
                desc=desc,
                **more,
            )

    def _get(self, service: str, **parameters: object) -> None:
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(  # noqa: S310 -- our own server's address
            f"{self._url}/progress/{service}?{query}", timeout=10
        ) as answer:
            answer.read()
