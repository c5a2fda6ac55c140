"""How many requests nobody in particular may make from one address."""

from collections import OrderedDict
from datetime import datetime
from typing import Final

from headway.core.errors import TooMany

PER_S: Final = 200.0
BURST: Final = 2000.0
_MOST_ADDRESSES: Final = 10_000


class RateLimit:
    """A bucket of tokens for each address; the ones that were not seen for longest are forgotten."""

    def __init__(self, *, per_s: float = PER_S, burst: float = BURST) -> None:
        self._per_s = per_s
        self._burst = burst
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, address: str, *, at: datetime) -> None:
        """Count one request.

        Raises:
            TooMany: the address has used up what it may.
        """
        left, then = self._buckets.pop(address, (self._burst, at))
        left = min(self._burst, left + self._per_s * (at - then).total_seconds())
        self._buckets[address] = (max(0.0, left - 1.0), at)
        if len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        if left < 1.0:
            raise TooMany(
                f"more than {self._per_s:g} requests a second from {address}; report less often, "
                "or with the key of the job's update address"
            )
