"""Plays the demonstration against a running server, and says whether each example ended as it should."""

import shlex
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from headway.cli.demonstration.examples import (
    LABEL,
    PROGRESS_ENDING,
    Ending,
    Example,
    shell_examples,
)
from headway.cli.demonstration.progress_job import SILENT, TROUBLED, WORKERS, ProgressJob
from headway.cli.demonstration.wording import headway_words
from headway.sdk.client import Client
from headway.sdk.model import JobDocument

_LOOK_EVERY_S: Final = 0.25
_TOO_LONG_S: Final = 58.0


class Verdict(NamedTuple):
    """How an example ended, and whether that was right."""

    name: str
    right: bool
    words: str


class Play:
    """The demonstration: ``start``, then ``watch`` until all have ended, and ``stop`` in any case."""

    def __init__(self, url: str, *, jobid: str, tell: Callable[[str], None]) -> None:
        self._client = Client(url, token="")  # the user's own is for some other server
        self._url = self._client.url
        self._tell = tell
        self._progress = ProgressJob(self._url, jobid)
        self._jobs: dict[str, Ending] = {}
        self._stopped = threading.Event()
        self._starting = threading.Lock()

    def start(self) -> None:
        """Start every example and tell how a user would have done it; those left when it is stopped are not."""
        with self._starting:
            if not self._stopped.is_set():
                self._start_progress()
            for example in shell_examples():
                if not self._stopped.is_set():
                    self._start(example)

    def watch(self) -> list[Verdict]:
        """Wait until all have ended; gives a verdict on each. Those that take too long are wrong."""
        until = time.monotonic() + _TOO_LONG_S
        while time.monotonic() < until and not self._stopped.is_set():
            jobs = self._look()
            if all(job.state in _FINAL for job in jobs.values()):
                break
            self._stopped.wait(_LOOK_EVERY_S)
        return [_verdict(job, self._jobs[job_id]) for job_id, job in self._look().items()]

    def stop(self) -> None:
        """Cancel what has not ended and wait until it is gone."""
        self._stopped.set()
        with self._starting:
            self._progress.stop()
        left = [job_id for job_id, job in self._look().items() if job.state not in _FINAL]
        if left:
            self._tell(f"\nCancelling what still runs: {len(left)} jobs.")
        for job_id in left:
            self._client.cancel(job_id)
        for job_id in left:
            self._client.wait(job_id, timeout_s=20)
        self._client.close()

    def _start_progress(self) -> None:
        self._progress.start()
        jobid = self._progress.jobid
        found = next(iter(self._client.jobs(name="Pipeline over 20 nodes")))
        self._jobs[found.id] = PROGRESS_ENDING
        self._tell(
            f"\n{WORKERS} workers report by plain GET ({SILENT} falls silent, {TROUBLED} has a problem):"
        )
        self._tell(f"  page  {self._url}/j/{found.number}")
        self._tell(
            f"  line  curl '{self._url}/progress/update?jobid={jobid}"
            "&workid=worker01&current=5&total=40'"
        )

    def _start(self, example: Example) -> None:
        job = self._client.submit(example.command, name=example.name, labels=[LABEL])
        self._jobs[job.id] = example.ending
        self._tell(f"\n{example.name}:")
        self._tell(f"  page  {self._url}/j/{job.number}")
        self._tell(f"  line  {headway_words()} submit --name {example.name} -- {_shown(example)}")
        if example.cancel_after_s is not None:
            self._tell(f"  then  {headway_words()} kill {job.number}")
            timer = threading.Timer(example.cancel_after_s, self._cancel, args=(job.id,))
            timer.daemon = True
            timer.start()

    def _cancel(self, job_id: str) -> None:
        if not self._stopped.is_set():
            self._client.cancel(job_id)

    def _look(self) -> Mapping[str, JobDocument]:
        return {job_id: self._client.job(job_id) for job_id in self._jobs}


_FINAL: Final = frozenset({"succeeded", "failed", "cancelled"})


def _shown(example: Example) -> str:
    """Give a command as a user would type it, cut where it gets long."""
    words = shlex.join(example.command)
    return words if len(words) <= 100 else f"{words[:97]}..."  # noqa: PLR2004 -- a line's width


def _verdict(job: JobDocument, ending: Ending) -> Verdict:
    exit_words = "" if job.exit_code is None else f", exit code {job.exit_code}"
    words = f"{job.state}{f' ({job.reason})' if job.reason else ''}{exit_words}"
    right = (job.state, job.reason) == (ending.state, ending.reason) and (
        ending.exit_code is None or job.exit_code == ending.exit_code
    )
    return Verdict(name=job.name, right=right, words=words)
