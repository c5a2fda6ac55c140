"""Links and sessions: what is asked, and what is answered."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from headway.core.model.link import LONGEST, SHORTEST, Shown
from headway.protocols.rest.wire.documents import Document


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What these bodies have in common: a key that is not known is refused."""


class LinkBody(Body, frozen=True, kw_only=True):
    """What a link shall show, and for how long."""

    what: Shown = Shown.PAGE
    expires_in_s: Annotated[
        float, Meta(ge=SHORTEST.total_seconds(), le=LONGEST.total_seconds())
    ] = 7 * 86_400.0


class LinkDocument(Document, frozen=True, kw_only=True):
    """A link: whoever has the address may read the job until it expires.

    Attributes:
        stderr_url: of a link to a log: what went to standard error; ``url`` is what went to standard output.
    """

    url: str
    stderr_url: str | msgspec.UnsetType = msgspec.UNSET
    what: Shown
    expires: datetime


class SessionBody(Body, frozen=True, kw_only=True):
    """With which token to sign in."""

    token: Annotated[str, Meta(min_length=1, max_length=500)]


class LoginLinkBody(Body, frozen=True, kw_only=True):
    """Where a one-time link shall lead: a path below this server's address."""

    to: Annotated[str, Meta(min_length=1, max_length=2000)] = "/"


class LoginLinkDocument(Document, frozen=True, kw_only=True):
    """A link that signs a browser in as whoever asked for it: once, and only until it expires."""

    url: str
    expires: datetime
