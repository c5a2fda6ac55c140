"""What callbacks were told, as documents, and the parameters of their lists."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from headway.core.errors import InvalidRequest, NotFound
from headway.core.model.delivery import Delivery, DeliveryState
from headway.core.model.event import EventType
from headway.core.model.names import Seq
from headway.protocols.rest.wire.documents import Document
from headway.protocols.rest.wire.queries import Cursor, Limit, Query

_CURSOR: Final = re.compile(r"([0-9]{1,18})-([0-9]{1,3})", re.ASCII)
_SEQ: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_PLACE: Final = re.compile(r"[0-9]{1,3}", re.ASCII)


class DeliveriesQuery(Query, frozen=True, kw_only=True):
    """Which deliveries to list, the newest event first."""

    state: Annotated[
        list[DeliveryState], Meta(max_length=5, description="Any of these; may be repeated.")
    ] = msgspec.field(default_factory=list)
    limit: Limit = 50
    cursor: Cursor | None = None


class TryDocument(Document, frozen=True, kw_only=True):
    """One call. ``status`` is null when there was no answer; ``detail`` says why, or how the answer began."""

    at: datetime
    status: int | None
    detail: str
    took_s: float


class DeliveryDocument(Document, frozen=True, kw_only=True):
    """An event and one of the job's callbacks: whether it was told, and what came of each call.

    ``event`` is the event's ``seq`` and ``callback`` the place in the job's ``callbacks``, which name it together.
    ``origin`` is where the callback's address is; ``due`` when the next call is made, null unless it waits. Of many
    ``tries`` there are the last ones; ``tried`` counts all.
    """

    event: int
    callback: int
    job: str
    type: EventType
    time: datetime
    origin: str
    state: DeliveryState
    due: datetime | None
    tries: Sequence[TryDocument]
    tried: int
    replays: int


class DeliveriesPage(Document, frozen=True, kw_only=True):
    """Some deliveries, the newest event first; ``next`` is the cursor of the next page."""

    deliveries: Sequence[DeliveryDocument]
    next: str | None


def delivery_document(delivery: Delivery) -> DeliveryDocument:
    """Make a delivery's document."""
    return DeliveryDocument(
        event=delivery.seq,
        callback=delivery.place,
        job=delivery.job,
        type=delivery.event.type,
        time=delivery.event.time,
        origin=delivery.origin,
        state=delivery.state,
        due=delivery.due if delivery.state is DeliveryState.WAITING else None,
        tries=[
            TryDocument(at=one.at, status=one.status, detail=one.detail, took_s=one.took_s)
            for one in delivery.tries
        ],
        tried=delivery.tried,
        replays=delivery.replays,
    )


def deliveries_page(found: Sequence[Delivery], *, limit: int) -> DeliveriesPage:
    """Make a page of what was read, of which one more than ``limit`` says that there is another page."""
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    return DeliveriesPage(
        deliveries=[delivery_document(one) for one in page],
        next=None if last is None else f"{last.seq}-{last.place}",
    )


def read_cursor(cursor: str | None) -> tuple[Seq, int] | None:
    """Read what ``next`` of a page was.

    Raises:
        InvalidRequest: it was never given.
    """
    if cursor is None:
        return None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidRequest("cursor must be `next` of the page before", field="cursor")
    return Seq(int(found[1])), int(found[2])


def read_key(event: str, callback: str) -> tuple[Seq, int]:
    """Read what names a delivery in a path.

    Raises:
        NotFound: it names none.
    """
    if not (_SEQ.fullmatch(event) and _PLACE.fullmatch(callback)):
        raise NotFound(f"event {event!r} has no callback {callback!r}")
    return Seq(int(event)), int(callback)
