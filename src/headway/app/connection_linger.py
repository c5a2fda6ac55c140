"""The end of a connection whose client may still be sending."""

import asyncio
from typing import Final

from headway.lib.asgi import Headers, header

_LINGER_BYTES: Final = 1024 * 1024
_LINGER_S: Final = 2.0
_LENGTH_DIGITS: Final = 18


def is_short(headers: Headers) -> bool:
    """Tell from a request's headers whether its body is soon passed over."""
    declared = header(headers, b"content-length") or b""
    return declared.isdigit() and int(declared[:_LENGTH_DIGITS]) <= _LINGER_BYTES


class Linger:
    """Closes a connection, and lets its client read the answer first.

    Closing with unread bytes waiting resets the connection, and the answer is lost on its way (RFC 9112, 9.6): close our
    half, drop what still comes for a moment, then close.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._dropped_bytes = 0
        transport.write_eof()
        loop.call_later(_LINGER_S, transport.close)

    def drop(self, count: int) -> None:
        """Drop bytes that came; too many end it at once."""
        self._dropped_bytes += count
        if self._dropped_bytes > _LINGER_BYTES:
            self._transport.close()
