"""Publications of others that wait to be looked at: never many, and taken at a pace that leaves time for the jobs."""

import asyncio
from collections import deque
from typing import Final

from headway.protocols.moi.wire.keys import MOST_BYTES

_MOST: Final = 2_000
_MOST_ALL_BYTES: Final = 16 * MOST_BYTES
_AT_ONCE: Final = 50
_PAUSE_S: Final = 0.05


class Waiting:
    """Who sends faster than that is left to Redis, which gives up on a reader who is too slow."""

    def __init__(self) -> None:
        self._items: deque[tuple[bytes, bytes]] = deque()
        self._bytes = 0
        self._there = asyncio.Event()
        self._run = 0
        self._began_s = 0.0

    def put(self, channel: bytes, payload: bytes) -> bool:
        """Put one in; tells whether there was room."""
        kept = payload[: MOST_BYTES + 1]  # enough to see that it is too long
        size = len(channel) + len(kept)
        if len(self._items) >= _MOST or self._bytes + size > _MOST_ALL_BYTES:
            return False
        self._items.append((channel, kept))
        self._bytes += size
        self._there.set()
        return True

    async def take(self) -> tuple[bytes, bytes]:
        """Take the oldest, as soon as there is one."""
        while not self._items:
            self._there.clear()
            await self._there.wait()
        item = self._items.popleft()
        self._bytes -= len(item[0]) + len(item[1])
        return item

    async def pace(self) -> None:
        """Wait a moment, when many came in a short time."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._began_s > _PAUSE_S:
            self._began_s, self._run = now_s, 0
        self._run += 1
        if self._run > _AT_ONCE:
            await asyncio.sleep(_PAUSE_S)
