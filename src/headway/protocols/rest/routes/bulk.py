"""One action on many jobs."""

from http import HTTPStatus
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.operations.bulk import Bulk, bulk
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import PROTOCOL, Call
from headway.protocols.rest.reading import BodyReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.bodies import BulkBody
from headway.protocols.rest.wire.documents import BulkDocument, BulkFailure

_BULK: Final = BodyReader[BulkBody](BulkBody)


async def change_many(call: Call) -> Answer:
    """POST /bulk."""
    body = await call.body(_BULK)
    if (body.ids is None) == (body.q is None):
        raise InvalidRequest("give either ids or q, the query that finds them", field="ids")
    done = await bulk(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        action=body.action,
        refs=body.ids or (),
        query=body.q,
        add=body.add,
        remove=body.remove,
        dry_run=body.dry_run,
    )
    return json_answer(_document(done))


def _document(done: Bulk) -> BulkDocument:
    """Make the answer on an action on many jobs."""
    failed = [BulkFailure(id=one.ref, detail=one.detail) for one in done.failed]
    return BulkDocument(matched=done.matched, done=len(done.ids), failed=failed, ids=done.ids)


ROWS: Final = (
    Row(
        method="POST",
        path="/bulk",
        name="changeMany",
        tag="jobs",
        summary="Cancel, retry, hide, show or label many jobs, at most 1,000 at once, each on its own.",
        handler=change_many,
        body=BulkBody,
        answers=(BulkDocument,),
        errors=(HTTPStatus.NOT_FOUND, HTTPStatus.INSUFFICIENT_STORAGE),
    ),
)
