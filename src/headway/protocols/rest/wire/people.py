"""Who may ask, as documents."""

from collections.abc import Sequence
from datetime import datetime

from headway.core.model.principal import Scope
from headway.protocols.rest.wire.documents import Document


class TokenDocument(Document, frozen=True, kw_only=True):
    """A token, without its secret."""

    id: str
    user: str
    note: str
    scopes: Sequence[Scope]
    created: datetime
    expires: datetime | None
    revoked: datetime | None


class NewTokenDocument(TokenDocument, frozen=True, kw_only=True):
    """A new token; ``token`` is its secret, shown this once."""

    token: str


class TokensDocument(Document, frozen=True, kw_only=True):
    """All tokens, oldest first, ended ones too."""

    tokens: Sequence[TokenDocument]


class WhoAmI(Document, frozen=True, kw_only=True):
    """Who is asking, as the server sees it; ``via`` tells how it knows."""

    name: str
    scopes: Sequence[Scope]
    job: str | None
    via: str
