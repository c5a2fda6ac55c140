"""A server's middle: a store, the pass dispatch and a batch executor, which a test drives, kills and starts again."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from headway.app.system import SystemClock, SystemIds
from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable
from headway.core.model.change import Written
from headway.core.model.job import Job
from headway.core.model.names import Cluster, JobId
from headway.core.model.principal import Principal, Scope
from headway.core.model.spec import Spec
from headway.core.operations.cancel import cancel
from headway.core.operations.submit import Submission, submit
from headway.core.passes.dispatch import Dispatch
from headway.core.ports.executor import Executor
from headway.stores.memory import MemoryStore
from headway.testing.fakes import FakeSeal

CLUSTER: Final = Cluster("cluster")
_ALICE: Final = Principal(
    name="alice", scopes=frozenset({Scope.RUN, Scope.REPORT, Scope.READ}), via="token"
)
_LOOK_AGAIN_S: Final = 0.05
_PATIENCE_S: Final = 120.0


class Served:
    """The store outlives its servers: ``die`` is a kill, ``live`` the next start.

    Attributes:
        troubles: how often the scheduler could not be asked.
        told: all that was ever said of a job, state by state, as it was committed.
    """

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make
        self._store = MemoryStore()
        self._ids = SystemIds()
        self._store.listen(self._heard)
        self.troubles, self.trouble = 0, ""
        self.told: dict[JobId, list[Job]] = {}

    async def live(self) -> None:
        """Start, as often as it takes."""
        self.executor = self._make()
        self._core = Core(
            store=self._store,
            executors={CLUSTER: self.executor},
            default_cluster=CLUSTER,
            clock=SystemClock(),
            ids=self._ids,
            seal=FakeSeal(),
        )
        self._dispatch = Dispatch(self._core, cluster=CLUSTER)
        await self._persist(self._dispatch.start)
        self._watching = asyncio.create_task(self._watch())

    async def die(self) -> None:
        """End, with all that is under way."""
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)
        await self.executor.close()

    async def submit(self, script: str, *, name: str) -> Job:
        """Accept a job."""
        submission = Submission(spec=Spec(command=("sh", "-c", script)), name=name)
        return (await submit(self._core, actor=_ALICE, protocol="rest", submission=submission)).job

    async def wish_cancelled(self, job_id: JobId) -> None:
        """Have somebody want a job's end."""
        await cancel(self._core, actor=_ALICE, protocol="rest", job_id=job_id)

    async def send(self) -> None:
        """Hand over what waits, as often as it takes."""
        await self._persist(self._send_once)

    async def cancel(self) -> None:
        """Tell the scheduler who is to end, as often as it takes."""
        await self._persist(self._dispatch.cancel)

    async def send_for(self, seconds: float) -> None:
        """Hand over what waits; if that takes longer than so, die over it, and live again."""
        try:
            async with asyncio.timeout(seconds):
                await self.send()
        except TimeoutError:
            await self.die()
            await self.live()

    async def poll(self) -> bool:
        """Look once at all jobs; tells whether that was possible."""
        try:
            await self.executor.find(())
        except ExecutorUnavailable as error:
            self._note(error)
            return False
        return True

    async def job(self, job_id: JobId) -> Job:
        """Give a job as it is now."""
        return await self._store.job(job_id)

    async def until_all_ended(self, ids: Sequence[JobId]) -> list[Job]:
        """Send, cancel and look until all these have ended; gives them."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            await self.send()
            await self.cancel()
            await self.poll()
            jobs = [await self._store.job(job_id) for job_id in ids]
            if all(job.state.is_final for job in jobs):
                return jobs
            left = [(job.tag, job.state, job.reason) for job in jobs if not job.state.is_final]
            assert time.monotonic() < until, f"not ended, last trouble {self.trouble!r}: {left}"
            if self._watching.done():
                self._watching.result()
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _send_once(self) -> None:
        while await self._dispatch.send():
            pass

    async def _watch(self) -> None:
        while True:
            try:
                async for batch in self.executor.observations():
                    await self._dispatch.observe(batch)
            except ExecutorUnavailable as error:
                self._note(error)

    async def _persist(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except ExecutorUnavailable as error:
                self._note(error)
            else:
                return

    def _note(self, error: ExecutorUnavailable) -> None:
        self.troubles += 1
        self.trouble = str(error)

    def _heard(self, commits: Sequence[Written]) -> None:
        for written in commits:
            for job in written.jobs:
                self.told.setdefault(job.id, []).append(job)
                self._dispatch.noticed(job)
