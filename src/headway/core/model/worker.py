"""Progress: workers of a job and what they report, counters, and a job's roll-up of both.

A report is not news: it changes one row, costs the same however many workers there are, and does not raise the job's ``rev``.
"""

import math
from collections.abc import Collection
from datetime import datetime
from typing import Final, Self

import msgspec

from headway.core.model.names import JobId, Seq, WorkerId
from headway.core.model.state import State
from headway.lib.jsonvalue import JsonValue

STALLED_AFTER_INTERVALS: Final = 3.0
STALLED_FLOOR_S: Final = 60.0
_LEARNING: Final = 0.3  # weight of the newest gap between reports


class Report(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a worker says. None keeps what was said before; ``current`` and ``total`` are finite."""

    worker: WorkerId
    current: float
    total: float | None = None
    ok: bool | None = None
    desc: str | None = None
    at: datetime


class Worker(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A worker as the store has it.

    Attributes:
        total: the end point; None, 0 or less when there is none to compare with.
        first_current: ``current`` of the first report, so that a rate can be told.
        interval_s: how far apart its reports usually are, learned; None before the second.
    """

    job: JobId
    id: WorkerId
    current: float
    total: float | None = None
    ok: bool = True
    desc: str = ""
    first_seen: datetime
    first_current: float
    updated: datetime
    interval_s: float | None = None
    seq: Seq = Seq(0)

    @classmethod
    def first(cls, job: JobId, report: Report) -> Self:
        """Give the worker that this first report makes."""
        return cls(
            job=job,
            id=report.worker,
            current=report.current,
            total=report.total,
            ok=report.ok is not False,
            desc=report.desc or "",
            first_seen=report.at,
            first_current=report.current,
            updated=report.at,
        )

    def after(self, report: Report) -> Self:
        """Give the worker after one more report.

        A report older than the newest known changes nothing (reports may come late and out of order). A worker whose
        ``current`` falls back has started anew: its rate is told from there.
        """
        if report.at < self.updated:
            return self
        gap_s = (report.at - self.updated).total_seconds()
        known = self.interval_s
        again = report.current < self.current
        return msgspec.structs.replace(
            self,
            current=report.current,
            total=self.total if report.total is None else report.total,
            ok=self.ok if report.ok is None else report.ok,
            desc=self.desc if report.desc is None else report.desc,
            first_seen=report.at if again else self.first_seen,
            first_current=report.current if again else self.first_current,
            updated=report.at,
            interval_s=gap_s if known is None else known + _LEARNING * (gap_s - known),
        )

    @property
    def is_new(self) -> bool:
        """Tell whether it has reported once."""
        return self.interval_s is None

    @property
    def fraction(self) -> float | None:
        """How much is done, 0 to 1; None without a total above 0."""
        if self.total is None or self.total <= 0:
            return None
        return min(1.0, max(0.0, self.current / self.total))

    @property
    def finished(self) -> bool:
        """Tell whether the worker is at its end point."""
        return self.total is not None and 0 < self.total <= self.current

    @property
    def rate_per_s(self) -> float | None:
        """Steps a second since its first report; None while that cannot be told."""
        seconds = (self.updated - self.first_seen).total_seconds()
        done = self.current - self.first_current
        return done / seconds if seconds > 0 and done > 0 else None

    def eta_s(self, *, at: datetime) -> float | None:
        """Seconds from ``at`` to its end at its present rate; None when unknown, 0 when due."""
        rate = self.rate_per_s
        if rate is None or self.total is None or self.total <= 0 or self.finished:
            return None
        left_s = (self.total - self.current) / rate
        if not math.isfinite(left_s):
            return None
        return max(0.0, left_s - (at - self.updated).total_seconds())

    def stalled(self, *, at: datetime, floor_s: float = STALLED_FLOOR_S) -> bool:
        """Tell whether it has been silent for three times its own interval, and at least ``floor_s``."""
        if self.finished:
            return False
        limit_s = max(floor_s, STALLED_AFTER_INTERVALS * (self.interval_s or 0.0))
        return (at - self.updated).total_seconds() > limit_s


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """A job's own number or word, shown in the order in which the job first named it."""

    job: JobId
    key: str
    value: JsonValue
    colour: str | None = None
    position: int = 0
    updated: datetime
    seq: Seq = Seq(0)


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """A job's workers in a few numbers.

    Attributes:
        progress: mean of the workers' fractions, 0 to 1, as they told it; None when no worker has one.
        last: when the newest report came.
        children: how many child jobs are in each state, by the state's word.
    """

    workers: int = 0
    finished: int = 0
    not_ok: int = 0
    progress: float | None = None
    last: datetime | None = None
    children: dict[str, int] = msgspec.field(default_factory=dict)

    @classmethod
    def of(cls, workers: Collection[Worker], children: dict[str, int]) -> Self:
        """Roll up all workers of a job."""
        fractions = [w.fraction for w in workers if w.fraction is not None]
        return cls(
            workers=len(workers),
            finished=sum(w.finished for w in workers),
            not_ok=sum(not w.ok for w in workers),
            progress=math.fsum(fractions) / len(fractions) if fractions else None,
            last=max((w.updated for w in workers), default=None),
            children=children,
        )

    def progress_in(self, state: State) -> float | None:
        """Give how far a job in that state is as a whole, 0 to 1; None where no worker told.

        One that has succeeded is there: its last step need not have been reported, and some have fewer than they announced.
        """
        return 1.0 if state is State.SUCCEEDED and self.progress is not None else self.progress


NO_TALLY: Final = Tally()
