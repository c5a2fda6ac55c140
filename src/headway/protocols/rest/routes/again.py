"""Jobs: the same once more, and another one like it."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

from headway.core.operations.clone import clone
from headway.core.operations.retry import retry
from headway.core.operations.submit import Submission
from headway.lib.jsonvalue import JsonValue
from headway.protocols.http.aside import aside
from headway.protocols.http.body import decode_json, read_body, require_json
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import job_answer, new_job_answer
from headway.protocols.rest.call import PROTOCOL, Call
from headway.protocols.rest.idempotency import IDEMPOTENCY_HEADER, idempotency_of
from headway.protocols.rest.reading import BodyReader
from headway.protocols.rest.submissions import edited
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.bodies import JobBody
from headway.protocols.rest.wire.documents import JobDocument

_EDITS: Final = BodyReader[JobBody](JobBody)
_NOTHING: Final = b"{}"


async def retry_job(call: Call) -> Answer:
    """POST /jobs/{id}/retry."""
    job_id = await call.job_id()
    job = await retry(call.core, actor=call.actor, protocol=PROTOCOL, job_id=job_id)
    return await job_answer(call, job, status=HTTPStatus.ACCEPTED)


async def clone_job(call: Call) -> Answer:
    """POST /jobs/{id}/clone."""
    raw = await read_body(call.scope, call.receive) or _NOTHING
    if raw is not _NOTHING:
        require_json(call.scope["headers"])
    body = await _EDITS.decoded(raw)
    given = _keys(await aside(raw, partial(decode_json, raw)))
    job_id = await call.job_id()
    key, digest = await aside(
        raw, partial(idempotency_of, call.scope["headers"], raw, about=job_id)
    )

    def edit(original: Submission) -> Submission:
        return edited(original, body, given)

    cloned = await clone(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        job_id=job_id,
        edit=edit,
        key=key,
        digest=digest,
    )
    if not cloned.replayed:
        return await new_job_answer(call, cloned.job, is_in_groups=bool(body.groups))
    replayed = (b"idempotent-replayed", b"true")
    return await job_answer(call, cloned.job, status=HTTPStatus.CREATED, headers=(replayed,))


def _keys(value: JsonValue) -> frozenset[str]:
    return frozenset(value) if isinstance(value, Mapping) else frozenset()


_WRITES: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.INSUFFICIENT_STORAGE)

ROWS: Final = (
    Row(
        method="POST",
        path="/jobs/{id}/retry",
        name="retryJob",
        tag="jobs",
        summary="Run an ended job again, as its next attempt; its progress and counters begin anew.",
        handler=retry_job,
        answers=(JobDocument,),
        status=HTTPStatus.ACCEPTED,
        errors=_WRITES,
    ),
    Row(
        method="POST",
        path="/jobs/{id}/clone",
        name="cloneJob",
        tag="jobs",
        summary="Submit a new job like this one; each key that is given replaces the original's whole value.",
        handler=clone_job,
        body=JobBody,
        answers=(JobDocument,),
        status=HTTPStatus.CREATED,
        headers=(IDEMPOTENCY_HEADER,),
        errors=(*_WRITES, HTTPStatus.UNPROCESSABLE_ENTITY),
    ),
)
