"""How often a job's workers may report."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from headway.core.model.names import JobId

LEAST_S: Final = 1.0  #: between two reports of one worker
REPORTS_PER_S: Final = 100.0  #: of one job, about
_JOBS: Final = 1000
_WORKERS: Final = 100_000


class Pace:
    """Tells workers when to report next, from how many of one job have been heard of.

    Kept in memory only: after a restart it is learned again. The jobs heard of longest ago are forgotten first.
    """

    def __init__(self) -> None:
        self._heard: OrderedDict[JobId, set[int]] = OrderedDict()

    def next_report_s(self, job: JobId, workers: Iterable[str], announced: int | None) -> float:
        """Note who reported; gives how long each of them should wait, so that the job makes at most ``REPORTS_PER_S``."""
        heard = self._heard.get(job)
        if heard is None:
            heard = self._heard[job] = set()
            if len(self._heard) > _JOBS:
                self._heard.popitem(last=False)
        else:
            self._heard.move_to_end(job)
        if len(heard) < _WORKERS:
            heard.update(map(hash, workers))
        return max(LEAST_S, max(len(heard), announced or 0) / REPORTS_PER_S)
