"""Who holds how many of the connections, so that nobody can hold them all."""

from ipaddress import IPv6Address, IPv6Network
from typing import Final

from headway.app.connection_peer import Peer

_ONE_HOLDER_BITS: Final = 64  # of an IPv6 address: who has one has all that begin so
_FEW: Final = 4  #: so many times fewer connections than one may have are few
_OWN: Final = "the server's own user"


class Crowd:
    """Counts connections by whom they belong to: a user of this machine, or else an address.

    The server's own user may have all; ``kept`` of them nobody else may have. While there are few in all, nobody is looked
    up: to ask the kernel costs as much as half a request.
    """

    def __init__(self, *, most: int, each: int, kept: int) -> None:
        self._most = most
        self._each = each
        self._kept = kept
        self._few = min(each, most - kept) // _FEW
        self._unknown: set[Peer] = set()
        self._sources: dict[Peer, str] = {}
        self._counts: dict[str, int] = {}

    def enter(self, peer: Peer) -> str | None:
        """Count a new connection; gives why it may not stay, if it may not."""
        if len(self._unknown) + len(self._sources) < self._few:
            self._unknown.add(peer)
            return None
        while self._unknown:
            known = self._unknown.pop()
            self._count(known, _source_of(known))
        source = _source_of(peer)
        refused = self._refusal(source)
        if refused is None:
            self._count(peer, source)
        return refused

    def leave(self, peer: Peer) -> None:
        """Count a connection no more; one that did not stay was never counted."""
        self._unknown.discard(peer)
        source = self._sources.pop(peer, None)
        if source is None:
            return
        self._counts[source] -= 1
        if not self._counts[source]:
            del self._counts[source]

    def _count(self, peer: Peer, source: str) -> None:
        self._sources[peer] = source
        self._counts[source] = self._counts.get(source, 0) + 1

    def _refusal(self, source: str) -> str | None:
        others = len(self._sources) - self._counts.get(_OWN, 0)
        is_full = len(self._sources) >= self._most
        if is_full or (source != _OWN and others >= self._most - self._kept):
            return "too many connections; try again soon"
        if source != _OWN and self._counts.get(source, 0) >= self._each:
            return f"{source} has {self._each} connections, and one may have no more; close some"
        return None


def _source_of(peer: Peer) -> str:
    if peer.is_own_user:
        return _OWN
    if peer.uid is not None:
        return f"user {peer.uid} of this machine"
    if isinstance(peer.address, IPv6Address):
        return str(IPv6Network((peer.address, _ONE_HOLDER_BITS), strict=False))
    return str(peer.address)
