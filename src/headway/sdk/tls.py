"""Connections to servers with a certificate."""

import socket
import ssl

from headway.core.errors import ServerUnreachable
from headway.sdk.address import Address
from headway.sdk.tcp import dial


def dial_tls(address: Address, timeout_s: float) -> socket.socket:
    """Open a TLS connection; see ``trusted``.

    Raises:
        ServerUnreachable: its certificate is not trusted.
        OSError: nobody listens there.
    """
    line = dial(address, timeout_s)
    try:
        return trusted().wrap_socket(line, server_hostname=address.host)
    except ssl.SSLCertVerificationError as error:
        raise ServerUnreachable(untrusted_words(address.url, error)) from error


def trusted() -> ssl.SSLContext:
    """Give what takes certificates that this machine trusts (SSL_CERT_FILE says which)."""
    return ssl.create_default_context()


def untrusted_words(url: str, error: ssl.SSLCertVerificationError) -> str:
    """Say that a server's certificate is not trusted, and what can be done."""
    return (
        f"the certificate of {url} is not trusted here ({error.verify_message});"
        " SSL_CERT_FILE can name a file with it, or with its issuer's"
    )
