"""Runs the pass deliver: a task for each call, and a wake-up when something is to be told."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Final

from headway.app.trouble import Troubles
from headway.core.core import Core
from headway.core.errors import HeadwayError
from headway.core.model.change import Written
from headway.core.passes.deliver import Deliver
from headway.core.passes.lanes import Caller

logger = logging.getLogger(__name__)

_NAME: Final = "callbacks"
_LOOK_AGAIN_S: Final = 60.0  # a clock that was set costs no more than this
_BACK_OFF_S: Final = 1.0


class DeliverLoop:
    """The background work that calls others. Commits are heard from when it is made."""

    def __init__(self, core: Core, deliver: Deliver, *, troubles: Troubles) -> None:
        self._core = core
        self._deliver = deliver
        self._troubles = troubles
        self._wake = asyncio.Event()

    def heard(self, commits: Sequence[Written]) -> None:
        """Hear of commits."""
        for written in commits:
            if written.deliveries:
                self._deliver.heard(written)
                self._wake.set()

    async def run(self) -> None:
        """Take up what waits, and work until cancelled."""
        await self._start()
        async with asyncio.TaskGroup() as group:
            while True:
                for caller in self._deliver.take():
                    group.create_task(self._call(caller), name=f"callback {caller.job}")
                await self._sleep()

    async def _start(self) -> None:
        while True:
            try:
                await self._deliver.start()
            except HeadwayError as error:
                self._troubles.note(_NAME, str(error))
            else:
                self._troubles.over(_NAME)
                return
            await asyncio.sleep(_BACK_OFF_S)

    async def _call(self, caller: Caller) -> None:
        try:
            await self._deliver.deliver(caller)
            self._troubles.over(_NAME)
        except HeadwayError as error:
            self._troubles.note(_NAME, str(error))
        except Exception:
            logger.exception("job %s: callback %d failed", caller.job, caller.place)
        finally:
            self._wake.set()

    async def _sleep(self) -> None:
        """Wait until there may be something to do."""
        due = self._deliver.next_due()
        rest_s = _LOOK_AGAIN_S
        if due is not None:
            rest_s = min(rest_s, max(0.0, (due - self._core.clock.now()).total_seconds()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(rest_s):
                await self._wake.wait()
        self._wake.clear()
