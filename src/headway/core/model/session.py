"""How a browser is signed in, and the links that sign it in once."""

from datetime import datetime
from typing import Final

import msgspec

from headway.core.model.principal import Principal

_MOST_LINKS: Final = 1000


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A browser's session. ``value`` is its cookie's; it is good until ``expires``, or until its token is ended."""

    value: str
    expires: datetime


class LoginLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link that signs a browser in as ``actor``, once.

    Attributes:
        once: the secret in the link.
        to: the path below the server's address that it leads to.
    """

    once: str
    actor: Principal
    to: str
    expires: datetime


class LoginLinks:
    """Links that were not used yet. They are gone with the process, as they should be: they last a minute."""

    def __init__(self) -> None:
        self._links: dict[str, LoginLink] = {}

    def add(self, link: LoginLink, *, at: datetime) -> None:
        """Keep a link until it is used or has expired; of too many, the oldest go."""
        good = {once: known for once, known in self._links.items() if known.expires > at}
        good[link.once] = link
        self._links = dict(list(good.items())[-_MOST_LINKS:])

    def take(self, once: str, *, at: datetime) -> LoginLink | None:
        """Give a link that is still good, and forget it."""
        link = self._links.pop(once, None)
        return link if link is not None and link.expires > at else None
