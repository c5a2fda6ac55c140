"""Jobs of a cluster that Headway did not hand over, as a test says that they are."""

from collections.abc import Sequence
from datetime import datetime

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.core.model.names import NativeId
from headway.core.ports.foreign import Fates, FilePart, ForeignJob, ForeignListing


class FakeForeignJobs:
    """Foreign jobs to be looked at; see headway.core.ports.foreign.ForeignJobs.

    Attributes:
        remembered: what is known of jobs that are listed no more.
        is_answered: somebody can be asked about those.
        files: logs by their paths.
        watched: somebody looks.
        fails_with: raised when a log is read.
        asked: which jobs were asked for, each time.
    """

    def __init__(self) -> None:
        self.remembered: list[ForeignJob] = []
        self.is_answered = True
        self.files: dict[str, bytes] = {}
        self.watched = False
        self.fails_with: ExecutorUnavailable | None = None
        self.asked: list[Sequence[NativeId]] = []
        self._listing: ForeignListing | None = None

    def lists(self, *jobs: ForeignJob, at: datetime) -> None:
        """List these jobs from now on; one that is as it was is the same object."""
        before = self._listing.jobs if self._listing is not None else {}
        known = {job.id: job for job in jobs}
        arrays: dict[NativeId, list[int]] = {}
        for job in jobs:
            if job.array is not None and job.index is not None:
                arrays.setdefault(job.array, []).append(job.index)
        self._listing = ForeignListing(
            at=at,
            jobs={
                native_id: before[native_id] if before.get(native_id) == job else job
                for native_id, job in known.items()
            },
            arrays=arrays,
        )

    def follow(self) -> None:
        """Do nothing: the test lists; see ForeignJobs."""

    def listing(self) -> ForeignListing | None:
        """Give what the test lists; see ForeignJobs."""
        return self._listing

    def is_watched(self, at: datetime) -> bool:  # noqa: ARG002 -- see ForeignJobs
        """Give what the test says; see ForeignJobs."""
        return self.watched

    async def fates(self, native_ids: Sequence[NativeId]) -> Fates:
        """Give those of ``remembered``; see ForeignJobs."""
        self.asked.append(native_ids)
        known = [job for job in self.remembered if job.id in native_ids]
        return Fates(jobs=known, asked=native_ids if self.is_answered else ())

    async def native_detail(self, native_id: NativeId) -> str:
        """Give a line about a listed job; see ForeignJobs."""
        if self._listing is None or native_id not in self._listing.jobs:
            raise NotFound(f"nothing is known of {native_id}")
        return f"JobId={native_id} JobName={self._listing.jobs[native_id].name}"

    async def read_log(self, path: str, *, offset: int, limit: int) -> FilePart:
        """Read what the test put into ``files``; see ForeignJobs."""
        if self.fails_with is not None:
            raise self.fails_with
        if path not in self.files:
            raise NotFound(f"there is no file {path}")
        data = self.files[path]
        return FilePart(data[offset : offset + limit], len(data))
