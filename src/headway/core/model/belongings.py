"""What belongs to a job and is shown with it. Workers and events do, too, but there may be many: they are paged."""

from collections.abc import Sequence

import msgspec

from headway.core.model.job import Attempt
from headway.core.model.worker import Counter, Tally


class Belongings(msgspec.Struct, frozen=True, kw_only=True):
    """A job's roll-up; its attempts, first one first; its counters in their order."""

    tally: Tally
    attempts: Sequence[Attempt]
    counters: Sequence[Counter]
