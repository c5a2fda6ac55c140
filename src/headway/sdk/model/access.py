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
    """An address, and until when it is good.

    Attributes:
        stderr_url: of a link to a log: what went to standard error, where that is kept apart; ``url`` is the rest of it.
    """

    url: str
    expires: datetime
    stderr_url: str | None = None


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who the server takes a caller for."""

    name: str = ""
    scopes: tuple[str, ...] = ()
    via: str = ""


class ClusterTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """What is amiss with a cluster.

    Attributes:
        what: ``down``, ``slow`` or ``other``.
        concerns_you: whoever asks sees jobs there that have not ended.
    """

    what: str
    since: datetime
    concerns_you: bool = True


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster and how it is.

    Attributes:
        trouble: what is amiss, in the words of ``detail``; None while all is well.
        runs_as: the account that jobs run as; "" where it is not known, None where each runs as its owner's.
    """

    name: str
    kind: str = ""
    health: str = ""
    detail: str = ""
    trouble: ClusterTrouble | None = None
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
