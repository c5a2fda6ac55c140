"""What goes wrong in the background: what it is, and since when."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Ailment(StrEnum):
    """What is wrong with whatever has a trouble."""

    DOWN = "down"  #: it does not answer
    SLOW = "slow"  #: it was asked, and took too long to answer
    OTHER = "other"  #: what the words say


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """A trouble that has not passed.

    Attributes:
        words: what was said of it last.
        since: when it began, whatever was said of it then.
    """

    words: str
    since: datetime
    what: Ailment = Ailment.OTHER
