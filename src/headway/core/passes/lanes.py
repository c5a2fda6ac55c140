"""Whose turn it is to be called: callbacks with something waiting, by when it is due and by how their receivers fare. Pure.

A receiver (an origin: scheme, host and port) that answers gets a few calls at a time, one that does not, or is not known yet,
a single one. Receivers that fare alike share a lane with its own number of calls, so that those that hang hold up only each
other.
"""

import heapq
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Final, NamedTuple

from headway.core.model.names import JobId


class Caller(NamedTuple):
    """One of a job's callbacks, by its place."""

    job: JobId
    place: int


class Lane(IntEnum):
    """How a receiver fared of late."""

    GOOD = 0
    NEW = 1
    FAILING = 2
    DEAD = 3


#: How many calls a lane makes at a time, and how many of them to one receiver.
_ROOM: Final = {Lane.GOOD: 128, Lane.NEW: 128, Lane.FAILING: 64, Lane.DEAD: 32}
_EACH: Final = {Lane.GOOD: 4, Lane.NEW: 1, Lane.FAILING: 1, Lane.DEAD: 1}
_DEAD_AFTER: Final = 3  # failures in a row
_ORIGINS_KEPT: Final = 4096


@dataclass(slots=True)
class _Origin:
    """A receiver.

    Attributes:
        failures: in a row; None before the first call.
        ready: callbacks that are due, in their order.
        queue: that of the lane in which it waits to be called; None while it does not, or has as many calls as it may.
    """

    failures: int | None = None
    busy: int = 0
    ready: deque[Caller] = field(default_factory=deque)
    queue: Lane | None = None

    @property
    def lane(self) -> Lane:
        if self.failures is None:
            return Lane.NEW
        if self.failures == 0:
            return Lane.GOOD
        return Lane.FAILING if self.failures < _DEAD_AFTER else Lane.DEAD


@dataclass(slots=True)
class _Turn:
    """A callback that has something waiting.

    Attributes:
        lane: that of its call, while it is being called.
        has_more: something came meanwhile.
        has_changed: what waits was changed meanwhile.
    """

    origin: str
    due: datetime
    is_ready: bool = False
    lane: Lane | None = None
    has_more: bool = False
    has_changed: bool = False


class Lanes:
    """All callbacks with something waiting. Each is being called, ready, or due later."""

    def __init__(self) -> None:
        self._turns: dict[Caller, _Turn] = {}
        self._origins: OrderedDict[str, _Origin] = OrderedDict()
        self._later: list[tuple[datetime, Caller]] = []
        self._queues: dict[Lane, OrderedDict[str, None]] = {lane: OrderedDict() for lane in Lane}
        self._busy = dict.fromkeys(Lane, 0)

    def add(self, caller: Caller, origin: str, due: datetime) -> None:
        """Know that a callback has something more waiting, the first of which is due then."""
        turn = self._turns.get(caller)
        if turn is None:
            self._turns[caller] = _Turn(origin, due)
            heapq.heappush(self._later, (due, caller))
        elif turn.lane is not None:
            turn.has_more = True

    def hasten(self, caller: Caller, origin: str, now: datetime) -> None:
        """Know that what waits for a callback has been changed from outside: it is looked at now."""
        self.add(caller, origin, now)
        turn = self._turns[caller]
        turn.has_changed = turn.lane is not None
        if turn.lane is None and not turn.is_ready and turn.due > now:
            turn.due = now
            heapq.heappush(self._later, (now, caller))

    def take(self, now: datetime) -> Sequence[Caller]:
        """Give the callbacks that are to be looked at now; they are being called until ``done``."""
        while self._later and self._later[0][0] <= now:
            due, caller = heapq.heappop(self._later)
            turn = self._turns.get(caller)
            if turn is not None and turn.due == due and turn.lane is None and not turn.is_ready:
                turn.is_ready = True
                self._of(turn.origin).ready.append(caller)
                self._queue(turn.origin)
        return list(self._taken())

    def done(
        self, caller: Caller, *, now: datetime, due: datetime | None, answered: bool | None = None
    ) -> None:
        """End a callback's turn.

        Args:
            caller: that ``take`` has given.
            now: the present time.
            due: when it is to be looked at again; None when nothing waits.
            answered: whether the receiver acknowledged; None when it was not called.
        """
        turn = self._turns[caller]
        origin = self._of(turn.origin)
        if turn.lane is not None:
            self._busy[turn.lane] -= 1
            origin.busy -= 1
        if answered is not None:
            origin.failures = 0 if answered else (origin.failures or 0) + 1
        self._queue(turn.origin)
        if turn.has_changed or (due is None and turn.has_more):
            due = now
        if due is None:
            del self._turns[caller]
            self._trim()
            return
        self._turns[caller] = _Turn(turn.origin, due)
        heapq.heappush(self._later, (due, caller))

    def next_due(self) -> datetime | None:
        """Tell when the next callback that is not ready becomes so; None for never."""
        while self._later:
            due, caller = self._later[0]
            turn = self._turns.get(caller)
            if turn is not None and turn.due == due and turn.lane is None and not turn.is_ready:
                return due
            heapq.heappop(self._later)
        return None

    def _taken(self) -> Iterator[Caller]:
        """Take one callback of each receiver, round and round, while its lane has room."""
        for lane, queue in self._queues.items():
            while queue and self._busy[lane] < _ROOM[lane]:
                name = next(iter(queue))
                queue.move_to_end(name)
                yield self._take_of(name)

    def _take_of(self, name: str) -> Caller:
        origin = self._origins[name]
        caller = origin.ready.popleft()
        turn = self._turns[caller]
        turn.is_ready, turn.has_more, turn.has_changed = False, False, False
        turn.lane = origin.lane
        origin.busy += 1
        self._busy[origin.lane] += 1
        self._queue(name)
        return caller

    def _queue(self, name: str) -> None:
        """Have a receiver wait in its lane while it may be called: however many there are, none is looked at in vain."""
        origin = self._origins[name]
        may_be_called = origin.ready and origin.busy < _EACH[origin.lane]
        queue = origin.lane if may_be_called else None
        if queue is origin.queue:
            return
        if origin.queue is not None:
            del self._queues[origin.queue][name]
        if queue is not None:
            self._queues[queue][name] = None
        origin.queue = queue

    def _of(self, name: str) -> _Origin:
        origin = self._origins.setdefault(name, _Origin())
        self._origins.move_to_end(name)
        return origin

    def _trim(self) -> None:
        """Forget how receivers fared that were not called for long."""
        while len(self._origins) > _ORIGINS_KEPT:
            name, oldest = next(iter(self._origins.items()))
            if oldest.busy or oldest.ready:
                self._origins.move_to_end(name)
                return
            del self._origins[name]
