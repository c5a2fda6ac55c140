"""Reading a log and sending it, in pieces, however large it is."""

import asyncio
from typing import Final

import msgspec

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.core.model.job import Job
from headway.core.operations.find import find_one
from headway.core.operations.logs import read_log
from headway.core.ports.executor import LogPart, Stream
from headway.protocols.http.connection import stopping
from headway.protocols.http.identity import watch_over
from headway.protocols.rest.call import Call
from headway.protocols.rest.wire.ranges import Part, Tail

PIECE_BYTES: Final = 128 * 1024
TAIL_WINDOW_BYTES: Final = 16 * 1024 * 1024  #: the last lines are looked for in so much of a log
POLL_S: Final = 0.25  #: how often a log that is followed is looked at

_HEADERS: Final = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """One stream of one attempt. ``size`` is what it was when it was opened."""

    call: Call
    job: Job
    stream: Stream
    attempt: int
    size: int

    async def read(self, offset: int, limit: int) -> LogPart:
        """Read some bytes."""
        return await read_log(
            self.call.core,
            actor=self.call.actor,
            job_id=self.job.id,
            stream=self.stream,
            attempt=self.attempt,
            offset=offset,
            limit=limit,
        )

    async def start_of(self, tail: Tail) -> int:
        """Give where the last bytes or lines begin. A line that is not ended yet counts as one.

        Lines are looked for in the last ``TAIL_WINDOW_BYTES`` only.
        """
        if not tail.lines:
            return max(0, self.size - tail.count)
        if not tail.count:
            return self.size
        floor = max(0, self.size - TAIL_WINDOW_BYTES)
        wanted, end = tail.count, self.size
        while end > floor:
            start = max(floor, end - PIECE_BYTES)
            data = (await self.read(start, end - start)).data
            # A newline at the very end of the log ends the last line; it does not begin another.
            found = len(data) - 1 if end == self.size and data.endswith(b"\n") else len(data)
            while wanted and (found := data.rfind(b"\n", 0, found)) >= 0:
                wanted -= 1
            if not wanted:
                return start + found + 1
            end = start
        return floor


async def open_log(call: Call, stream: Stream, attempt: int | None, *, follow: bool) -> Log:
    """Find a log. One that is to be followed may not be there yet.

    Raises:
        NotFound: no such job or attempt, or it has no log.
        ExecutorUnavailable: the log cannot be reached now.
    """
    job = await find_one(call.core, actor=call.actor, ref=call.args["id"])
    log = Log(call=call, job=job, stream=stream, attempt=attempt or job.attempt, size=0)
    try:
        part = await log.read(0, 0)
    except NotFound:
        if not _may_come(log):
            raise
        if not follow:
            raise NotFound(
                f"job {job.number} is {job.state} and has written nothing yet; follow=1 waits for it"
            ) from None
        return log
    return msgspec.structs.replace(log, size=part.size)


async def send_part(call: Call, log: Log, part: Part, *, partial: bool) -> None:
    """Send some bytes of a log, or only their headers to HEAD."""
    headers = [
        *_HEADERS,
        (b"accept-ranges", b"bytes"),
        _offset(part.start),
        (b"content-length", b"%d" % (part.end - part.start)),
    ]
    if partial:
        headers.append((b"content-range", b"bytes %d-%d/%d" % (part.start, part.end - 1, log.size)))
    await call.send(
        {"type": "http.response.start", "status": 206 if partial else 200, "headers": headers}
    )
    if call.scope["method"] != "HEAD":
        await _send_bytes(call, log, part)
    await call.send({"type": "http.response.body", "body": b""})


def _offset(start: int) -> tuple[bytes, bytes]:
    """Say where in the log the answer begins."""
    return b"headway-log-offset", b"%d" % start


async def _send_bytes(call: Call, log: Log, part: Part) -> None:
    # What is sent to a client that has gone vanishes without a word: 10 GB would be read for nobody.
    gone = asyncio.ensure_future(_until_disconnected(call))
    offset = part.start
    try:
        while offset < part.end and not gone.done():
            data = (await log.read(offset, min(PIECE_BYTES, part.end - offset))).data
            if not data:
                raise EOFError(f"a log of job {log.job.id} became shorter while it was read")
            offset += len(data)
            await call.send({"type": "http.response.body", "body": data, "more_body": True})
    finally:
        gone.cancel()


async def follow(call: Call, log: Log, *, start: int) -> None:
    """Send a log from ``start`` on as it is written, until the attempt has ended and all of it was sent.

    The answer is 200 wherever it begins: 206 would have to say where it ends.
    Ends early when the client goes away, its token ends or the server stops.
    """
    headers = [*_HEADERS, _offset(start), (b"x-accel-buffering", b"no")]
    await call.send({"type": "http.response.start", "status": 200, "headers": headers})
    if call.scope["method"] != "HEAD":
        await _pump(call, log, start)
    await call.send({"type": "http.response.body", "body": b""})


async def _pump(call: Call, log: Log, offset: int) -> None:
    gone = asyncio.ensure_future(_until_gone(call))
    still_known = watch_over(call.scope, call.core, call.context.identity, call.actor)
    try:
        while not gone.done() and (still_known is None or await still_known()):
            # The state is read before the bytes: what was written before the end is then surely seen.
            ended = await _has_ended(log)
            data = await _more(log, offset)
            if data:
                offset += len(data)
                await call.send({"type": "http.response.body", "body": data, "more_body": True})
            elif ended and data is not None:
                return
            else:
                await asyncio.wait([gone], timeout=POLL_S)
    finally:
        gone.cancel()


async def _until_gone(call: Call) -> None:
    """Return when the client has gone away or the server stops."""
    stop = asyncio.ensure_future(stopping(call.scope).wait())
    left = asyncio.ensure_future(_until_disconnected(call))
    try:
        await asyncio.wait([stop, left], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
        left.cancel()


async def _until_disconnected(call: Call) -> None:
    while (await call.receive())["type"] != "http.disconnect":
        pass


async def _has_ended(log: Log) -> bool:
    job = await find_one(log.call.core, actor=log.call.actor, ref=log.job.id)
    return job.state.is_final or job.attempt > log.attempt


async def _more(log: Log, offset: int) -> bytes | None:
    """Read on; nothing when there is no log (yet), None when it cannot be reached now."""
    try:
        return (await log.read(offset, PIECE_BYTES)).data
    except NotFound:
        return b""
    except ExecutorUnavailable:
        return None


def _may_come(log: Log) -> bool:
    job = log.job
    has_one = not (job.only_reports or job.is_array)
    return has_one and not job.state.is_final and log.attempt <= job.attempt
