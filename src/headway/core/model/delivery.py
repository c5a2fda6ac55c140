"""What a callback has to be told, and how far that has come: one row for each event and callback, written with the event."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

import msgspec

from headway.core.model.callback import origin_of
from headway.core.model.event import Event, EventType
from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq
from headway.core.model.spec import Spec

#: What a callback is told of that named no events: every change of the job's state.
CHANGES_OF_STATE: Final = frozenset(
    {
        EventType.ACCEPTED,
        EventType.QUEUED,
        EventType.RUNNING,
        EventType.SUCCEEDED,
        EventType.FAILED,
        EventType.CANCELLED,
        EventType.CORRECTED,
        EventType.REOPENED,
        EventType.SUPERSEDED,
        EventType.REQUEUED,
    }
)


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"  #: still to be made, or to be made again
    DELIVERED = "delivered"  #: the receiver acknowledged it
    SILENT = (
        "silent"  #: the protocol has no words for it, or none that differ from what was said last
    )
    DEAD = "dead"  #: given up
    DROPPED = "dropped"  #: somebody did not want it any more


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One call. ``status`` is None when there was no answer; ``detail`` says why, or how the answer began."""

    at: datetime
    status: int | None
    detail: str
    took_s: float


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event to be told to one of a job's callbacks. Frozen: a change makes a new one with ``rev`` one higher.

    Attributes:
        seq: the event's.
        place: of the callback in ``Job.callbacks``.
        origin: of the callback's address: scheme, host and port.
        event: as it was stored.
        snapshot: the job as of that event, without its spec, callbacks, inputs, outputs, result and extra: each delivery has
            one, and they may be large.
        since: when it began to wait: from then on it is tried for so long and then given up.
        due: the next call is made then, or later.
        tries: the calls that were made, oldest first; of many, the last ones.
        tried: how many calls were made in all.
        word: what was said, in short: a protocol says nothing twice that is the same word.
        replays: how often somebody had it made again.
    """

    seq: Seq
    place: int
    job: JobId
    origin: str
    event: Event
    snapshot: Job
    state: DeliveryState = DeliveryState.WAITING
    since: datetime
    due: datetime
    tries: tuple[Try, ...] = ()
    tried: int = 0
    word: str = ""
    replays: int = 0
    rev: int = 1

    def after(
        self, one: Try, *, state: DeliveryState, due: datetime | None = None, word: str = ""
    ) -> Self:
        """Give the delivery after one more call; ``due`` is the time of the next one, ``word`` what was said."""
        return self.changed(
            tries=(*self.tries, one)[-TRIES_KEPT:],
            tried=self.tried + 1,
            state=state,
            due=due or self.due,
            word=word,
        )

    def changed(self, **fields: object) -> Self:
        """Give the delivery with other values in some fields."""
        return msgspec.structs.replace(self, **{"rev": self.rev + 1, **fields})


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long is waited after calls that failed: from the first wait to the longest, and when that is given up."""

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=6)
    gives_up_after: timedelta = timedelta(days=3)


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """A callback that has deliveries waiting; ``due`` is that of the first of them, which holds up the others."""

    job: JobId
    place: int
    origin: str
    due: datetime


TRIES_KEPT: Final = 50


def deliveries_of(jobs: Mapping[JobId, Job], events: Sequence[Event]) -> tuple[Delivery, ...]:
    """Give what is to be told of events, which have their sequences.

    ``jobs`` are as of these events; those without callbacks may be left out.
    """
    return tuple(
        delivery
        for event in events
        if event.job is not None and event.job in jobs
        for delivery in _of_event(jobs[event.job], event)
    )


def _of_event(job: Job, event: Event) -> Iterator[Delivery]:
    if not job.callbacks:
        return
    snapshot = msgspec.structs.replace(
        job, spec=_NO_SPEC, callbacks=(), inputs={}, outputs={}, result=None, extra={}
    )
    for place, callback in enumerate(job.callbacks):
        if event.type in (callback.events or CHANGES_OF_STATE):
            yield Delivery(
                seq=event.seq,
                place=place,
                job=job.id,
                origin=origin_of(callback.url),
                event=event,
                snapshot=snapshot,
                since=event.time,
                due=event.time,
            )


_NO_SPEC: Final = Spec()
