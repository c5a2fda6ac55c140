"""Runs the passes adopt and log_progress for one cluster."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from headway.app.trouble import Troubles
from headway.core.core import Core
from headway.core.errors import ExecutorUnavailable, HeadwayError
from headway.core.model.names import Cluster
from headway.core.passes.adopt import Adopt
from headway.core.passes.log_progress import LogProgress
from headway.core.passes.running_logs import AdoptedLogs
from headway.core.ports.foreign import ForeignJobs

logger = logging.getLogger(__name__)

_LOOK_EVERY_S: Final = 0.5  # at what the executor has listed by itself: this asks nobody
_BETWEEN_S: Final = 0.02
_LOGS_EVERY_S: Final = 2.0
_AFTER_TROUBLE_S: Final = 5.0
_AWAY_AFTER: Final = timedelta(seconds=60)  #: jobs are not disturbed by a short absence


class AdoptLoop:
    """One cluster's background work on jobs that Headway did not hand over."""

    def __init__(
        self, core: Core, *, cluster: Cluster, foreign: ForeignJobs, troubles: Troubles
    ) -> None:
        self._name = f"adoption {cluster}"
        self._cluster = f"cluster {cluster}"
        self._troubles = troubles
        self._is_on = cluster in core.adopting
        self._foreign = foreign
        self._adopt = Adopt(core, cluster=cluster, foreign=foreign)
        self._logs = LogProgress(core, AdoptedLogs(self._adopt, foreign))

    def close(self) -> None:
        """Hear no more; the loop has ended."""
        self._adopt.close()

    async def run(self) -> None:
        """Work until cancelled; where adoption is off, let go of what was adopted before."""
        await self._until_it_works(self._adopt.start)
        if not self._is_on:
            await self._until_it_works(self._adopt.let_go)
            return
        self._foreign.follow()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look())
            group.create_task(self._read_logs())

    async def _look(self) -> None:
        more = False

        async def look() -> None:
            nonlocal more
            is_away = self._cluster in self._troubles.present() and self._adopt.age() > _AWAY_AFTER
            more = await (self._adopt.say_away() if is_away else self._adopt.round())

        while True:
            is_well = await self._try(look)
            rest_s = _BETWEEN_S if more else _LOOK_EVERY_S
            await asyncio.sleep(rest_s if is_well else _AFTER_TROUBLE_S)

    async def _read_logs(self) -> None:
        while True:
            await self._try(self._logs.round)
            await asyncio.sleep(_LOGS_EVERY_S)

    async def _until_it_works(self, work: Callable[[], Awaitable[object]]) -> None:
        for _ in range(1_000_000_000):
            if await self._try(work):
                return
            await asyncio.sleep(_AFTER_TROUBLE_S)

    async def _try(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Do it, and tell whether it went well."""
        try:
            await work()
        except ExecutorUnavailable as error:  # the cluster's own loop says so
            logger.debug("%s: %s", self._name, error)
        except HeadwayError as error:
            self._troubles.note(self._name, str(error))
        except Exception as error:
            logger.exception("%s: a round failed", self._name)
            self._troubles.note(self._name, f"{type(error).__name__}: {error}")
        else:
            self._troubles.over(self._name)
            return True
        return False
