"""The jobs that arrays of adopted elements are; the pass ``arrays`` brings each to where its elements are."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from headway.core.core import Core
from headway.core.model.job import Job
from headway.core.model.names import NativeId
from headway.core.passes.adopted import Place, array_change
from headway.core.ports.foreign import ForeignJob, ForeignListing, key_of_job


class AdoptedArrays:
    """Parents of elements, by the arrays' keys."""

    def __init__(self, core: Core, place: Place) -> None:
        self._core = core
        self._place = place
        self._parents: dict[str, Job] = {}

    def start(self, jobs: Iterable[Job]) -> None:
        """Take up those of the jobs that are arrays."""
        self._parents = {key_of_job(job): job for job in jobs if job.is_array}

    def of(self, seen: ForeignJob) -> Job | None:
        """Give the parent of an element; None for what is none."""
        return None if seen.array is None else self._parents.get(seen.array_key)

    def times(self) -> dict[NativeId, datetime | None]:
        """Tell when each was submitted; None where that was not told."""
        known = ((job.native_id, job.queued) for job in self._parents.values())
        return {native_id: queued for native_id, queued in known if native_id is not None}

    def keep(self, listing: ForeignListing) -> None:
        """Forget those that have no elements in a listing."""
        self._parents = {
            key: job for key, job in self._parents.items() if job.native_id in listing.arrays
        }

    async def make(self, elements: Sequence[ForeignJob], listing: ForeignListing) -> None:
        """Have a job for each array that these elements are of.

        Raises:
            StorageFull: no space for one.
        """
        for seen in elements:
            key = seen.array_key
            if seen.array is None or key in self._parents:
                continue
            held = await self._core.store.alias(self._place.namespace, key)
            if held is not None:
                self._parents[key] = await self._core.store.job(held.job)
                continue
            change = array_change(
                self._place,
                seen,
                listing.arrays.get(seen.array, ()),
                job_id=self._core.ids.new_job_id(),
                generation=1,
                now=self._core.clock.now(),
            )
            self._parents[key] = (await self._core.store.write(change)).jobs[0]
