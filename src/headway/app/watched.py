"""Tells executors that somebody looks, so that they ask their schedulers more often than they would by themselves."""

from collections.abc import Collection
from typing import Final

from headway.core.ports.executor import Executor
from headway.protocols.http.live.hub import HubFigures

WATCHED_EVERY_S: Final = 1.0


class Watched:
    """Looks whether a page, a websocket or a command follows changes now."""

    def __init__(self, executors: Collection[Executor], figures: HubFigures) -> None:
        self._executors = executors
        self._figures = figures

    async def round(self) -> None:
        """Pass it on."""
        if self._figures.clients:
            for executor in self._executors:
                executor.hurry()
