"""How long a connection is kept without a request."""

import asyncio
from collections.abc import Callable


class Idleness:
    """Ends a connection that has waited too long for its next request.

    To arm a timer after each answer would cost more than to look, when one goes off, since when the connection waits.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, limit_s: float, end: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._limit_s = limit_s
        self._end = end
        self._timer: asyncio.TimerHandle | None = None
        self._since_s: float | None = None

    def begin(self) -> None:
        """Wait from now on."""
        self._since_s = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._limit_s, self._look)

    def over(self) -> None:
        """Wait no more: something came."""
        self._since_s = None

    def stop(self) -> None:
        """Never end the connection: it has ended, or is another protocol's."""
        self._since_s = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._since_s is None:
            return
        left_s = self._since_s + self._limit_s - self._loop.time()
        if left_s > 0:
            self._timer = self._loop.call_later(left_s, self._look)
        else:
            self._end()
