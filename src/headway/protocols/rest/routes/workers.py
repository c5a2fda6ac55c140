"""How far a job is: its workers and its counters."""

from http import HTTPStatus
from typing import Final

from headway.core.operations.counters import patch_counters
from headway.core.operations.find import find_workers
from headway.core.operations.report import report_workers
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import PROTOCOL, Call
from headway.protocols.rest.pace import Pace
from headway.protocols.rest.reading import BodyReader, QueryReader, check_length
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.bodies import CountersBody, ReportBody, WorkerBody
from headway.protocols.rest.wire.documents import (
    CountersDocument,
    NextReport,
    ReportedWorker,
    WorkersPage,
)
from headway.protocols.rest.wire.queries import WorkersQuery, read_workers_cursor, workers_cursor
from headway.protocols.rest.wire.render import (
    counter_document,
    reported_document,
    worker_document,
)
from headway.protocols.rest.wire.reports import counter_values, report_of
from headway.protocols.rest.wire.words import LONGEST_WORKER_ID

_WORKER: Final = BodyReader[WorkerBody](WorkerBody)
_REPORT: Final = BodyReader[ReportBody](ReportBody)
_COUNTERS: Final = BodyReader[CountersBody](CountersBody)
_WORKERS: Final = QueryReader(WorkersQuery)


class Reporting:
    """The routes by which workers report; they share what is known of who reports how often."""

    def __init__(self) -> None:
        self._pace = Pace()

    async def put_worker(self, call: Call) -> Answer:
        """PUT /jobs/{id}/workers/{workid}."""
        worker = call.args["workid"]
        check_length(worker, field="workid", most=LONGEST_WORKER_ID)
        body = await call.body(_WORKER)
        now = call.core.clock.now()
        reported = await report_workers(
            call.core,
            actor=call.actor,
            protocol=PROTOCOL,
            job_id=await call.job_id(),
            reports=(report_of(worker, body, now=now),),
        )
        job = reported.job
        wait_s = self._pace.next_report_s(job.id, (worker,), job.worker_count)
        floor_s = call.core.settings.stalled_floor_s
        if not reported.workers:  # an older report than the newest known changes nothing
            return json_answer(NextReport(next_report_s=wait_s))
        return json_answer(
            reported_document(reported.workers[0], at=now, floor_s=floor_s, next_report_s=wait_s)
        )

    async def post_report(self, call: Call) -> Answer:
        """POST /jobs/{id}/report: workers, counters and status text in one."""
        body = await call.body(_REPORT)
        now = call.core.clock.now()
        reported = await report_workers(
            call.core,
            actor=call.actor,
            protocol=PROTOCOL,
            job_id=await call.job_id(),
            reports=[report_of(worker.id, worker, now=now) for worker in body.workers],
            counters=None
            if body.counters is None
            else counter_values(body.counters, field="counters."),
            status_text=body.status_text,
        )
        job = reported.job
        ids = [worker.id for worker in body.workers]
        return json_answer(
            NextReport(next_report_s=self._pace.next_report_s(job.id, ids, job.worker_count))
        )


async def list_workers(call: Call) -> Answer:
    """GET /jobs/{id}/workers."""
    query = call.query(_WORKERS)
    found = await find_workers(
        call.core,
        actor=call.actor,
        job_id=await call.job_id(),
        limit=query.limit + 1,
        after=read_workers_cursor(query.cursor),
    )
    page = found[: query.limit]
    at, floor_s = call.core.clock.now(), call.core.settings.stalled_floor_s
    shown = [worker_document(worker, at=at, floor_s=floor_s) for worker in page]
    more = workers_cursor(page[-1].id) if len(found) > len(page) else None
    return json_answer(WorkersPage(workers=shown, next=more))


async def upsert_counters(call: Call) -> Answer:
    """PATCH /jobs/{id}/counters."""
    return await _counters(call, replace=False)


async def replace_counters(call: Call) -> Answer:
    """PUT /jobs/{id}/counters."""
    return await _counters(call, replace=True)


async def _counters(call: Call, *, replace: bool) -> Answer:
    body = await call.body(_COUNTERS)
    counters = await patch_counters(
        call.core,
        actor=call.actor,
        protocol=PROTOCOL,
        job_id=await call.job_id(),
        values=counter_values(body),
        replace=replace,
    )
    return json_answer(CountersDocument(counters=[counter_document(one) for one in counters]))


_WRITES: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.INSUFFICIENT_STORAGE)


def rows() -> tuple[Row, ...]:
    """Give the table's rows about workers and counters."""
    reporting = Reporting()
    return (
        Row(
            method="GET",
            path="/jobs/{id}/workers",
            name="listWorkers",
            tag="progress",
            summary="List a job's workers in the order of their ids.",
            handler=list_workers,
            query=WorkersQuery,
            answers=(WorkersPage,),
            errors=(HTTPStatus.NOT_FOUND,),
        ),
        Row(
            method="PUT",
            path="/jobs/{id}/workers/{workid}",
            name="putWorker",
            tag="progress",
            summary="Say how far one worker is. A slash in its id is written %2F.",
            handler=reporting.put_worker,
            body=WorkerBody,
            answers=(ReportedWorker, NextReport),
            errors=_WRITES,
        ),
        Row(
            method="POST",
            path="/jobs/{id}/report",
            name="postReport",
            tag="progress",
            summary="Report several workers, counters and the status text at once.",
            handler=reporting.post_report,
            body=ReportBody,
            answers=(NextReport,),
            errors=_WRITES,
        ),
        Row(
            method="PATCH",
            path="/jobs/{id}/counters",
            name="patchCounters",
            tag="progress",
            summary="Set counters: a value, or [value, colour]; null deletes one.",
            handler=upsert_counters,
            body=CountersBody,
            answers=(CountersDocument,),
            errors=_WRITES,
        ),
        Row(
            method="PUT",
            path="/jobs/{id}/counters",
            name="replaceCounters",
            tag="progress",
            summary="Set counters; all others go.",
            handler=replace_counters,
            body=CountersBody,
            answers=(CountersDocument,),
            errors=_WRITES,
        ),
    )
