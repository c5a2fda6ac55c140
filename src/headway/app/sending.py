"""Sends one cluster's jobs, some sends at once: the next one goes while the executor still answers the one before."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from headway.core.model.job import Job
from headway.core.passes.dispatch import Dispatch

_AT_ONCE: Final = 2


class Sending:
    """Sends what there is to send.

    Args:
        wake: set when there may be more to send, or more room; this sets it, too.
        looked: called after each look at what there is to send.
    """

    def __init__(
        self, dispatch: Dispatch, *, wake: asyncio.Event, looked: Callable[[], None]
    ) -> None:
        self._dispatch = dispatch
        self._wake = wake
        self._looked = looked
        self._under_way = 0
        self._at_once = 1  # until the executor has answered, and after it failed to
        self._trouble: Exception | None = None

    async def send_all(self) -> None:
        """Send until there is nothing to send. What is under way when something fails is waited for, before that is raised."""
        self._trouble = None
        async with asyncio.TaskGroup() as group:
            await self._look(group)
        if self._trouble is not None:
            raise self._trouble

    async def _look(self, group: asyncio.TaskGroup) -> None:
        """Send what there is next, at once, and have others look further meanwhile: one looks at a time."""
        if jobs := await self._next():
            self._under_way += 1
            group.create_task(self._look(group))
            await self._send(jobs)

    async def _next(self) -> Sequence[Job]:
        """Wait for jobs that may be sent now; gives none when there are none, or something failed."""
        while self._trouble is None:
            jobs: Sequence[Job] = ()
            if self._under_way < self._at_once:
                try:
                    jobs = await self._dispatch.take()
                except Exception as error:  # noqa: BLE001 -- raised when what is under way is over
                    self._failed(error)
                self._looked()
            if jobs or not self._under_way:
                return jobs
            await self._wake.wait()
            self._wake.clear()
        return ()

    async def _send(self, jobs: Sequence[Job]) -> None:
        try:
            await self._dispatch.hand_over(jobs)
        except Exception as error:  # noqa: BLE001 -- see above
            self._failed(error)
        else:
            self._at_once = _AT_ONCE
        finally:
            self._under_way -= 1
            self._wake.set()

    def _failed(self, error: Exception) -> None:
        self._trouble = self._trouble or error
        self._at_once = 1
