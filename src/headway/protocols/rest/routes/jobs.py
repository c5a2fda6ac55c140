"""Jobs: submit, list, read."""

from functools import partial
from http import HTTPStatus
from typing import Final

from headway.core.model.names import JobId
from headway.core.model.worker import NO_TALLY
from headway.core.operations.find import find_detail, find_many, find_one
from headway.core.operations.select import select
from headway.core.operations.submit import submit
from headway.core.policy.access import is_user
from headway.protocols.http.aside import aside
from headway.protocols.http.body import LIMITS, BodyLimits, read_body, require_json
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import (
    document_answer,
    job_answer,
    job_document,
    json_answer,
    new_job_answer,
)
from headway.protocols.rest.call import PROTOCOL, Call
from headway.protocols.rest.idempotency import IDEMPOTENCY_HEADER, idempotency_of
from headway.protocols.rest.reading import BodyReader, QueryReader
from headway.protocols.rest.submissions import submission_of
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
from headway.protocols.rest.wire.submission import check_job, check_length

_JOB: Final = BodyReader[JobBody](JobBody)
_LONG: Final = BodyLimits(size_bytes=12 << 20)
_JOBS: Final = QueryReader(JobsQuery)


async def submit_job(call: Call) -> Answer:
    """POST /jobs."""
    require_json(call.scope["headers"])
    limits = _LONG if is_user(call.actor) else LIMITS
    raw = await read_body(call.scope, call.receive, limits=limits)
    body = await _JOB.decoded(raw)
    check_length(body, size_bytes=len(raw))
    check_job(body, size_bytes=len(raw))
    key, digest = await aside(raw, partial(idempotency_of, call.scope["headers"], raw))
    submitted = await submit(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        submission=submission_of(body),
        key=key,
        digest=digest,
    )
    if not submitted.replayed:
        return await new_job_answer(call, submitted.job, is_in_groups=bool(body.groups))
    replayed = (b"idempotent-replayed", b"true")
    return await job_answer(call, submitted.job, status=HTTPStatus.CREATED, headers=(replayed,))


async def list_jobs(call: Call) -> Answer:
    """GET /jobs."""
    query = call.query(_JOBS)
    parent = None if query.parent is None else await _parent(call, query.parent)
    selection = await select(
        call.core,
        actor=call.actor,
        q=query.q,
        within=selection_of(query, parent=parent),
        group=query.group,
    )
    page = await find_many(
        call.core,
        actor=call.actor,
        selection=selection,
        limit=query.limit,
        before=read_jobs_cursor(query.cursor),
    )
    jobs = [summary(job, page.tallies.get(job.id, NO_TALLY)) for job in page.jobs]
    return json_answer(JobsPage(jobs=jobs, next=jobs_cursor(page.next), seq=page.seq))


async def read_job(call: Call) -> Answer:
    """GET /jobs/{id}."""
    detail = await find_detail(call.core, actor=call.actor, ref=call.args["id"])
    shown = job_document(call, detail)
    return document_answer(shown, status=HTTPStatus.OK)


async def _parent(call: Call, ref: str) -> JobId:
    return (await find_one(call.core, actor=call.actor, ref=ref)).id


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
        headers=(IDEMPOTENCY_HEADER,),
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
