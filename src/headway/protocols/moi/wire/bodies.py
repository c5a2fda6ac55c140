"""What the client library sends."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from headway.core.errors import InvalidRequest
from headway.lib.jsonvalue import JsonValue

UNNAMED = "unnamed"  #: as moi called groups that it made by the way


class UserBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A moi user, by their name in the application that they use."""

    user: str


class GroupBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group; ``parent`` is the group that it goes into, the caller's own where nothing is said."""

    id: str | None = None
    name: str = UNNAMED
    url: str | None = None
    parent: str | None = None


T = TypeVar("T", UserBody, GroupBody)


def read_body(body: Mapping[str, JsonValue], kind: type[T]) -> T:
    """Read a body.

    Raises:
        InvalidRequest: a key is missing, unknown or of the wrong kind; the message names it.
    """
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"the body: {error}") from None
