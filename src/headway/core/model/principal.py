"""Who is asking."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from headway.core.model.names import JobId


class Scope(StrEnum):
    """What a token is good for. Admin includes the other three; run includes report and read."""

    READ = "read"
    REPORT = "report"
    RUN = "run"
    ADMIN = "admin"


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who asks for something.

    Attributes:
        name: the user's name; "" for nobody in particular.
        scopes: what they may do, implied ones included (see ``widened``).
        job: set for a report token or a signed link: the one job it speaks for.
        via: how they were recognised: ``own-user``, ``token``, ``session``, ``link``, ``report-token``, ``open-network``,
            ``system``.
        token: the id of the user's token that they came by, in person or by a session that it began.
        expires: when that token, session or link ends; None is never, or not before somebody ends it.
    """

    name: str
    scopes: frozenset[Scope]
    job: JobId | None = None
    via: str = "system"
    token: str | None = None
    expires: datetime | None = None


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A stored token: never its secret, only that secret's SHA-256."""

    id: str
    user: str
    note: str
    scopes: frozenset[Scope]
    secret_hash: bytes
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None


_INCLUDES: Final = {
    Scope.ADMIN: frozenset(Scope),
    Scope.RUN: frozenset({Scope.RUN, Scope.REPORT, Scope.READ}),
    Scope.REPORT: frozenset({Scope.REPORT}),
    Scope.READ: frozenset({Scope.READ}),
}

#: The server itself: passes act in its name.
SYSTEM: Final = Principal(name="headway", scopes=frozenset(Scope), via="system")


def widened(scopes: frozenset[Scope]) -> frozenset[Scope]:
    """Give the scopes with those that they include."""
    return frozenset().union(*(_INCLUDES[scope] for scope in scopes))
