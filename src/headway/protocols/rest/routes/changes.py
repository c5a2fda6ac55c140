"""Jobs: say, label, hide, cancel, end."""

from http import HTTPStatus
from typing import Final

from headway.core.model.job import Usage
from headway.core.operations.annotate import change_labels, hide, set_status_text
from headway.core.operations.cancel import cancel
from headway.core.operations.finish import finish
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import job_answer
from headway.protocols.rest.call import PROTOCOL, Call
from headway.protocols.rest.reading import BodyReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.bodies import FinishBody, LabelsBody, StatusTextBody, UsageBody
from headway.protocols.rest.wire.documents import JobDocument

_FINISH: Final = BodyReader[FinishBody](FinishBody)
_LABELS: Final = BodyReader[LabelsBody](LabelsBody)
_STATUS_TEXT: Final = BodyReader[StatusTextBody](StatusTextBody)


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


def _usage(body: UsageBody) -> Usage:
    return Usage(cpu_s=body.cpu_s, max_memory_bytes=body.max_memory_bytes, wall_s=body.wall_s)


_WRITES: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.INSUFFICIENT_STORAGE)

ROWS: Final = (
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
