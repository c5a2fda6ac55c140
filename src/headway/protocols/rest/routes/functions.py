"""Functions: what they are signed with, and what they gave back. And many jobs at once."""

from functools import partial
from http import HTTPStatus
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.model.worker import NO_TALLY
from headway.core.operations.functions import function_key, read_result
from headway.core.operations.submit import Submission, submit_many
from headway.core.policy.access import is_user
from headway.protocols.http.aside import aside
from headway.protocols.http.body import LIMITS, BodyLimits, read_body, require_json
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import PROTOCOL, Call
from headway.protocols.rest.idempotency import IDEMPOTENCY_HEADER, idempotency_of
from headway.protocols.rest.reading import BodyReader
from headway.protocols.rest.submissions import submission_of
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.bodies import JobBody, JobsBody
from headway.protocols.rest.wire.functions import FunctionKey, JobsDocument
from headway.protocols.rest.wire.render import summary
from headway.protocols.rest.wire.submission import check_job

_JOBS: Final = BodyReader[JobsBody](JobsBody)
_LONG: Final = BodyLimits(size_bytes=16 << 20)


async def get_key(call: Call) -> Answer:
    """GET /functions/key."""
    return json_answer(FunctionKey(key=function_key(call.core, actor=call.actor)))


async def submit_jobs(call: Call) -> Answer:
    """POST /jobs/many."""
    require_json(call.scope["headers"])
    limits = _LONG if is_user(call.actor) else LIMITS
    raw = await read_body(call.scope, call.receive, limits=limits)
    body = await _JOBS.decoded(raw)
    key, digest = await aside(raw, partial(idempotency_of, call.scope["headers"], raw))
    jobs = await submit_many(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        submissions=[_submission(job, place, len(raw)) for place, job in enumerate(body.jobs)],
        key=key,
        digest=digest,
    )
    shown = [summary(job, NO_TALLY) for job in jobs]
    return json_answer(JobsDocument(jobs=shown), status=HTTPStatus.CREATED)


def _submission(job: JobBody, place: int, size_bytes: int) -> Submission:
    try:
        check_job(job, size_bytes=size_bytes)
        return submission_of(job)
    except InvalidRequest as error:
        where = f"jobs[{place}]"
        field = f"{where}.{error.field}" if error.field else where
        raise InvalidRequest(f"{where}: {error}", field=field) from error


async def get_result(call: Call) -> Answer:
    """GET /jobs/{id}/result."""
    result = await read_result(call.core, actor=call.actor, ref=call.args["id"])
    headers = (
        (b"content-type", result.media_type.encode()),
        (b"content-length", b"%d" % len(result.data)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-disposition", b"attachment"),
    )
    return Answer(status=HTTPStatus.OK, headers=headers, body=result.data)


ROWS: Final = (
    Row(
        method="GET",
        path="/functions/key",
        name="readFunctionKey",
        tag="functions",
        summary="Give the key that your functions are signed with. It is yours alone, and the same for ever.",
        handler=get_key,
        answers=(FunctionKey,),
    ),
    Row(
        method="POST",
        path="/jobs/many",
        name="submitJobs",
        tag="jobs",
        summary="Submit up to 1,000 jobs: all of them or none. Durable when answered.",
        handler=submit_jobs,
        body=JobsBody,
        answers=(JobsDocument,),
        status=HTTPStatus.CREATED,
        headers=(IDEMPOTENCY_HEADER,),
        errors=(
            HTTPStatus.NOT_FOUND,
            HTTPStatus.CONFLICT,
            HTTPStatus.INSUFFICIENT_STORAGE,
            HTTPStatus.UNPROCESSABLE_ENTITY,
        ),
    ),
    Row(
        method="GET",
        path="/jobs/{id}/result",
        name="readResult",
        tag="functions",
        summary="Read all that a function gave back: JSON, or a pickle, which the server never opens.",
        handler=get_result,
        media="application/octet-stream",
        errors=(HTTPStatus.NOT_FOUND,),
    ),
)
