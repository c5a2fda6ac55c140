"""What a job's executor knows itself: why the job waits or failed, all in the executor's words, and what wrappers tell."""

from http import HTTPStatus
from typing import Final

import msgspec

from headway.core.operations.native import explain, native_detail, tell_record
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.reading import BodyReader, QueryReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.native import (
    NativeDocument,
    NativeQuery,
    RecordBody,
    WhyDocument,
    why_document,
)
from headway.views.standing import Known

_RECORD: Final = BodyReader[RecordBody](RecordBody)
_NATIVE: Final = QueryReader(NativeQuery)


async def put_record(call: Call) -> Answer:
    """PUT /jobs/{id}/attempts/{no}/record."""
    record = await call.body(_RECORD)
    await tell_record(
        call.core,
        actor=call.actor,
        job_id=await call.job_id(),
        attempt=call.attempt(),
        record=msgspec.json.encode(record),
    )
    return Answer(status=HTTPStatus.NO_CONTENT, headers=(), body=b"")


async def get_why(call: Call) -> Answer:
    """GET /jobs/{id}/why."""
    why = await explain(call.core, actor=call.actor, job_id=await call.job_id())
    known = Known(
        job=why.job,
        kind=why.kind,
        native=why.native,
        attempt=why.attempt,
        trouble=why.trouble,
        elements=why.elements,
        comes_after=why.comes_after,
        runs_as=why.runs_as,
    )
    return json_answer(why_document(known, why.last_lines))


async def get_native(call: Call) -> Answer:
    """GET /jobs/{id}/native."""
    query = call.query(_NATIVE)
    text = await native_detail(
        call.core, actor=call.actor, job_id=await call.job_id(), attempt=query.attempt
    )
    return json_answer(NativeDocument(text=text))


ROWS: Final = (
    Row(
        method="PUT",
        path="/jobs/{id}/attempts/{no}/record",
        name="tellRecord",
        tag="jobs",
        summary="Tell that an attempt has begun or ended, from inside it; a hint that makes news quicker.",
        handler=put_record,
        body=RecordBody,
        status=HTTPStatus.NO_CONTENT,
        errors=(HTTPStatus.NOT_FOUND,),
    ),
    Row(
        method="GET",
        path="/jobs/{id}/why",
        name="explainJob",
        tag="jobs",
        summary="Tell why a job waits, or how it failed, in words; and what to do.",
        handler=get_why,
        answers=(WhyDocument,),
        errors=(HTTPStatus.NOT_FOUND,),
    ),
    Row(
        method="GET",
        path="/jobs/{id}/native",
        name="showNative",
        tag="jobs",
        summary="Ask the scheduler for all it has to say of a job, in its own words.",
        handler=get_native,
        query=NativeQuery,
        answers=(NativeDocument,),
        errors=(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE),
    ),
)
