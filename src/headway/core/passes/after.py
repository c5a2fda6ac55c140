"""What jobs wait for before they are handed over: other jobs that must have succeeded."""

from typing import NamedTuple

from headway.core.errors import NotFound
from headway.core.model.job import Job
from headway.core.model.names import JobId
from headway.core.model.state import Reason, State
from headway.core.ports.store import Store


class Needs(NamedTuple):
    """Whether a job must wait still, and why it never can begin; "" when it can."""

    waits: bool
    never: str


class Dependents:
    """One cluster's jobs that wait for others. Each is looked at when it is new, and when that which it waits for has ended.

    Whoever waits for many waits for one of them at a time. So an end costs a look at those that waited for it, whatever the
    number of all others, and a job that comes after a thousand looks at each of them about twice.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stands: dict[JobId, JobId] = {}  # what each waits for, or waited for last
        self._by: dict[JobId, dict[JobId, None]] = {}  # who waits for a job that has not ended
        self._due: dict[JobId, Job | None] = {}  # to be looked at; those not read yet are None

    def heard(self, job: Job) -> None:
        """Hear of a job of this cluster as it is now in the store."""
        waits = job.state is State.ACCEPTED and job.cancel is None
        if not waits or job.reason is not Reason.DEPENDENCY:
            self._forget(job.id)
        elif job.id in self._due or not self._is_parked(job.id):
            self._due[job.id] = job

    def over(self, job: Job) -> bool:
        """Hear of a job of any cluster that has ended; tells whether anybody waited for it."""
        waited = self._by.pop(job.id, {})
        for dependent in waited:
            self._due.setdefault(dependent, None)
        return bool(waited)

    @property
    def any_due(self) -> bool:
        """Whether there are some to be looked at."""
        return bool(self._due)

    async def due(self) -> list[Job]:
        """Give those that are to be looked at, each until it waits again or is heard to have gone on."""
        for job_id in [job_id for job_id, job in self._due.items() if job is None]:
            try:
                job = await self._store.job(job_id)
            except NotFound:
                self._forget(job_id)
                continue
            if job_id in self._due:
                self._due[job_id] = job
        return [job for job in self._due.values() if job is not None]

    async def needs(self, job: Job) -> Needs:
        """Look at what a job of this cluster comes after, from where it was left."""
        after = job.spec.after
        stood = self._stands.get(job.id)
        first = after.index(stood) if stood in after else 0
        for before in (*after[first:], *after[:first]):
            needs = await self._asked(job.id, before)
            if needs.waits or needs.never:
                return needs
        return Needs(waits=False, never="")

    async def _asked(self, dependent: JobId, before: JobId) -> Needs:
        self._leave(dependent)
        known = before in self._by  # it has not ended: somebody waits for it, and heard of no end
        self._by.setdefault(before, {})[dependent] = None  # before it is read: it may end meanwhile
        self._stands[dependent] = before
        needs = Needs(waits=True, never="") if known else await self._read(before)
        if not needs.waits:
            self._leave(dependent)
        elif self._is_parked(dependent):
            self._due.pop(dependent, None)
        return needs

    async def _read(self, job_id: JobId) -> Needs:
        try:
            job = await self._store.job(job_id)
        except NotFound:
            return Needs(waits=False, never=f"job {job_id}, which it was to follow, is gone")
        if job.state is State.SUCCEEDED:
            return Needs(waits=False, never="")
        if job.state.is_final:
            how = "was cancelled" if job.state is State.CANCELLED else f"has {job.state}"
            words = f"job {job.number}, which it was to follow, {how}"
            return Needs(waits=False, never=words)
        return Needs(waits=True, never="")

    def _is_parked(self, dependent: JobId) -> bool:
        stood = self._stands.get(dependent)
        return stood is not None and dependent in self._by.get(stood, {})

    def _leave(self, dependent: JobId) -> None:
        """Have a dependent wait for nothing."""
        stood = self._stands.get(dependent)
        waiting = self._by.get(stood, {}) if stood is not None else {}
        waiting.pop(dependent, None)
        if stood is not None and not waiting:
            self._by.pop(stood, None)

    def _forget(self, dependent: JobId) -> None:
        self._leave(dependent)
        self._stands.pop(dependent, None)
        self._due.pop(dependent, None)
