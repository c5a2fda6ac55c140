"""Jobs: submit, list, read."""

import hashlib
import re
from http import HTTPStatus
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.job import Kind
from headway.core.model.names import Cluster, JobId, NativeId
from headway.core.model.worker import NO_TALLY
from headway.core.operations.find import find_detail, find_many, find_one
from headway.core.operations.submit import Submission, submit
from headway.lib.asgi import header_values
from headway.protocols.http.body import decode_json, read_body, require_json
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import (
    document_answer,
    job_answer,
    job_document,
    json_answer,
    new_job_answer,
)
from headway.protocols.rest.call import PROTOCOL, Call
from headway.protocols.rest.reading import BodyReader, QueryReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.bodies import JobBody
from headway.protocols.rest.wire.documents import JobDocument, JobsPage
from headway.protocols.rest.wire.queries import (
    JobsQuery,
    jobs_cursor,
    read_jobs_cursor,
    selection_of,
)
from headway.protocols.rest.wire.render import summary
from headway.protocols.rest.wire.submission import check_job, spec_of

_JOB: Final = BodyReader[JobBody](JobBody)
_JOBS: Final = QueryReader(JobsQuery)

_KEY: Final = re.compile(rb"[\x21-\x7e]{1,255}")
_NO_DIGEST: Final = b""


async def submit_job(call: Call) -> Answer:
    """POST /jobs."""
    require_json(call.scope["headers"])
    raw = await read_body(call.scope, call.receive)
    body = _JOB.decode(raw)
    check_job(body, size_bytes=len(raw))
    key = _idempotency_key(call)
    submitted = await submit(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        submission=_submission(body),
        key=key,
        digest=_digest(raw) if key is not None else _NO_DIGEST,
    )
    if not submitted.replayed:
        return new_job_answer(call, submitted.job)
    replayed = (b"idempotent-replayed", b"true")
    return await job_answer(call, submitted.job, status=HTTPStatus.CREATED, headers=(replayed,))


async def list_jobs(call: Call) -> Answer:
    """GET /jobs."""
    query = call.query(_JOBS)
    parent = None if query.parent is None else await _parent(call, query.parent)
    page = await find_many(
        call.core,
        actor=call.actor,
        selection=selection_of(query, parent=parent),
        limit=query.limit,
        before=read_jobs_cursor(query.cursor),
    )
    jobs = [summary(job, page.tallies.get(job.id, NO_TALLY)) for job in page.jobs]
    return json_answer(JobsPage(jobs=jobs, next=jobs_cursor(page.next), seq=page.seq))


async def read_job(call: Call) -> Answer:
    """GET /jobs/{id}."""
    detail = await find_detail(call.core, actor=call.actor, ref=call.args["id"])
    shown = job_document(call, detail.job, detail.tally, detail.attempts, detail.counters)
    return document_answer(shown, status=HTTPStatus.OK)


async def _parent(call: Call, ref: str) -> JobId:
    return (await find_one(call.core, actor=call.actor, ref=ref)).id


def _submission(body: JobBody) -> Submission:
    return Submission(
        kind=Kind(body.kind),
        name=body.name,
        spec=spec_of(body),
        labels=tuple(dict.fromkeys(body.labels)),
        cluster=None if body.cluster is None else Cluster(body.cluster),
        inputs=body.inputs,
        extra=body.extra,
        url=body.url,
        parent=None if body.parent is None else JobId(body.parent.lower()),
        worker_count=body.worker_count,
        max_age_s=body.max_age_s,
        will_finish=body.will_finish,
        native_id=None if body.native_id is None else NativeId(body.native_id),
    )


def _idempotency_key(call: Call) -> str | None:
    """Read the header Idempotency-Key.

    Raises:
        InvalidRequest: it is empty, longer than 255 characters, has others than visible ASCII ones, or came twice.
    """
    given = header_values(call.scope["headers"], b"idempotency-key")
    if not given:
        return None
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        raise InvalidRequest(
            "Idempotency-Key must be one text of 1 to 255 visible ASCII characters",
            field="Idempotency-Key",
        )
    return given[0].decode("ascii")


def _digest(raw: bytes) -> bytes:
    """Give the SHA-256 of a body in one form: the order of keys and blanks do not matter."""
    canonical = msgspec.json.encode(decode_json(raw), order="sorted")
    return hashlib.sha256(canonical).digest()


_ERRORS: Final = (HTTPStatus.NOT_FOUND,)
_WRITES: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.INSUFFICIENT_STORAGE)

ROWS: Final = (
    Row(
        method="POST",
        path="/jobs",
        name="submitJob",
        tag="jobs",
        summary="Submit a job. Durable when answered.",
        handler=submit_job,
        body=JobBody,
        answers=(JobDocument,),
        status=HTTPStatus.CREATED,
        headers=(
            (
                "Idempotency-Key",
                "1 to 255 visible characters; the same key with the same body gives the same job again for 24 hours.",
            ),
        ),
        errors=(*_WRITES, HTTPStatus.UNPROCESSABLE_ENTITY),
    ),
    Row(
        method="GET",
        path="/jobs",
        name="listJobs",
        tag="jobs",
        summary="List jobs, newest first.",
        handler=list_jobs,
        query=JobsQuery,
        answers=(JobsPage,),
        errors=_ERRORS,
    ),
    Row(
        method="GET",
        path="/jobs/{id}",
        name="readJob",
        tag="jobs",
        summary="Read a job with its attempts and counters.",
        handler=read_job,
        answers=(JobDocument,),
        errors=_ERRORS,
    ),
)
