"""Who may do what, what users keep, and the server itself."""

from collections.abc import Mapping
from datetime import datetime

import msgspec


class SavedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A query under a name."""

    name: str
    q: str
    created: datetime | None = None


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its secret."""

    id: str
    user: str
    scopes: tuple[str, ...] = ()
    note: str = ""
    created: datetime | None = None
    expires: datetime | None = None
    revoked: datetime | None = None


class CreatedToken(Token, frozen=True, kw_only=True):
    """A new token. ``token`` is the secret, told only here."""

    token: str


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """An address, and until when it is good."""

    url: str
    expires: datetime


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who the server takes a caller for."""

    name: str = ""
    scopes: tuple[str, ...] = ()
    via: str = ""


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster and how it is.

    Attributes:
        runs_as: the account that jobs run as; "" where it is not known, None where each runs as its owner's.
    """

    name: str
    kind: str = ""
    health: str = ""
    detail: str = ""
    accepted: int = 0
    queued: int = 0
    running: int = 0
    room: int | None = None
    runs_as: str | None = ""
    adopts: bool = False
    others: int | None = None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is: ``ok`` or ``degraded``, and then what is amiss."""

    status: str
    version: str = ""
    troubles: Mapping[str, str] = msgspec.field(default_factory=dict)
