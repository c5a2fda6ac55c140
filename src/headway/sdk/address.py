"""Where a server is: its URL taken apart."""

import re
from typing import Final, NamedTuple

from headway.core.errors import InvalidRequest

_URL: Final = re.compile(
    r"(?:(?P<scheme>https?)://)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<prefix>/[^?#\s]*)?"
)
_PORTS: Final = {"http": 80, "https": 443}
_HIGHEST_PORT: Final = 65535


class Address(NamedTuple):
    """A server's address. ``prefix`` is "" or begins with a slash and does not end with one."""

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @property
    def authority(self) -> str:
        """Host and port as the ``Host`` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL that pages and requests are below, without a slash at its end."""
        return f"{self.scheme}://{self.authority}{self.prefix}"


def read_address(url: str) -> Address:
    """Read ``http://host:port/prefix``; without a scheme it is http.

    Raises:
        InvalidRequest: it is something else; a URL with a user name in it is.
    """
    found = _URL.fullmatch(url.strip())
    port = 0 if found is None else int(found["port"] or _PORTS[found["scheme"] or "http"])
    if found is None or not 0 < port <= _HIGHEST_PORT:
        raise InvalidRequest(
            f"{url!r} is not a server's address; write it like http://127.0.0.1:9998", field="url"
        )
    return Address(
        scheme=found["scheme"] or "http",
        host=found["host"].strip("[]"),
        port=port,
        prefix=(found["prefix"] or "").rstrip("/"),
    )
