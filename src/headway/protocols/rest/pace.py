"""How often a job's workers may report."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from headway.core.model.names import JobId

LEAST_S: Final = 1.0  #: between two reports of one worker
REPORTS_PER_S: Final = 100.0  #: of one job, about
_REMEMBERED: Final = 100_000  #: workers, of all jobs together


class Pace:
    """Tells workers when to report next, from how many of one job have been heard of.

    Kept in memory only: after a restart it is learned again. The jobs heard of longest ago are forgotten first.
    """

    def __init__(self) -> None:
        self._heard: OrderedDict[JobId, set[int]] = OrderedDict()
        self._count = 0

    def next_report_s(self, job: JobId, workers: Iterable[str], announced: int | None) -> float:
        """Note who reported; gives how long each of them should wait, so that the job makes at most ``REPORTS_PER_S``."""
        heard = self._heard.setdefault(job, set())
        self._heard.move_to_end(job)
        before = len(heard)
        if before < _REMEMBERED:
            heard.update(map(hash, workers))
        self._count += len(heard) - before
        while self._count > _REMEMBERED and len(self._heard) > 1:
            _, forgotten = self._heard.popitem(last=False)
            self._count -= len(forgotten)
        return max(LEAST_S, max(len(heard), announced or 0) / REPORTS_PER_S)
