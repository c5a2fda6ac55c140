"""What an administrator chooses for the bus; the configuration file's table ``[moi]``."""

from collections.abc import Mapping
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.group import has_controls

_LONGEST_USER: Final = 200


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bus.

    Attributes:
        redis: the address of the Redis; None for no bus.
        user: whose groups and jobs are there, and in whose name its commands are taken.
    """

    redis: str | None = None
    user: str | None = None


class BusSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A bus that there is to be; see Settings."""

    url: str
    user: str


def read_settings(given: Mapping[str, object]) -> BusSettings | None:
    """Read the settings; None for no bus.

    Raises:
        InvalidRequest: one that is not known or of the wrong kind, or one without the other; the message names it.
    """
    try:
        settings = msgspec.convert(given, Settings)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"moi: {error}", field="moi") from None
    if settings.redis is None:
        if settings.user is None:
            return None
        raise InvalidRequest("moi.user is for the bus: say moi.redis too", field="moi.redis")
    if settings.user is None:
        raise InvalidRequest(
            "moi.redis needs moi.user: the one user whose groups and jobs are written there, and in whose name"
            " what is published there is done",
            field="moi.user",
        )
    if not 1 <= len(settings.user) <= _LONGEST_USER or has_controls(settings.user):
        raise InvalidRequest("moi.user must be a user's name", field="moi.user")
    return BusSettings(url=settings.redis, user=settings.user)
