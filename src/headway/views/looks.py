"""What one worker's bar says, whoever draws it: how far, in which condition, in which words."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from headway.core.model.job import Job
from headway.core.model.worker import STALLED_FLOOR_S, Worker
from headway.views import words
from headway.views.clean import clean
from headway.views.natural import NaturalKey, natural_key
from headway.views.palette import Family

LABEL_LIMIT: Final = 120  # characters


class Style(StrEnum):
    """What the colours tell: HEALTH green or red by ``ok``; STATUS running, done, problem or stalled."""

    HEALTH = "health"
    STATUS = "status"


class Condition(StrEnum):
    """How a worker is doing."""

    RUNNING = "running"
    DONE = "done"
    PROBLEM = "problem"  #: it says that it is not ok
    STALLED = "stalled"  #: silent for too long
    UNFINISHED = "not finished"  #: its job has ended, and it had not

    @property
    def needs_a_look(self) -> bool:
        """Tell whether somebody should look at such a worker."""
        return self in (Condition.PROBLEM, Condition.STALLED)


FAMILIES: Final[Mapping[Style, Mapping[Condition, Family]]] = {
    Style.HEALTH: {
        Condition.RUNNING: Family.OK,
        Condition.DONE: Family.OK,
        Condition.PROBLEM: Family.PROBLEM,
        Condition.STALLED: Family.STALLED,
        Condition.UNFINISHED: Family.OK,
    },
    Style.STATUS: {
        Condition.RUNNING: Family.RUNNING,
        Condition.DONE: Family.OK,
        Condition.PROBLEM: Family.WARNING,
        Condition.STALLED: Family.STALLED,
        Condition.UNFINISHED: Family.STALLED,
    },
}


class Look(msgspec.Struct, frozen=True, gc=False):
    """A worker as it is shown; all texts are clean.

    Attributes:
        fraction: 0 to 1; None without a total above 0: a bar with the number and no percentage.
        number: what to show in the bar when there is no fraction; else "".
        left_s: seconds until it is done, where that can be told.
        remark: a few words beside the bar: rate and time left, ``done``, ``problem``, ``stalled 3 min``.
        brief: the same where there is little room: the time left without the rate, the condition alone.
    """

    label: str
    desc: str
    fraction: float | None
    number: str
    condition: Condition
    left_s: float | None
    remark: str
    brief: str

    @property
    def percent(self) -> str:
        """Say how far in whole percents; empty without a fraction."""
        return "" if self.fraction is None else words.percent(self.fraction)

    @property
    def text(self) -> str:
        """Give what stands in or beside the bar."""
        return (
            f"{self.number} · {self.desc}"
            if self.number and self.desc
            else self.number or self.desc
        )


def looks_of(
    workers: Iterable[Worker], *, job: Job, at: datetime, floor_s: float = STALLED_FLOOR_S
) -> list[Look]:
    """Give the looks of a job's workers in the natural order of their ids."""
    ended = job.state.is_final
    in_order = sorted(workers, key=_natural_id)
    return [look_of(worker, ended=ended, at=at, floor_s=floor_s) for worker in in_order]


def look_of(worker: Worker, *, ended: bool, at: datetime, floor_s: float = STALLED_FLOOR_S) -> Look:
    """Give the look of one worker; ``ended`` tells that its job has, so that nobody waits for it any more."""
    fraction = worker.fraction
    condition, stalled = _condition(worker, fraction, ended=ended, at=at, floor_s=floor_s)
    left_s = worker.eta_s(at=at)
    told: list[str] = [condition]
    if condition is Condition.RUNNING:
        told = _pace(worker, left_s)
    elif stalled:
        silent = words.rough((at - worker.updated).total_seconds())
        told = [f"stalled {silent}"] if worker.ok else ["problem", f"silent {silent}"]
    if worker.total is not None and fraction == 1.0 and worker.current > worker.total:
        told.append(f"{words.number(worker.current)} of {words.number(worker.total)}")
    return Look(
        clean(worker.id, LABEL_LIMIT),
        clean(worker.desc),
        fraction,
        words.number(worker.current) if fraction is None else "",
        condition,
        left_s,
        " · ".join(told),
        told[0] if condition is not Condition.RUNNING else told[-1] if told else "",
    )


def _natural_id(worker: Worker) -> NaturalKey:
    return natural_key(worker.id)


def _condition(
    worker: Worker, fraction: float | None, *, ended: bool, at: datetime, floor_s: float
) -> tuple[Condition, bool]:
    """Give the condition, and whether it is silent for too long whatever its condition."""
    stalled = not ended and worker.stalled(at=at, floor_s=floor_s)
    if not worker.ok:
        return Condition.PROBLEM, stalled
    if fraction == 1.0:
        return Condition.DONE, False
    if ended and fraction is not None:
        return Condition.UNFINISHED, False
    return (Condition.STALLED if stalled else Condition.RUNNING), stalled


def _pace(worker: Worker, left_s: float | None) -> list[str]:
    rate = worker.rate_per_s
    if rate is None:
        return []
    return (
        [words.rate(rate)] if left_s is None else [words.rate(rate), f"{words.rough(left_s)} left"]
    )
