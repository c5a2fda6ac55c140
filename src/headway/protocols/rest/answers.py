"""Answers of the native protocol."""

from http import HTTPStatus
from typing import Final

import msgspec
from msgspec import UNSET

from headway.core.model.job import Job
from headway.core.model.worker import NO_TALLY
from headway.core.operations.find import Detail, find_detail, groups_with
from headway.core.operations.tokens import report_token
from headway.core.policy.rights import rights_of
from headway.protocols.http.problems import Answer
from headway.protocols.http.urls import base_url
from headway.protocols.rest.addresses import links
from headway.protocols.rest.call import Call
from headway.protocols.rest.conditions import tag_of
from headway.protocols.rest.wire.documents import JobDocument
from headway.protocols.rest.wire.render import document, job_group

_encode: Final = msgspec.json.Encoder().encode
_TYPE: Final = (b"content-type", b"application/json")
_CREATED: Final = HTTPStatus.CREATED
_NO_STORE: Final = (b"cache-control", b"no-store")


def json_answer(
    value: object,
    *,
    status: int = HTTPStatus.OK,
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> Answer:
    """Give a document as an answer."""
    body = _encode(value)
    length = (b"content-length", b"%d" % len(body))
    return Answer(status=status, headers=(_TYPE, length, _NO_STORE, *headers), body=body)


async def job_answer(
    call: Call,
    job: Job,
    *,
    status: int = HTTPStatus.OK,
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> Answer:
    """Give a job, with all that belongs to it, as an answer; one that is created comes with its place."""
    detail = await find_detail(call.core, actor=call.actor, ref=job.id)
    shown = job_document(call, detail, is_new=status == _CREATED)
    return document_answer(shown, status=status, headers=headers)


async def new_job_answer(call: Call, job: Job, *, is_in_groups: bool) -> Answer:
    """Give a job that was just made: nothing belongs to it yet, and it is in no group but those that it was submitted to."""
    groups = await groups_with(call.core, actor=call.actor, job_id=job.id) if is_in_groups else ()
    detail = Detail(job=job, tally=NO_TALLY, attempts=(), counters=(), groups=groups)
    return document_answer(job_document(call, detail, is_new=True), status=_CREATED)


def job_document(call: Call, detail: Detail, *, is_new: bool = False) -> JobDocument:
    """Make a job's document with links for this call's sender.

    A new job that runs elsewhere comes with what it needs to report; one that runs here finds that in its environment.
    """
    job = detail.job
    root = base_url(call.scope, call.core.settings.public_url)
    executor = None if job.cluster is None else call.core.executors.get(job.cluster)
    unheeded = () if executor is None or job.only_reports else executor.unheeded(job.spec)
    return document(
        job,
        detail.tally,
        attempts=detail.attempts,
        counters=detail.counters,
        groups=[job_group(group, root=root) for group in detail.groups],
        links=links(call, job),
        may=rights_of(call.actor, job),
        unheeded=unheeded,
        runs_as=call.core.account_of(job),
        report_token=report_token(call.core, job) if is_new and job.only_reports else UNSET,
    )


def document_answer(
    shown: JobDocument, *, status: int, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> Answer:
    """Give a job's document as an answer. Its ETag is as ``conditions`` says."""
    if status == _CREATED:
        headers = ((b"location", shown.links.self.encode()), *headers)
    body = _encode(shown)
    length = (b"content-length", b"%d" % len(body))
    etag = (b"etag", tag_of(shown.rev, body))
    return Answer(status=status, headers=(_TYPE, length, _NO_STORE, *headers, etag), body=body)
