"""What a live client asks for, and in whose words it is told."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

import msgspec

from headway.core.model.event import Event
from headway.core.model.group import InGroups
from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq
from headway.core.model.selection import Selection, Visibility
from headway.core.model.worker import Counter, Tally, Worker

StillKnown: TypeAlias = Callable[[], Awaitable[bool]]


_NOTHING: Final[Mapping[InGroups, Collection[JobId]]] = {}


class Rendering(Protocol):
    """A protocol's words for changes: each method gives a value that becomes JSON.

    A job comes without its spec, inputs, outputs, result and extra: what is watched is how it goes.
    """

    def job(self, job: Job, tally: Tally) -> object:
        """Tell that a job, or its roll-up, is now so."""
        ...

    def worker(self, worker: Worker) -> object:
        """Tell that a worker is now so."""
        ...

    def counters(self, job_id: JobId, counters: Sequence[Counter]) -> object:
        """Tell that these are now all counters of a job."""
        ...

    def event(self, event: Event) -> object:
        """Tell news."""
        ...

    def gone(self, job_id: JobId) -> object:
        """Tell that a job is not (any more) among those that the client watches."""
        ...

    def reset(self) -> object:
        """Tell that something was missed: everything must be read anew."""
        ...


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a client watches.

    Attributes:
        job: only this job; the selection does not count then.
        after: the sequence up to which the client knows everything; None for from now on.
        still_known: tells whether what the client came by is still good; None where that does not end.
    """

    rendering: Rendering
    visibility: Visibility
    selection: Selection = Selection()
    job: JobId | None = None
    after: Seq | None = None
    still_known: StillKnown | None = None

    @property
    def channel(self) -> tuple[int, Visibility, Selection | None, JobId | None]:
        """Give what clients that are told the same have in common."""
        selection = self.selection if self.job is None else None
        return (id(self.rendering), self.visibility, selection, self.job)

    def covers(self, job: Job, below: Mapping[InGroups, Collection[JobId]] = _NOTHING) -> bool:
        """Tell whether a job is among those watched; ``below`` has the jobs of the selection's groups."""
        if not self.visibility.covers(job):
            return False
        return self.selection.matches(job, below) if self.job is None else self.job == job.id

    @property
    def covers_all(self) -> bool:
        """Tell whether nothing is left out: such a client is told what belongs to no job, too."""
        return self.visibility.everything and self.watches_all

    @property
    def watches_all(self) -> bool:
        """Tell whether nothing that may be seen is left out."""
        return self.job is None and self.selection in _ANY


_ANY: Final = (Selection(children=True), Selection(children=True, hidden=True))
