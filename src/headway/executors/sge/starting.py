"""Jobs that Grid Engine says to run, and of which it may say a second later that it could not start them (``Eqw``)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from headway.core.model.names import NativeId
from headway.core.model.state import State
from headway.executors.batch.native import NativeJob

_SURE_AFTER: Final = timedelta(seconds=5)


class Starting:
    """Tells those that have just begun to run as waiting still: who has run does not wait again, and it may not have begun at all.

    A job whose wrapper says that it has begun is believed at once.

    Args:
        now: tells the time.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._since: dict[NativeId, datetime] = {}  # by this clock; hosts may have other ones

    def doubted(self, rows: Sequence[NativeJob]) -> list[NativeJob]:
        """Give the rows of a listing; all others are the same objects."""
        now, before = self._now(), self._since
        self._since = {
            row.id: before.get(row.id, now) for row in rows if row.state is State.RUNNING
        }
        return [self._doubted(row, now) if row.id in self._since else row for row in rows]

    def _doubted(self, row: NativeJob, now: datetime) -> NativeJob:
        is_sure = now - self._since[row.id] >= _SURE_AFTER
        if is_sure or (row.started is not None and now - row.started >= _SURE_AFTER):
            return row
        return replace(row, state=State.QUEUED, reason=None, started=None)
