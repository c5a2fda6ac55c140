"""Which logs the pass log_progress reads, and how: those of adopted jobs, and those of jobs that Headway has handed over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from headway.core.core import Core
from headway.core.model.job import Job, Kind
from headway.core.model.names import Cluster, JobId, Tag
from headway.core.model.state import State
from headway.core.passes.adopt import Adopt
from headway.core.ports.executor import Stream
from headway.core.ports.foreign import FilePart, ForeignJobs

#: Most jobs are over by then, or have said themselves how far they are.
_LOOKED_AT_AFTER: Final = timedelta(seconds=5)


class LogName(NamedTuple):
    """A log: ``place`` is the path of an adopted job's, or the tag of an attempt of ours."""

    place: str
    stream: Stream = Stream.STDOUT


class Logs(Protocol):
    """The logs of one cluster's jobs."""

    def running(self, at: datetime) -> Mapping[JobId, Sequence[LogName]]:
        """Name the logs of each job that runs."""
        ...

    async def read(self, name: LogName, *, offset: int, limit: int) -> FilePart:
        """Read at most ``limit`` bytes from ``offset``.

        Raises:
            NotFound: there is none that can be read.
            ExecutorUnavailable: it cannot be reached now.
        """
        ...

    def is_watched(self, at: datetime) -> bool:
        """Tell whether somebody looks at jobs now."""
        ...


class AdoptedLogs:
    """Logs of jobs that Headway did not hand over. See Logs."""

    def __init__(self, adopt: Adopt, foreign: ForeignJobs) -> None:
        self._adopt = adopt
        self._foreign = foreign

    def running(self, at: datetime) -> Mapping[JobId, Sequence[LogName]]:  # noqa: ARG002 -- see Logs
        """Name the one that the scheduler has told of."""
        return {
            job_id: (LogName(seen.log),)
            for job_id, seen in self._adopt.followed()
            if seen.state is State.RUNNING and seen.log
        }

    async def read(self, name: LogName, *, offset: int, limit: int) -> FilePart:
        """Read it as the user whose jobs these are."""
        return await self._foreign.read_log(name.place, offset=offset, limit=limit)

    def is_watched(self, at: datetime) -> bool:
        """Ask whoever lists them."""
        return self._foreign.is_watched(at)


class _Running(NamedTuple):
    """A job that runs: its logs, and from when on they are read."""

    names: Sequence[LogName]
    due: datetime


class OwnLogs:
    """Logs of one cluster's jobs that Headway has handed over, commands only: functions have reports of their own. See Logs."""

    def __init__(self, core: Core, *, cluster: Cluster, is_watched: Callable[[], bool]) -> None:
        self._core = core
        self._cluster = cluster
        self._is_watched = is_watched
        self._running: dict[JobId, _Running] = {}
        self._heard: set[JobId] | None = set()  # since the server's start; None once all are known

    async def start(self) -> None:
        """Take up the jobs that run from before; called again it does nothing."""
        if self._heard is None:
            return
        unfinished = await self._core.store.unfinished(self._cluster)
        heard, self._heard = self._heard, None
        for job in unfinished:
            if job.id not in heard:
                self.noticed(job)

    def noticed(self, job: Job) -> None:
        """Hear of a job of this cluster as it was just committed."""
        if self._heard is not None:
            self._heard.add(job.id)
        if job.state is not State.RUNNING or job.kind is not Kind.COMMAND or job.is_array:
            self._running.pop(job.id, None)
            return
        known = self._running.get(job.id)
        if known is None or known.names[0].place != job.tag:
            names = tuple(LogName(job.tag, stream) for stream in (Stream.STDERR, Stream.STDOUT))
            self._running[job.id] = _Running(names, self._core.clock.now() + _LOOKED_AT_AFTER)

    def running(self, at: datetime) -> Mapping[JobId, Sequence[LogName]]:
        """Name both outputs; bars are drawn on standard error."""
        return {job_id: one.names for job_id, one in self._running.items() if one.due <= at}

    async def read(self, name: LogName, *, offset: int, limit: int) -> FilePart:
        """Read it through the executor."""
        executor = self._core.executor(self._cluster)
        part = await executor.read_log(Tag(name.place), name.stream, offset=offset, limit=limit)
        return FilePart(part.data, part.size)

    def is_watched(self, at: datetime) -> bool:  # noqa: ARG002 -- see Logs
        """Tell whether anybody follows changes."""
        return self._is_watched()
