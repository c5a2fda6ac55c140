"""Many requests sent without waiting for the answers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from headway.app.connection_limits import Limits
from headway.lib.asgi import ASGIApp, Receive, Scope, Send

pytestmark = pytest.mark.anyio

Start = Callable[..., Awaitable[int]]
Raw = Callable[[int, bytes], Awaitable[bytes]]

MANY = 6000
GET = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
POST = b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n" + b"x" * 900


@pytest.mark.parametrize("request_of", [GET, POST])
async def test_small_requests_are_all_served_in_their_order_whatever_their_sum(
    start: Start, raw: Raw, mirror: ASGIApp, caplog: pytest.LogCaptureFixture, request_of: bytes
) -> None:
    port = await start(mirror)
    answer = await raw(port, b"".join(request_of % n for n in range(MANY)) + LAST)
    assert answer.count(b"HTTP/1.1 200") == MANY + 1
    places = [answer.index(b'"/%d"' % n) for n in range(0, MANY, 500)]
    assert places == sorted(places)
    assert answer.endswith(b"}")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_no_more_requests_are_read_ahead_than_a_few(start: Start, raw: Raw) -> None:
    seen: list[str] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        seen.append(scope["path"])
        begun.set()
        await go_on.wait()
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    # A head that is read late because of us is not one that comes late.
    port = await start(app, limits=Limits(head_s=1.0, grace_s=1.0))
    requests = b"".join(GET % n for n in range(MANY)) + LAST
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(requests)
    await begun.wait()
    assert b" 408 " in await raw(port, b"")  # a client that came later is late by now
    assert seen == ["/0"]
    go_on.set()
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    assert answer.count(b"HTTP/1.1 200") == MANY + 1
    assert len(seen) == MANY + 1


async def test_a_bad_request_behind_good_ones_leaves_no_traceback(
    start: Start, raw: Raw, mirror: ASGIApp, caplog: pytest.LogCaptureFixture
) -> None:
    port = await start(mirror)
    await raw(port, b"".join(GET % n for n in range(200)) + b"nonsense\r\n\r\n")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_everybody_who_answers_hears_that_the_client_has_gone(start: Start) -> None:
    begun, gone = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, _send: Send) -> None:
        if scope["type"] != "http":
            return
        begun.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    port = await start(app, limits=Limits(grace_s=1.0))
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET % 1 + GET % 2)
    await begun.wait()
    writer.close()
    async with asyncio.timeout(60):
        await gone.wait()
