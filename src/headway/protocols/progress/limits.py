"""How many requests nobody in particular may make."""

from collections import OrderedDict
from datetime import datetime
from ipaddress import IPv6Address, IPv6Network
from typing import Final

from headway.core.errors import TooMany
from headway.lib.asgi import Scope
from headway.protocols.http.connection import connection_of
from headway.protocols.http.identity import client_address

PER_S: Final = 200.0
BURST: Final = 2000.0
_MOST_SOURCES: Final = 10_000
_ONE_HOLDER_BITS: Final = 64  # of an IPv6 address: who has one has all that begin so


def source_of(scope: Scope, *, behind_proxy: bool) -> str:
    """Name whom a request counts for: a user of this machine, who has many addresses, or else an address."""
    connection = connection_of(scope)
    if connection is not None and not behind_proxy and connection.uid is not None:
        return f"user {connection.uid} of this machine"
    address = client_address(scope, behind_proxy=behind_proxy)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _ONE_HOLDER_BITS), strict=False))
    return str(address)


class Buckets:
    """A bucket of tokens for each source; the ones that were not seen for longest are forgotten."""

    def __init__(self, *, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, source: str, *, at: datetime) -> float:
        """Take a token if there is one; gives the seconds to wait for the next, 0 when it was there."""
        left, then = self._buckets.pop(source, (self._burst, at))
        left = min(self._burst, left + self._per_s * (at - then).total_seconds())
        self._buckets[source] = (left - 1.0 if left >= 1.0 else left, at)
        if len(self._buckets) > _MOST_SOURCES:
            self._buckets.popitem(last=False)
        return 0.0 if left >= 1.0 else (1.0 - left) / self._per_s


class RateLimit:
    """How many requests a second one source may make."""

    def __init__(self, *, per_s: float = PER_S, burst: float = BURST) -> None:
        self._per_s = per_s
        self._buckets = Buckets(per_s=per_s, burst=burst)

    def take(self, source: str, *, at: datetime) -> None:
        """Count one request.

        Raises:
            TooMany: the source has used up what it may.
        """
        if self._buckets.take(source, at=at):
            raise TooMany(
                f"more than {self._per_s:g} requests a second from {source}; report less often, "
                "or with the key of the job's update address"
            )
