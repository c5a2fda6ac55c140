"""Callbacks: what they were told, and having them told again or no more."""

from http import HTTPStatus
from typing import Final

from headway.core.model.names import JobId
from headway.core.operations.callbacks import drop, find_deliveries, find_delivery, replay
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import PROTOCOL, Call
from headway.protocols.rest.reading import QueryReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.deliveries import (
    DeliveriesPage,
    DeliveriesQuery,
    DeliveryDocument,
    deliveries_page,
    delivery_document,
    read_cursor,
    read_key,
)

_QUERY: Final = QueryReader(DeliveriesQuery)


async def job_deliveries(call: Call) -> Answer:
    """GET /jobs/{id}/callbacks."""
    return await _page(call, await call.job_id())


async def all_deliveries(call: Call) -> Answer:
    """GET /callbacks."""
    return await _page(call, None)


async def read_delivery(call: Call) -> Answer:
    """GET /callbacks/{event}/{callback}."""
    seq, place = read_key(call.args["event"], call.args["callback"])
    found = await find_delivery(call.core, actor=call.actor, seq=seq, place=place)
    return json_answer(delivery_document(found))


async def replay_delivery(call: Call) -> Answer:
    """POST /callbacks/{event}/{callback}/replay."""
    seq, place = read_key(call.args["event"], call.args["callback"])
    again = await replay(call.core, actor=call.actor, protocol=PROTOCOL, seq=seq, place=place)
    return json_answer(delivery_document(again), status=HTTPStatus.ACCEPTED)


async def drop_delivery(call: Call) -> Answer:
    """DELETE /callbacks/{event}/{callback}."""
    seq, place = read_key(call.args["event"], call.args["callback"])
    dropped = await drop(call.core, actor=call.actor, protocol=PROTOCOL, seq=seq, place=place)
    return json_answer(delivery_document(dropped))


async def _page(call: Call, job_id: JobId | None) -> Answer:
    query = call.query(_QUERY)
    found = await find_deliveries(
        call.core,
        actor=call.actor,
        job_id=job_id,
        states=frozenset(query.state),
        limit=query.limit + 1,
        before=read_cursor(query.cursor),
    )
    return json_answer(deliveries_page(found, limit=query.limit))


_WRITES: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.INSUFFICIENT_STORAGE)

ROWS: Final = (
    Row(
        method="GET",
        path="/jobs/{id}/callbacks",
        name="listJobCallbacks",
        tag="callbacks",
        summary="List what a job's callbacks were told, and are still to be told; the newest event first.",
        handler=job_deliveries,
        query=DeliveriesQuery,
        answers=(DeliveriesPage,),
        errors=(HTTPStatus.NOT_FOUND,),
    ),
    Row(
        method="GET",
        path="/callbacks",
        name="listCallbacks",
        tag="callbacks",
        summary="List what the callbacks of all jobs were told: with `state=dead` what was given up.",
        handler=all_deliveries,
        query=DeliveriesQuery,
        answers=(DeliveriesPage,),
    ),
    Row(
        method="GET",
        path="/callbacks/{event}/{callback}",
        name="readCallback",
        tag="callbacks",
        summary="Read what came of telling a callback an event.",
        handler=read_delivery,
        answers=(DeliveryDocument,),
        errors=(HTTPStatus.NOT_FOUND,),
    ),
    Row(
        method="POST",
        path="/callbacks/{event}/{callback}/replay",
        name="replayCallback",
        tag="callbacks",
        summary="Have a callback told an event now, whatever came of it before.",
        handler=replay_delivery,
        answers=(DeliveryDocument,),
        status=HTTPStatus.ACCEPTED,
        errors=_WRITES,
    ),
    Row(
        method="DELETE",
        path="/callbacks/{event}/{callback}",
        name="dropCallback",
        tag="callbacks",
        summary="Give up telling a callback an event; one that was told stays as it is.",
        handler=drop_delivery,
        answers=(DeliveryDocument,),
        errors=_WRITES,
    ),
)
