"""What a job wrote, by lines: some of them, or those that match."""

from http import HTTPStatus
from typing import Final

from headway.core.operations.log_lines import read_log_lines
from headway.core.operations.log_search import Sought, search_log
from headway.protocols.http.problems import Answer
from headway.protocols.rest.answers import json_answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.reading import QueryReader
from headway.protocols.rest.routes.logs import stream_of
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.log_lines import (
    LinesDocument,
    LinesQuery,
    LogSearchQuery,
    MatchDocument,
    MatchesDocument,
)

_LINES: Final = QueryReader(LinesQuery)
_SEARCH: Final = QueryReader(LogSearchQuery)
_ERRORS: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE)


async def read_lines(call: Call) -> Answer:
    """GET /jobs/{id}/log/{stream}/lines."""
    query = call.query(_LINES)
    found = await read_log_lines(
        call.core,
        actor=call.actor,
        job_id=await call.job_id(),
        stream=stream_of(call),
        attempt=query.attempt,
        first=query.first,
        count=query.count,
    )
    return json_answer(
        LinesDocument(
            first=found.first,
            lines=found.lines,
            total=found.total,
            counted=found.is_counted,
            size_bytes=found.size_bytes,
            ended=found.has_ended,
            cut=found.cut,
            ends=found.ends,
        )
    )


async def search_lines(call: Call) -> Answer:
    """GET /jobs/{id}/log/{stream}/search."""
    query = call.query(_SEARCH)
    found = await search_log(
        call.core,
        actor=call.actor,
        job_id=await call.job_id(),
        stream=stream_of(call),
        attempt=query.attempt,
        sought=Sought(
            text=query.text or "",
            is_regex=query.regex,
            match_case=query.case,
            errors=query.errors,
        ),
        after=query.after,
        until=query.until,
        limit=query.limit,
    )
    return json_answer(
        MatchesDocument(
            matches=[
                MatchDocument(line=one.line, text=one.text, start=one.start, end=one.end)
                for one in found.matches
            ],
            scanned_lines=found.scanned_lines,
            complete=found.next is None,
            next=found.next,
        )
    )


ROWS: Final = (
    Row(
        method="GET",
        path="/jobs/{id}/log/{stream}/lines",
        name="readLogLines",
        tag="logs",
        summary="Read some lines of what a job wrote, by their numbers, as text.",
        handler=read_lines,
        query=LinesQuery,
        answers=(LinesDocument,),
        errors=_ERRORS,
    ),
    Row(
        method="GET",
        path="/jobs/{id}/log/{stream}/search",
        name="searchLog",
        tag="logs",
        summary="Find the lines of what a job wrote that hold a text, match an expression, or look like errors.",
        handler=search_lines,
        query=LogSearchQuery,
        answers=(MatchesDocument,),
        errors=_ERRORS,
    ),
)
