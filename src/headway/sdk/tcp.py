"""Connections to servers without a certificate."""

import socket

from headway.sdk.address import Address


def dial(address: Address, timeout_s: float) -> socket.socket:
    """Open a TCP connection.

    Raises:
        OSError: nobody listens there, or the name means nothing.
    """
    # As bytes: for text, getaddrinfo imports the codec of international names, which takes longer than the request.
    host = address.host.encode("ascii")
    failure: OSError | None = None
    for family, kind, protocol, _, place in socket.getaddrinfo(
        host, address.port, type=socket.SOCK_STREAM
    ):
        opened = socket.socket(family, kind, protocol)
        opened.settimeout(timeout_s)
        try:
            opened.connect(place)
        except OSError as error:
            opened.close()
            failure = error
            continue
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened
    raise failure or OSError(f"{address.host} has no address")
