"""Connections to servers with a certificate."""

import socket
import ssl

from headway.sdk.address import Address
from headway.sdk.tcp import dial


def dial_tls(address: Address, timeout_s: float) -> socket.socket:
    """Open a TLS connection; the certificate must be one that this machine trusts (SSL_CERT_FILE adds to that).

    Raises:
        OSError: nobody listens there, or its certificate is not trusted.
    """
    context = ssl.create_default_context()
    return context.wrap_socket(dial(address, timeout_s), server_hostname=address.host)
