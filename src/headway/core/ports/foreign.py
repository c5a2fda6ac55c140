"""Jobs that a scheduler has and that Headway did not hand to it: they can be looked at, and nothing else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol

import msgspec
from msgspec.structs import replace

from headway.core.model.job import Job, Usage
from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State

LOG: Final = "log"  #: what the path of a log is called in an attempt's native_info


class ForeignJob(msgspec.Struct, frozen=True, kw_only=True):
    """One job as its scheduler tells of it. What it does not tell is empty or None.

    Attributes:
        id: the scheduler's own id: ``1234``, ``1234_5`` (Slurm), ``1234[5]`` (LSF, PBS), ``1234.5`` (Grid Engine).
        submitted: with the id this is the job: ids are given out again.
        state: the scheduler's ``word`` in ours, with a reason that the state has; None for a word that is not known.
        why: why it waits or how it failed, in the scheduler's words.
        exit_code: its script's exit code; ``signal`` what ended it; never both.
        restarts: how often the scheduler has put it back into its queue, None where it does not tell; each time it may be given
            a new time of submission.
        array: the id of the array that it is an element of, and ``index`` its place there; both or neither.
        log: the absolute path of what it writes; "" where that is not known (yet).
        expected_start: the scheduler's own estimate.
        position: its place in the queue, 1 and up.
        asked: what it asked for, for people: ``{"cores": "4", "memory": "2G", "wall time": "01:00:00"}``.
    """

    id: NativeId
    submitted: datetime | None = None
    name: str = ""
    state: State | None = None
    reason: Reason | None = None
    word: str = ""
    why: str = ""
    exit_code: int | None = None
    signal: int | None = None
    usage: Usage | None = None
    restarts: int | None = None
    array: NativeId | None = None
    index: int | None = None
    queue: str = ""
    account: str = ""
    host: str = ""
    directory: str = ""
    log: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    expected_start: datetime | None = None
    position: int | None = None
    asked: Mapping[str, str] = msgspec.field(default_factory=dict)

    def looks_like(self, other: "ForeignJob") -> bool:
        """Tell whether nothing differs but what is told of a job that waits and never kept: why, and since when and where next."""
        return (
            self.state is other.state
            and self.word == other.word
            and replace(
                other, why=self.why, expected_start=self.expected_start, position=self.position
            )
            == self
        )

    @property
    def key(self) -> str:
        """Give what tells it from all others of its cluster."""
        return _key(self.id, self.submitted)

    @property
    def array_key(self) -> str:
        """Give the same for the array that it is an element of."""
        return _key(f"{self.array}[]", self.submitted)


def key_of_job(job: Job) -> str:
    """Give the key of the foreign job, or of the array of some, that an adopted job stands for."""
    return _key(f"{job.native_id}[]" if job.is_array else f"{job.native_id}", job.queued)


def _key(native_id: str, submitted: datetime | None) -> str:
    return f"{native_id}@{'' if submitted is None else int(submitted.timestamp())}"


class ForeignListing(msgspec.Struct, frozen=True, kw_only=True):
    """All such jobs of one user, as of a moment. A job that has not changed since the last listing is the same object.

    Attributes:
        arrays: the indices of each array's elements that are listed. Not all that wait are among the jobs.
    """

    at: datetime
    jobs: Mapping[NativeId, ForeignJob]
    arrays: Mapping[NativeId, Sequence[int]] = msgspec.field(default_factory=dict)


class Fates(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of jobs that are listed no more.

    Attributes:
        asked: those that could be asked about by now. Of these, who is not among ``jobs`` is not known.
    """

    jobs: Sequence[ForeignJob]
    asked: Collection[NativeId]


class FilePart(NamedTuple):
    """Some bytes of a file, and the whole file's size now."""

    data: bytes
    size: int


class ForeignJobs(Protocol):
    """What an executor sees of jobs that are not Headway's: those of the user as whom it asks its scheduler."""

    def follow(self) -> None:
        """Have them listed from now on, also while there are no jobs of Headway's for which that is done anyway."""
        ...

    def listing(self) -> ForeignListing | None:
        """Give the newest listing; None before the first. Nobody is asked for it."""
        ...

    def is_watched(self, at: datetime) -> bool:
        """Tell whether somebody looks at jobs now, so that news of the next seconds matters more than load does."""
        ...

    async def fates(self, native_ids: Sequence[NativeId]) -> Fates:
        """Ask about jobs that are listed no more, all at once."""
        ...

    async def native_detail(self, native_id: NativeId) -> str:
        """Ask for all that the scheduler has to say of a job, in its own words.

        Raises:
            NotFound: it has nothing (any more).
            ExecutorUnavailable: it could not be asked.
        """
        ...

    async def read_log(self, path: str, *, offset: int, limit: int) -> FilePart:
        """Read at most ``limit`` bytes of a file that a listing named, as the user whose jobs these are. Changes nothing.

        Raises:
            NotFound: there is no such file, or it is none to be read so (a pipe, a device, a link), or may not be read.
            ExecutorUnavailable: it cannot be reached now.
        """
        ...
