"""Which futures wait for which jobs."""

import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from headway.core.errors import HeadwayError
from headway.functions.future import Future
from headway.sdk import model

AnyFuture: TypeAlias = Future[Any]


class WaitingFutures:
    """The futures whose jobs have not ended; a job may have several. Usable from several threads.

    A function may end before the answer that tells its id has come: while something is being sent, ends of jobs that nobody
    waits for are kept.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, list[AnyFuture]] = {}
        self._early: dict[str, model.FunctionEnd] = {}
        self._is_sending = False

    @property
    def jobs(self) -> list[str]:
        """The jobs that are waited for."""
        with self._lock:
            return list(self._waiting)

    def sending(self) -> None:
        """Hear that jobs are about to be sent."""
        with self._lock:
            self._is_sending = True

    def sent(self, jobs: Iterable[tuple[str, AnyFuture]]) -> None:
        """Hear which jobs were taken for which futures; none when they were not."""
        with self._lock:
            self._is_sending = False
            early, self._early = self._early, {}
            known = list(jobs)
            for job, future in known:
                self._waiting.setdefault(job, []).append(future)
            ended = [end for job, _ in known if (end := early.get(job)) is not None]
        for end in ended:
            self.ended(end)

    def follow(self, job: str, future: AnyFuture) -> None:
        """Have a future wait for a job that was sent before."""
        with self._lock:
            self._waiting.setdefault(job, []).append(future)

    def ended(self, end: model.FunctionEnd) -> None:
        """Hear how a job ended."""
        with self._lock:
            futures = self._waiting.pop(end.id, [])
            if not futures and self._is_sending:
                self._early[end.id] = end
        for future in futures:
            future._ended(end)  # noqa: SLF001 -- a future's other half

    def recheck(self, ask: Callable[[str], model.JobDocument]) -> None:
        """Ask for each job anew, where ends may have been missed.

        Raises:
            HeadwayError: what ``ask`` raises, but for jobs that are no more: their futures have it.
        """
        for job in self.jobs:
            try:
                now = ask(job)
            except HeadwayError as error:
                if error.code != "not-found":
                    raise
                self._fail(job, error)
                continue
            if now.state.is_final:
                self.ended(end_in(now))

    def fail(self, error: HeadwayError) -> None:
        """Let all that wait know that nothing more will be heard."""
        for job in self.jobs:
            self._fail(job, error)

    def _fail(self, job: str, error: HeadwayError) -> None:
        with self._lock:
            futures = self._waiting.pop(job, [])
        for future in futures:
            future._refused(error)  # noqa: SLF001


def end_in(job: model.JobDocument) -> model.FunctionEnd:
    """Read a job's end out of its document."""
    return model.FunctionEnd(
        id=job.id,
        number=job.number,
        state=job.state,
        reason=job.reason,
        status_text=job.status_text,
        exit_code=job.exit_code,
        signal=job.signal,
        error=job.error,
        result=job.result,
    )
