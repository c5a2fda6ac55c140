"""Runs the core's passes: wakes them when a commit concerns them, and again when they ask for it."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import msgspec

from headway.app.adopt_loop import AdoptLoop
from headway.app.cluster_loop import ClusterLoop
from headway.app.deliver_loop import DeliverLoop
from headway.app.own_progress import EVERY_S, OwnProgress
from headway.app.trouble import Troubles
from headway.core.core import Core
from headway.core.errors import HeadwayError
from headway.core.model.change import Written
from headway.core.passes.arrays import Arrays
from headway.core.passes.deliver import Deliver
from headway.core.passes.expire import expire
from headway.core.passes.settle import Settle

logger = logging.getLogger(__name__)

_SETTLE_EVERY_S: Final = 1.0
_ARRAYS_EVERY_S: Final = 0.5
_EXPIRE_EVERY_S: Final = 60.0


class Chore(msgspec.Struct, frozen=True, kw_only=True):
    """A pass that is due again and again."""

    name: str
    every_s: float
    run: Callable[[], Awaitable[object]]


class Loops:
    """All background work of one server. ``start``, then ``stop``; running jobs run on."""

    def __init__(
        self,
        core: Core,
        *,
        troubles: Troubles,
        chores: Sequence[Chore] = (),
        background: Mapping[str, Callable[[], Awaitable[None]]] | None = None,
        is_watched: Callable[[], bool] = lambda: False,
    ) -> None:
        self._core = core
        self._background = background or {}
        self.troubles = troubles
        self._clusters = {
            name: ClusterLoop(core, cluster=name, troubles=self.troubles) for name in core.executors
        }
        self._adoptions = {
            name: AdoptLoop(core, cluster=name, foreign=foreign, troubles=self.troubles)
            for name, executor in core.executors.items()
            if (foreign := executor.foreign()) is not None
        }
        self._own = {
            name: OwnProgress(core, cluster=name, troubles=troubles, is_watched=is_watched)
            for name in core.executors
        }
        self._settle = settle = Settle(core)
        self._arrays = arrays = Arrays(core)
        self._deliver = _deliver_loop(core, self.troubles)
        self._chores = [
            Chore(name="settle", every_s=_SETTLE_EVERY_S, run=settle.round),
            Chore(name="arrays", every_s=_ARRAYS_EVERY_S, run=arrays.round),
            Chore(name="expire", every_s=_EXPIRE_EVERY_S, run=lambda: expire(core)),
            *(
                Chore(name=f"logs of cluster {name}", every_s=EVERY_S, run=own.round)
                for name, own in self._own.items()
            ),
            *chores,
        ]
        self._tasks: list[asyncio.Task[None]] = []
        self._unlisten: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin. Commits from now on wake what they concern."""
        self._unlisten = self._core.store.listen(self._heard)
        self._tasks = [
            asyncio.create_task(self._repeat(chore), name=chore.name) for chore in self._chores
        ]
        for name, loop in self._clusters.items():
            self._tasks.append(asyncio.create_task(loop.run(), name=f"cluster {name}"))
        for name, adoption in self._adoptions.items():
            self._tasks.append(asyncio.create_task(adoption.run(), name=f"adoption {name}"))
        if self._deliver is not None:
            self._tasks.append(asyncio.create_task(self._deliver.run(), name="callbacks"))
        for protocol, work in self._background.items():
            self._tasks.append(asyncio.create_task(self._beside(protocol, work), name=protocol))

    async def stop(self) -> None:
        """End all loops; a round that is cut off is taken up by the next server."""
        self._unlisten()
        self._settle.close()
        self._arrays.close()
        for adoption in self._adoptions.values():
            adoption.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for executor in self._core.executors.values():
            await executor.close()

    def _heard(self, commits: Sequence[Written]) -> None:
        if self._deliver is not None:
            self._deliver.heard(commits)
        for written in commits:
            for job in written.jobs:
                loop = self._clusters.get(job.cluster) if job.cluster else None
                if loop is not None and not (job.only_reports or job.is_adopted):
                    loop.noticed(job)
                own = self._own.get(job.cluster) if job.cluster else None
                if own is not None:
                    own.noticed(job)
                if job.state.is_final:
                    for other in self._clusters.values():
                        other.over(job)

    async def _repeat(self, chore: Chore) -> None:
        while True:
            try:
                await chore.run()
                self.troubles.over(chore.name)
            except HeadwayError as error:
                self.troubles.note(chore.name, str(error))
            except Exception:
                logger.exception("%s: a round failed", chore.name)
            await asyncio.sleep(chore.every_s)

    async def _beside(self, protocol: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:
            logger.exception("%s: what it does beside requests has ended", protocol)
            self.troubles.note(
                protocol,
                f"what it does beside requests has ended until the server's next start: {error}",
            )


def _deliver_loop(core: Core, troubles: Troubles) -> DeliverLoop | None:
    if core.sender is None:
        return None
    deliver = Deliver(core, sender=core.sender, chance=random.random)
    return DeliverLoop(core, deliver, troubles=troubles)
