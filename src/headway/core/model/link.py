"""Signed links: an address that shows one job to whoever has it, until it expires."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from headway.core.model.names import JobId

LONGEST: Final = timedelta(days=366)
SHORTEST: Final = timedelta(seconds=60)


class Shown(StrEnum):
    """What a link shows of its job, and nothing else of it."""

    PAGE = "page"  #: everything that the job's page shows: its logs and environment too
    PNG = "png"
    SVG = "svg"
    BADGE = "badge"
    LOG = "log"  #: both of its streams, whichever the address names


class SignedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link. ``value`` goes into the query of an address as ``link=``.

    Attributes:
        has_stderr: it was just made, to a log of which there is a second stream.
    """

    value: str
    what: Shown
    job: JobId
    expires: datetime
    has_stderr: bool = False
