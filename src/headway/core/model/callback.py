"""Who is told of a job's changes by HTTP: asked for with the job, kept with it."""

from typing import Final
from urllib.parse import urlsplit

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.event import EventType

MOST_CALLBACKS: Final = 8  #: of one job
_URL_CHARACTERS: Final = 2048
_PORTS: Final = {"http": 80, "https": 443}


class Callback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An address that is called when a job's state changes, at least once for each change, in their order.

    Attributes:
        url: http or https, absolute.
        words: the protocol in whose words the call is made; it says the method and the body too.
        secret: what the call is signed with where the protocol's calls are signed over the body; "" for unsigned ones.
            Never shown again.
        events: the types that are told of; empty for every change of state.
    """

    url: str
    words: str
    secret: str = ""
    events: tuple[EventType, ...] = ()


def check_url(url: str, *, field: str) -> None:
    """Check that an address can be called.

    Raises:
        InvalidRequest: the message says what it lacks.
    """
    if len(url) > _URL_CHARACTERS:
        raise InvalidRequest(
            f"{field} must not be longer than {_URL_CHARACTERS} characters", field=field
        )
    if not url.isascii() or not url.isprintable() or " " in url:
        raise InvalidRequest(
            f"{field} must be written in ASCII without blanks: escape other characters with %",
            field=field,
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidRequest(f"{field} is no address: {error}", field=field) from None
    if parts.scheme not in _PORTS or not host:
        raise InvalidRequest(f"{field} must be an http:// or https:// address", field=field)
    if "@" in parts.netloc:
        raise InvalidRequest(f"{field} must not have a user or a password in it", field=field)


def origin_of(url: str) -> str:
    """Give scheme, host and port of an address that ``check_url`` lets pass."""
    scheme, host, port = place_of(url)
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port}"


def place_of(url: str) -> tuple[str, str, int]:
    """Give scheme, host in small letters and port of an address that ``check_url`` lets pass."""
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, 0)
    return parts.scheme, parts.hostname or "", port
