"""How to connect to an address."""

import socket
from collections.abc import Callable

from headway.sdk.address import Address
from headway.sdk.tcp import dial

#: Opens a socket to an address within so many seconds.
Dial = Callable[[Address, float], socket.socket]


def dial_for(address: Address) -> Dial:
    """Give the way to connect that an address's scheme asks for."""
    if address.scheme == "http":
        return dial
    from headway.sdk.tls import dial_tls  # noqa: PLC0415 -- most commands never need ssl, which loads slowly

    return dial_tls
