"""How long a connection is kept without a request, and how long one may be in coming."""

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


class Patience:
    """Waits for one thing at a time, for so long at most."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, limit_s: float) -> None:
        self._loop = loop
        self._limit_s = limit_s
        self._timer: asyncio.TimerHandle | None = None

    @property
    def has_begun(self) -> bool:
        """Tell whether something is waited for."""
        return self._timer is not None

    def begin(self, late: Callable[[], None]) -> None:
        """Wait; ``late`` is called when it takes too long."""
        self._timer = self._loop.call_later(self._limit_s, self._is_late, late)

    def end(self) -> None:
        """Wait no more: it came, or is not wanted."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_late(self, late: Callable[[], None]) -> None:
        self._timer = None
        late()
