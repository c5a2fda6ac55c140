"""A Delivery as a row and back: what is looked for in columns, the rest as one JSON object."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from headway.core.model.delivery import Delivery, DeliveryState, Try
from headway.core.model.event import Event
from headway.core.model.job import Job
from headway.core.model.names import JobId, Seq
from headway.stores.sql.job_rows import Value, json_text
from headway.stores.sql.times import micros, time_of


class _Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of a Delivery that no query needs, under their own names."""

    event: Event
    snapshot: Job
    since: datetime
    tries: tuple[Try, ...] = ()
    tried: int = 0
    replays: int = 0


_decoder: Final = msgspec.json.Decoder(_Body)

#: ``time`` is the event's; ``word`` is what was said.
DELIVERY_COLUMNS: Final = "seq, place, job, origin, state, time, due, word, rev, body"


def delivery_row(number: int, delivery: Delivery) -> tuple[Value, ...]:
    """Give a delivery's row: ``DELIVERY_COLUMNS``, with the job's number."""
    return (
        delivery.seq,
        delivery.place,
        number,
        delivery.origin,
        delivery.state.value,
        micros(delivery.event.time),
        micros(delivery.due),
        delivery.word,
        delivery.rev,
        _body(delivery),
    )


def delivery_changes(delivery: Delivery) -> tuple[Value, ...]:
    """Give what of a delivery's row can change: state, due, word, rev and body."""
    state, due = delivery.state.value, micros(delivery.due)
    return state, due, delivery.word, delivery.rev, _body(delivery)


def delivery_of(job: JobId, row: Sequence[Any]) -> Delivery:
    """Read a delivery back from ``DELIVERY_COLUMNS``."""
    body = _decoder.decode(row[9])
    return Delivery(
        seq=Seq(row[0]),
        place=row[1],
        job=job,
        origin=row[3],
        event=body.event,
        snapshot=body.snapshot,
        state=DeliveryState(row[4]),
        since=body.since,
        due=time_of(row[6]),
        tries=body.tries,
        tried=body.tried,
        word=row[7],
        replays=body.replays,
        rev=row[8],
    )


def _body(delivery: Delivery) -> str:
    return json_text(
        _Body(
            event=delivery.event,
            snapshot=delivery.snapshot,
            since=delivery.since,
            tries=delivery.tries,
            tried=delivery.tried,
            replays=delivery.replays,
        )
    )
