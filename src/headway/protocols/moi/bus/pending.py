"""Commits that wait to be written to Redis. Nobody waits for them, and there are never many."""

import asyncio
from collections.abc import Sequence
from typing import Final

from headway.core.model.change import Written

_MOST: Final = 10_000  #: jobs, groups and places that may wait
_AT_ONCE: Final = 200  #: commits


class Pending:
    """What concerns one user. Where too much waits, all of it is dropped: then everything has to be compared anew."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._items: list[Written] = []
        self._size = 0
        self._there = asyncio.Event()
        self._is_over = False

    def happen(self, commits: Sequence[Written]) -> None:
        """Hear of commits."""
        if self._is_over:
            return
        for written in commits:
            if self._concerns(written):
                self._items.append(written)
                self._size += _size(written)
                self._there.set()
        if self._size > _MOST:
            self.end()

    def end(self) -> None:
        """Have everything compared anew, and drop what waits."""
        self._is_over = True
        self._items.clear()
        self._there.set()

    def begin(self) -> None:
        """Begin anew: all that happens from now on is to be told."""
        self._is_over = False
        self._items.clear()
        self._size = 0
        self._there.clear()

    async def take(self) -> Sequence[Written] | None:
        """Take some of what waits, in its order, as soon as there is something; None when everything is to be compared."""
        await self._there.wait()
        if self._is_over:
            return None
        some, self._items = self._items[:_AT_ONCE], self._items[_AT_ONCE:]
        self._size -= sum(map(_size, some))
        if not self._items:
            self._there.clear()
        return some

    def _concerns(self, written: Written) -> bool:
        owner = self._owner
        return (
            any(job.owner == owner for job in written.jobs)
            or any(one.owner == owner for one in written.groups)
            or any(one.owner == owner for one in written.memberships)
            or any(one.owner == owner for one in written.removals)
            or any(one.owner == owner for one in written.dropped_groups)
        )


def _size(written: Written) -> int:
    return (
        1
        + len(written.jobs)
        + len(written.groups)
        + len(written.memberships)
        + len(written.removals)
        + len(written.dropped_groups)
    )
