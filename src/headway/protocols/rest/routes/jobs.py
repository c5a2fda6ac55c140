"""Jobs: submit, list, read, change, end."""

import hashlib
import re
from http import HTTPStatus
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.job import Kind, Usage
from headway.core.model.names import Cluster, JobId, NativeId
from headway.core.model.worker import NO_TALLY
from headway.core.operations.annotate import change_labels, hide, set_status_text
from headway.core.operations.cancel import cancel
from headway.core.operations.find import find_detail, find_many, find_one
from headway.core.operations.finish import finish
from headway.core.operations.submit import Submission, submit
from headway.lib.asgi import header_values
from headway.protocols.http.body import read_body, require_json
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
from headway.protocols.rest.wire.bodies import (
    FinishBody,
    JobBody,
    LabelsBody,
    StatusTextBody,
    UsageBody,
)
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
_FINISH: Final = BodyReader[FinishBody](FinishBody)
_LABELS: Final = BodyReader[LabelsBody](LabelsBody)
_STATUS_TEXT: Final = BodyReader[StatusTextBody](StatusTextBody)
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
    return json_answer(JobsPage(jobs=jobs, next=jobs_cursor(page.next)))


async def read_job(call: Call) -> Answer:
    """GET /jobs/{id}."""
    detail = await find_detail(call.core, actor=call.actor, ref=call.args["id"])
    shown = job_document(call, detail.job, detail.tally, detail.attempts, detail.counters)
    return document_answer(shown, status=HTTPStatus.OK)


async def cancel_job(call: Call) -> Answer:
    """POST /jobs/{id}/cancel."""
    job_id = await call.job_id()
    job = await cancel(call.core, actor=call.actor, protocol=PROTOCOL, job_id=job_id)
    return await job_answer(call, job, status=HTTPStatus.ACCEPTED)


async def finish_job(call: Call) -> Answer:
    """POST /jobs/{id}/finish."""
    body = await call.body(_FINISH)
    job = await finish(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        job_id=await call.job_id(),
        exit_code=body.exit_code,
        signal=body.signal,
        message=body.message,
        usage=None if body.usage is None else _usage(body.usage),
    )
    return await job_answer(call, job)


async def write_status_text(call: Call) -> Answer:
    """PUT /jobs/{id}/status-text."""
    body = await call.body(_STATUS_TEXT)
    job = await set_status_text(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        job_id=await call.job_id(),
        text=body.text,
    )
    return await job_answer(call, job)


async def patch_labels(call: Call) -> Answer:
    """PATCH /jobs/{id}/labels."""
    body = await call.body(_LABELS)
    job = await change_labels(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        job_id=await call.job_id(),
        add=body.add,
        remove=body.remove,
    )
    return await job_answer(call, job)


async def hide_job(call: Call) -> Answer:
    """POST /jobs/{id}/hide."""
    return await _hide(call, hidden=True)


async def unhide_job(call: Call) -> Answer:
    """POST /jobs/{id}/unhide."""
    return await _hide(call, hidden=False)


async def _hide(call: Call, *, hidden: bool) -> Answer:
    job_id = await call.job_id()
    job = await hide(call.core, actor=call.actor, protocol=PROTOCOL, job_id=job_id, hidden=hidden)
    return await job_answer(call, job)


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


def _usage(body: UsageBody) -> Usage:
    return Usage(cpu_s=body.cpu_s, max_memory_bytes=body.max_memory_bytes, wall_s=body.wall_s)


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
    canonical = msgspec.json.encode(msgspec.json.decode(raw), order="sorted")
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
    Row(
        method="POST",
        path="/jobs/{id}/cancel",
        name="cancelJob",
        tag="jobs",
        summary="Ask for a job's end. The wish is kept when answered; a job that has ended is answered unchanged.",
        handler=cancel_job,
        answers=(JobDocument,),
        status=HTTPStatus.ACCEPTED,
        errors=_WRITES,
    ),
    Row(
        method="POST",
        path="/jobs/{id}/finish",
        name="finishJob",
        tag="jobs",
        summary="Say how a job that only reports has ended.",
        handler=finish_job,
        body=FinishBody,
        answers=(JobDocument,),
        errors=_WRITES,
    ),
    Row(
        method="PUT",
        path="/jobs/{id}/status-text",
        name="writeStatusText",
        tag="jobs",
        summary="Set the job's own words.",
        handler=write_status_text,
        body=StatusTextBody,
        answers=(JobDocument,),
        errors=_WRITES,
    ),
    Row(
        method="PATCH",
        path="/jobs/{id}/labels",
        name="patchLabels",
        tag="jobs",
        summary="Add labels, and take labels away.",
        handler=patch_labels,
        body=LabelsBody,
        answers=(JobDocument,),
        errors=_WRITES,
    ),
    Row(
        method="POST",
        path="/jobs/{id}/hide",
        name="hideJob",
        tag="jobs",
        summary="Leave a job out of lists; nothing else happens to it.",
        handler=hide_job,
        answers=(JobDocument,),
        errors=_WRITES,
    ),
    Row(
        method="POST",
        path="/jobs/{id}/unhide",
        name="unhideJob",
        tag="jobs",
        summary="Take a hidden job into lists again.",
        handler=unhide_job,
        answers=(JobDocument,),
        errors=_WRITES,
    ),
)
