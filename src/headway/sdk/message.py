"""An HTTP request and its response as plain values."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

Pairs = tuple[tuple[str, str], ...]

_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_QUOTED: Final = tuple(chr(n) if n in _PLAIN else f"%{n:02X}" for n in range(256))


class Request(NamedTuple):
    """What to send. ``path`` is quoted already and begins with a slash; the query is not quoted."""

    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    body: bytes = b""

    @property
    def target(self) -> str:
        """The path with its query, fit for a request line."""
        if not self.query:
            return self.path
        return self.path + "?" + "&".join(f"{quoted(k)}={quoted(v)}" for k, v in self.query)

    @property
    def is_repeatable(self) -> bool:
        """Tell whether sending it twice does no more than sending it once."""
        return self.method in {"GET", "HEAD", "PUT", "DELETE"} or any(
            name == "idempotency-key" for name, _ in self.headers
        )


class Response(NamedTuple):
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def quoted(text: str) -> str:
    """Percent-encode everything but the unreserved characters, as UTF-8.

    Characters that stand for bytes that are not UTF-8 (``surrogateescape``) give those bytes.

    Source: RFC 3986, section 2.3.
    """
    return "".join(_QUOTED[byte] for byte in text.encode("utf-8", "surrogateescape"))


def path_of(*parts: str) -> str:
    """Build a path below ``/api/v1`` of segments that may hold any character."""
    return "/api/v1/" + "/".join(map(quoted, parts))


def present(pairs: Iterable[tuple[str, object | None]]) -> Pairs:
    """Give the query of those pairs that have a value; True becomes 1, False and None drop out."""
    return tuple(
        (name, "1" if value is True else str(value))
        for name, value in pairs
        if value is not None and value is not False
    )
