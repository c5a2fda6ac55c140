"""What the client library sends."""

import re
from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from headway.core.errors import InvalidRequest
from headway.lib.jsonvalue import JsonValue

UNNAMED = "unnamed"  #: as moi called groups that it made by the way


class UserBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A moi user, by their name in the application that they use."""

    user: str


class GroupBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group; ``parent`` is the group that it goes into, the caller's own where nothing is said.

    ``url`` may have no host: then it is one of the application's own, as moi's were.
    """

    id: str | None = None
    name: str = UNNAMED
    url: str | None = None
    parent: str | None = None


_URL: Final = re.compile(r"(https?://|/)[^\s\x00-\x1f]*")

T = TypeVar("T", UserBody, GroupBody)


def read_body(body: Mapping[str, JsonValue], kind: type[T]) -> T:
    """Read a body.

    Raises:
        InvalidRequest: a key is missing, unknown or of the wrong kind, which the message names; or url is no address.
    """
    try:
        read = msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"the body: {error}") from None
    url: str | None = getattr(read, "url", None)
    if url and not _URL.fullmatch(url):
        raise InvalidRequest("url must begin with http://, https:// or /", field="url")
    return read
