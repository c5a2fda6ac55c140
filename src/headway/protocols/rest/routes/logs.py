"""What a job wrote: whole, a part, its end, or as it is written."""

from http import HTTPStatus
from typing import Final

from headway.core.errors import NotFound
from headway.core.ports.executor import Stream
from headway.lib.asgi import header
from headway.protocols.http.problems import Answer, Problem, answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.logs import Log, follow, open_log, send_part
from headway.protocols.rest.reading import QueryReader
from headway.protocols.rest.table import Row
from headway.protocols.rest.wire.queries import LogQuery
from headway.protocols.rest.wire.ranges import Part, read_range, read_tail

_LOG: Final = QueryReader(LogQuery)


async def read_stream(call: Call) -> Answer | None:
    """GET /jobs/{id}/log/{stream}."""
    query = call.query(_LOG)
    tail = read_tail(query.tail)
    log = await open_log(call, stream_of(call), query.attempt, follow=query.follow)
    start = 0 if tail is None else await log.start_of(tail)
    part = (
        None
        if tail is not None
        else read_range(header(call.scope["headers"], b"range"), size=log.size)
    )
    if query.follow:
        await follow(call, log, start=start if part is None else part.start)
        return None
    if part is not None and part.start == part.end:
        return _not_satisfiable(log)
    await send_part(call, log, part or Part(start, log.size), partial=part is not None)
    return None


def stream_of(call: Call) -> Stream:
    """Give the stream that the path names.

    Raises:
        NotFound: there is none of that name.
    """
    try:
        return Stream(call.args["stream"])
    except ValueError:
        raise NotFound(
            f"a job has the logs {' and '.join(Stream)}, not {call.args['stream']!r}"
        ) from None


def _not_satisfiable(log: Log) -> Answer:
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    problem = Problem(
        title=status.phrase,
        status=status,
        detail=f"the log has {log.size} bytes now",
        code="range-not-satisfiable",
        field="Range",
    )
    return answer(problem, ((b"content-range", b"bytes */%d" % log.size),))


ROWS: Final = (
    Row(
        method="GET",
        path="/jobs/{id}/log/{stream}",
        name="readLog",
        tag="logs",
        summary="Read what a job wrote to stdout or stderr: bytes as they are.",
        handler=read_stream,
        query=LogQuery,
        media="text/plain; charset=utf-8",
        headers=(("Range", "One range of bytes; answered by 206. With `follow`, where to begin."),),
        partly=(HTTPStatus.PARTIAL_CONTENT,),
        errors=(
            HTTPStatus.NOT_FOUND,
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    ),
)
