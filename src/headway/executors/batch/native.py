"""What a scheduler says of its jobs."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from headway.core.ports.foreign import ForeignJob

#: Every dialect's mark has the job's id in it, behind a word of ours. A job of another server's has one too.
_MARK: Final = re.compile(r"(?:headway:|hw[.-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class NativeJob(ForeignJob, frozen=True, kw_only=True, gc=False):
    """One job, or one element of an array, as its scheduler tells of it, ours or not.

    As a scheduler's words have it: a reason need not be one that the state has, and a log's path may be relative.

    Attributes:
        mark: what ``Dialect.mark`` had put on it; whatever is in that place on a job that is not ours.
    """

    mark: str = ""
    owner: str = ""

    @property
    def is_marked(self) -> bool:
        """Tell whether a Headway server submitted it, this one or another one."""
        return bool(self.mark) and _MARK.search(self.mark) is not None


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing said, and when it was asked for: attempts handed over since are not in it."""

    rows: Sequence[NativeJob]
    asked: datetime
