"""A mapping that keeps what was used last."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Lru(Generic[K, V]):
    """At most ``size`` pairs after each ``trim``. Belongs to one thread.

    Attributes:
        changes: rises when something is forgotten that a load under way does not know of.
    """

    def __init__(self, size: int) -> None:
        self.changes = 0
        self._size = size
        self._pairs: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Give a value and note its use."""
        value = self._pairs.get(key)
        if value is not None:
            self._pairs.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep a value, as the one used last."""
        self._pairs[key] = value
        self._pairs.move_to_end(key)

    def overtake(self) -> None:
        """Have nothing kept of the loads under way: what they give is old already."""
        self.changes += 1

    def clear(self) -> None:
        """Forget everything."""
        self.changes += 1
        self._pairs.clear()

    def drop(self, unwanted: Callable[[K, V], bool]) -> None:
        """Forget the pairs that are not wanted any more."""
        self.changes += 1
        for key in [key for key, value in self._pairs.items() if unwanted(key, value)]:
            del self._pairs[key]

    def trim(self) -> None:
        """Forget what was used longest ago."""
        while len(self._pairs) > self._size:
            self.changes += 1
            self._pairs.popitem(last=False)
