"""Runs the passes dispatch and staging for one cluster: sends, watches, cancels and copies, each in a task of its own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from headway.app.sending import Sending
from headway.app.trouble import Troubles, ailment_of
from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable, HeadwayError
from headway.core.model.job import Job
from headway.core.model.names import Cluster
from headway.core.model.state import State
from headway.core.passes.dispatch import Dispatch
from headway.core.passes.staging import Staging

logger = logging.getLogger(__name__)

_LOOK_AGAIN_S: Final = 5.0  # a wake-up that went missing costs no more than this
_TIDY_EVERY_S: Final = 60.0
_LIMITS_EVERY_S: Final = 1.0
_COPIES_AT_ONCE: Final = 8
_BACK_OFF_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class ClusterLoop:
    """One cluster's background work."""

    def __init__(self, core: Core, *, cluster: Cluster, troubles: Troubles) -> None:
        self._name = f"cluster {cluster}"
        self._troubles = troubles
        self._executor = core.executor(cluster)
        self._staging = Staging(core, cluster=cluster)
        self._dispatch = Dispatch(core, cluster=cluster, staging=self._staging)
        core.ahead[cluster] = self._dispatch.expect
        self._lanes = asyncio.Semaphore(_COPIES_AT_ONCE)
        self._copy = asyncio.Event()
        self._send = asyncio.Event()
        self._cancel = asyncio.Event()
        self._sending = Sending(self._dispatch, wake=self._send, looked=self._copy.set)

    def noticed(self, job: Job) -> None:
        """Hear of a job of this cluster as it was just committed."""
        self._dispatch.noticed(job)
        if job.spec.sandbox is not None:
            self._copy.set()
        if job.state is State.ACCEPTED or job.state.is_final:
            self._send.set()
        if job.cancel is not None and not job.state.is_final:
            self._cancel.set()

    def over(self, job: Job) -> None:
        """Hear of a job that has ended elsewhere: others may come after it here."""
        if self._dispatch.over(job):
            self._send.set()

    async def run(self) -> None:
        """Start the cluster, as often as it takes, and work until cancelled."""
        await self._until_it_works(self._dispatch.start, asks=True)
        self._send.set()
        self._cancel.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch())
            group.create_task(self._whenever(self._send, self._sending.send_all))
            group.create_task(self._whenever(self._cancel, self._dispatch.cancel))
            group.create_task(self._look_again())
            group.create_task(self._copy_all(group))
            group.create_task(self._tidy())
            group.create_task(self._end_overdue())

    async def _copy_all(self, group: asyncio.TaskGroup) -> None:
        while True:
            await self._copy.wait()
            self._copy.clear()
            while (work := self._staging.next()) is not None:
                await self._lanes.acquire()
                group.create_task(self._do(work))

    async def _do(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await self._until_it_works(work)
        finally:
            self._lanes.release()
        ended = self._staging.released()
        if ended:
            await self._until_it_works(lambda: self._dispatch.observe(ended))
        self._send.set()

    async def _tidy(self) -> None:
        while True:
            await self._until_it_works(self._staging.tidy)
            await asyncio.sleep(_TIDY_EVERY_S)

    async def _end_overdue(self) -> None:
        while True:
            await asyncio.sleep(_LIMITS_EVERY_S)
            await self._until_it_works(self._dispatch.end_overdue)

    async def _watch(self) -> None:
        while True:
            try:
                async for batch in self._executor.observations():
                    await self._until_it_works(lambda batch=batch: self._dispatch.observe(batch))  # type: ignore[misc]
                    self._send.set()
                    self._copy.set()
            except ExecutorUnavailable as error:
                self._troubles.note(self._name, str(error), ailment_of(error))
            except Exception:
                logger.exception("%s: watching failed", self._name)
            await self._until_it_works(self._dispatch.start, asks=True)
            self._send.set()

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_AGAIN_S)
            self._send.set()
            self._cancel.set()

    async def _whenever(self, wake: asyncio.Event, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            await wake.wait()
            wake.clear()
            await self._until_it_works(work)

    async def _until_it_works(
        self, work: Callable[[], Awaitable[object]], *, asks: bool = False
    ) -> None:
        """Do it again, with longer and longer rests, until it raises nothing.

        Args:
            work: what is to be done.
            asks: it works only if the cluster answers. What works without that says nothing of a cluster that is away.
        """
        for tries in range(1_000_000_000):
            try:
                await work()
            except HeadwayError as error:
                self._troubles.note(self._name, str(error), ailment_of(error))
            except Exception as error:
                logger.exception("%s: a round failed", self._name)
                self._troubles.note(self._name, f"{type(error).__name__}: {error}")
            else:
                if asks or tries:
                    self._troubles.over(self._name)
                return
            await asyncio.sleep(_BACK_OFF_S[min(tries, len(_BACK_OFF_S) - 1)])
