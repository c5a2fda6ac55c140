"""A foreign job that a job here stands for, and when its scheduler is asked for it."""

from datetime import datetime, timedelta
from typing import Final

from headway.core.model.job import Job
from headway.core.model.names import NativeId
from headway.core.ports.foreign import ForeignJob

_ASK_AGAIN_S: Final = (2.0, 10.0, 30.0, 60.0)
_SAME: Final = timedelta(minutes=1)  #: some sources tell the time of submission in whole minutes


class Followed:
    """A foreign job that is followed. Small: a cluster may have ten thousand.

    Attributes:
        seen: its row when it was last looked at; None before that.
        missing: since which listing it is not listed.
        is_away: its job says that its scheduler cannot be asked.
    """

    __slots__ = (
        "_ask_at",
        "_asked",
        "is_away",
        "job_id",
        "key",
        "missing",
        "native_id",
        "seen",
        "submitted",
    )

    def __init__(self, key: str, job: Job, seen: ForeignJob | None = None) -> None:
        self.key = key
        self.job_id = job.id
        self.native_id = job.native_id or NativeId("")
        self.submitted = job.queued
        self.seen = seen
        self.there()

    def there(self) -> None:
        """Hear that it is listed."""
        self.is_away = False
        self.missing: datetime | None = None
        self._asked = 0
        self._ask_at: datetime | None = None

    def is_news(self, seen: ForeignJob) -> bool:
        """Tell whether a row of it is to be looked at; one that differs in nothing that is kept is taken as seen."""
        if self.seen is seen:
            return False
        if self.seen is not None and not _is_over(seen) and seen.looks_like(self.seen):
            self.seen = seen
            return False
        return True

    def is_due(self, now: datetime) -> bool:
        """Tell whether it is to be asked for: it is not listed, and was not asked for just now."""
        return self.missing is not None and (self._ask_at is None or self._ask_at <= now)

    def was_asked_for(self, now: datetime) -> None:
        """Hear that it was asked for; that is done more and more rarely."""
        rest_s = _ASK_AGAIN_S[min(self._asked, len(_ASK_AGAIN_S) - 1)]
        self._ask_at = now + timedelta(seconds=rest_s)
        self._asked += 1

    def is_this(self, seen: ForeignJob) -> bool:
        """Tell whether a row that was asked for by its id is the job that was listed under it."""
        if seen.id != self.native_id:
            return False
        if seen.submitted is None or self.submitted is None:
            return self.seen is None or seen.name == self.seen.name
        return abs(seen.submitted - self.submitted) < _SAME


def _is_over(seen: ForeignJob) -> bool:
    return seen.state is not None and seen.state.is_final
