"""A query that a user keeps under a name."""

from datetime import datetime

import msgspec


class SavedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """One user's filter; its name is theirs alone. ``q`` is a text in the search grammar."""

    user: str
    name: str
    q: str
    created: datetime
