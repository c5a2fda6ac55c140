"""When functions that run are to be ended: their limits, and the grace of those that were told to."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from headway.core.model.names import Tag
from headway.executors.functions.engines.processes.member import Running

_AGAIN_S: Final = 1.0


class Endings:
    """Timers of attempts; ``grace_s`` is between JobCancelled and SIGKILL."""

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self._timers: dict[Tag, asyncio.TimerHandle] = {}

    def watch(self, running: Running, limit: Callable[[], None]) -> None:
        """Have something done when an attempt's limit has passed, also if that was while no server was there."""
        went_s = time.clock_gettime(time.CLOCK_REALTIME) - running.about.at
        self._set(running.tag, max(0.0, running.about.limit_s - went_s), limit)

    def kill_later(self, tag: Tag, kill: Callable[[], None]) -> None:
        """Have something done after the time of grace."""
        self._set(tag, self._grace_s, kill)

    def again(self, tag: Tag, what: Callable[[], None]) -> None:
        """Have something done that could not be done now."""
        self._set(tag, _AGAIN_S, what)

    def over(self, tag: Tag) -> None:
        """Know that an attempt has ended."""
        timer = self._timers.pop(tag, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """Do nothing more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _set(self, tag: Tag, after_s: float, what: Callable[[], None]) -> None:
        self.over(tag)
        self._timers[tag] = asyncio.get_running_loop().call_later(after_s, what)
