"""Which jobs somebody waits for, what a live stream tells about them, and how long a silent server is borne; no I/O."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from headway.core.errors import ServerUnreachable, TimedOut
from headway.sdk import model, requests
from headway.sdk.message import Request

PATIENCE_S: Final = 60.0  #: a restart takes a second or two; a machine's takes longer
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0


class Patience:
    """Bears a server that is away, with growing pauses, for ``lasting_s`` since it was last heard of.

    Times are seconds of any one clock that does not go back.
    """

    def __init__(self, lasting_s: float = PATIENCE_S) -> None:
        self._lasting_s = lasting_s
        self._since: float | None = None
        self._pause_s = _FIRST_PAUSE_S

    def renew(self) -> None:
        """Take note that the server has been heard."""
        self._since = None
        self._pause_s = _FIRST_PAUSE_S

    def pause_s(self, error: ServerUnreachable, *, now: float, deadline: float) -> float:
        """Give how long to pause before the next try, never beyond ``deadline``.

        Raises:
            ServerUnreachable: ``error``, when it has been away for too long.
        """
        if self._since is None:
            self._since = now
        if now - self._since >= self._lasting_s:
            raise error
        pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, _LONGEST_PAUSE_S)
        return max(0.0, min(pause_s, deadline - now))


class Waiting:
    """Jobs that have not ended yet, kept up to date by frames.

    Attributes:
        pending: the jobs that go on, by id.
        after: the sequence up to which they are known.
        is_stale: too much was missed; ask for the pending jobs anew and ``renew`` them.
    """

    def __init__(self, jobs: Iterable[model.JobSummary]) -> None:
        known = list(jobs)
        self.pending = {job.id: job for job in known if not job.state.is_final}
        self.is_stale = False
        # What changes after the oldest of these answers was given is in the stream.
        self.after = min((job.seq for job in known), default=0)

    @property
    def only(self) -> str | None:
        """The one job that is left, when it is one."""
        return next(iter(self.pending)) if len(self.pending) == 1 else None

    def request(self) -> Request:
        """Give the stream to listen to: from where it was left, and of one job when only one is left."""
        return requests.changes(after=self.after, job=self.only)

    def take(self, frame: model.Frame) -> Iterator[model.JobSummary]:
        """Take a frame; gives those of the pending jobs that have ended with it."""
        self.after = max(self.after, frame.seq)
        for change in frame.changes:
            if isinstance(change, model.Reset):
                self.is_stale = True
            elif isinstance(change, model.JobChange):
                yield from self.renew(change.job)

    def renew(self, job: model.JobSummary) -> Iterator[model.JobSummary]:
        """Take a job as it is now; gives it when it was pending and has ended."""
        if job.id not in self.pending:
            return
        if job.state.is_final:
            del self.pending[job.id]
            yield job
        else:
            self.pending[job.id] = job

    def reload(self, ask: Callable[[str], model.JobSummary]) -> Iterator[model.JobSummary]:
        """Ask for each pending job anew; gives those that have ended."""
        self.is_stale = False
        for ref in list(self.pending):
            yield from self.renew(ask(ref))

    def timed_out(self, timeout_s: float) -> TimedOut:
        """Say what has not ended."""
        names = ", ".join(f"{job.number} ({job.state})" for job in self.pending.values())
        return TimedOut(f"not ended within {timeout_s:g} s: job {names}; it goes on")
