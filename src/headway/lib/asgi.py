"""The types of an ASGI application (ASGI 3.0), so that one can be typed without a web framework."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Header names (lower case) and values as they were on the wire.
Headers: TypeAlias = Sequence[tuple[bytes, bytes]]


def header(headers: Headers, name: bytes) -> bytes | None:
    """Give the value of the first header with this lower-case name, None without one."""
    for key, value in headers:
        if key == name:
            return value
    return None


def header_values(headers: Headers, name: bytes) -> list[bytes]:
    """Give the values of every header with this lower-case name, in their order."""
    # No comprehension: it is a call of its own, and this is asked many times a request, mostly for what is not there.
    found: list[bytes] = []
    for key, value in headers:
        if key == name:
            found.append(value)
    return found
