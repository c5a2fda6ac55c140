"""What happened, as a list."""

from http import HTTPStatus
from typing import Final

from headway.core.model.names import Seq
from headway.core.operations.find import find_events
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.reading import QueryReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.documents import EventsPage
from headway.protocols.rest.wire.queries import JobEventsQuery
from headway.protocols.rest.wire.render import event_document

_EVENTS: Final = QueryReader(JobEventsQuery)


async def list_events(call: Call) -> Answer:
    """GET /jobs/{id}/events."""
    query = call.query(_EVENTS)
    found = await find_events(
        call.core,
        actor=call.actor,
        job_id=await call.job_id(),
        after=Seq(query.after),
        limit=query.limit + 1,
    )
    page = found[: query.limit]
    more = page[-1].seq if len(found) > len(page) else None
    return json_answer(EventsPage(events=[event_document(event) for event in page], next=more))


ROWS: Final = (
    Row(
        method="GET",
        path="/jobs/{id}/events",
        name="listEvents",
        tag="events",
        summary="List what happened to a job, oldest first.",
        handler=list_events,
        query=JobEventsQuery,
        answers=(EventsPage,),
        errors=(HTTPStatus.NOT_FOUND,),
    ),
)
