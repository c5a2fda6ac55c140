"""Which addresses may be called: the check is made on the address that is connected to, whatever name it had."""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
)
from typing import Final, TypeAlias

import msgspec

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network


def _networks(*words: str) -> tuple[Network, ...]:
    return tuple(ip_network(word) for word in words)


#: Never called, whatever is configured: (why, networks).
_ALWAYS_REFUSED: Final = (
    (
        "a cloud's own metadata are there",
        _networks(
            "169.254.169.254/32",
            "168.63.129.16/32",
            "100.100.100.200/32",
            "fd00:ec2::254/128",
            "fd20:ce::254/128",
        ),
    ),
    ("it is link-local", _networks("169.254.0.0/16", "fe80::/10", "fec0::/10")),
    ("it is a multicast address", _networks("224.0.0.0/4", "ff00::/8")),
    (
        "it is another address's spelling in IPv6",
        _networks(
            "::/96",
            "::ffff:0:0/96",
            "::ffff:0:0:0/96",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "2002::/16",
            "2001::/32",
        ),
    ),
    ("it is a shared address of a provider", _networks("100.64.0.0/10")),
    (
        "nobody has it: it is reserved",
        _networks(
            "0.0.0.0/8",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "240.0.0.0/4",
            "2001::/23",
            "2001:db8::/32",
            "3fff::/20",
            # all that is neither global unicast (2000::/3) nor private (fc00::/7)
            "::/3",
            "4000::/2",
            "8000::/2",
            "c000::/3",
            "e000::/4",
            "f000::/5",
            "f800::/6",
            "fe00::/9",
        ),
    ),
)
_LOOPBACK: Final = _networks("127.0.0.0/8", "::1/128")
_PRIVATE: Final = _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """What may be called beside the public network.

    Attributes:
        is_own: the server is for its own user on this machine: what that user reaches, it may call too.
        networks: what else is allowed, of loopback and private addresses.
        own_port: the server's own port, which is never called on this machine: it would be taken for its own user.
    """

    is_own: bool = False
    networks: Sequence[Network] = ()
    own_port: int | None = None

    def refusal(self, address: Address) -> str | None:
        """Tell why an address is not called; None when it may be."""
        if address == IPv6Address("::1"):  # within a network of spellings
            return self._unless_allowed(address, "it is this machine itself")
        for why, networks in _ALWAYS_REFUSED:
            if _is_in(address, networks):
                return why
        if _is_in(address, _LOOPBACK):
            return self._unless_allowed(address, "it is this machine itself")
        if _is_in(address, _PRIVATE):
            return self._unless_allowed(address, "it is in a private network")
        return None

    def is_self(self, peer: Address, own: Address, port: int) -> bool:
        """Tell whether a connection, by the addresses at its ends and the port called, has come to the server itself."""
        return port == self.own_port and (peer == own or peer.is_loopback)

    def is_named_self(self, host: str, address: Address | None, port: int) -> bool:
        """Tell whether an address that somebody gave can only be the server itself; ``address`` is the host as a number."""
        is_here = host == "localhost" if address is None else address.is_loopback
        return is_here and port == self.own_port

    def _unless_allowed(self, address: Address, why: str) -> str | None:
        if self.is_own or _is_in(address, self.networks):
            return None
        return f"{why}; --callback-network allows it"


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == one.version and address in one for one in networks)
