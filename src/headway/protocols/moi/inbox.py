"""What waits to be done for one client, in the order in which it came."""

import asyncio
from collections import deque
from typing import Final, TypeAlias

from headway.core.model.change import Written
from headway.core.model.job import Job

#: A client's message, or a commit.
Item: TypeAlias = str | Written

MOST_CHANGES: Final = 50_000  #: jobs and places that may wait to be told of
_MOST_MESSAGES: Final = 16
_GET: Final = '{"get":'


class Inbox:
    """Messages are taken a few at a time, so that whoever sends them has to wait; commits are never waited for.

    Attributes:
        is_over: more changes waited than may: some are lost, and the client has to begin again.
        is_idle: nothing waits, and whoever takes is waiting.
    """

    def __init__(self) -> None:
        self._items: deque[Item] = deque()
        self._changes = 0
        self._there = asyncio.Event()
        self._room = asyncio.Semaphore(_MOST_MESSAGES)
        self._last: str | None = None  # a client's message, while it waits
        self.is_over = False
        self.is_idle = False

    async def say(self, message: str) -> None:
        """Put a client's message in, as soon as there is room.

        A get that waits and is said again at once is answered once: what it gives is read when it is answered.
        """
        if message == self._last and message.startswith(_GET):
            return
        await self._room.acquire()
        self._last = message
        self._put(message)

    def happen(self, written: Written) -> None:
        """Put a commit in."""
        self._changes += _size(written)
        if self._changes > MOST_CHANGES:
            self.is_over = True
            self._items.clear()
        else:
            self._items.append(written)
        self._there.set()

    async def take(self) -> Item | None:
        """Take what came first, as soon as there is something; None when it is over."""
        while not self._items and not self.is_over:
            self.is_idle = True
            self._there.clear()
            await self._there.wait()
        self.is_idle = False
        if self.is_over:
            return None
        item = self._items.popleft()
        if isinstance(item, Written):
            self._changes -= _size(item)
        else:
            self._room.release()
            if item is self._last:
                self._last = None
        return item

    def _put(self, item: Item) -> None:
        self._items.append(item)
        self._there.set()


def _size(written: Written) -> int:
    jobs: tuple[Job, ...] = written.jobs
    return 1 + len(jobs) + len(written.memberships) + len(written.removals)
