"""How answers go out: whole ones in one piece, others as they come, broken ones not at all."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from headway.app.connection_limits import Limits
from headway.lib.asgi import ASGIApp, Headers, Receive, Scope, Send

pytestmark = pytest.mark.anyio

Start = Callable[..., Awaitable[int]]
Raw = Callable[[int, bytes], Coroutine[None, None, bytes]]
Parse = Callable[[bytes], Any]

CLOSING = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def answering(*parts: bytes, headers: Headers) -> ASGIApp:
    """Give an application that answers with these parts."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        for number, part in enumerate(parts, 1):
            more = number < len(parts)
            await send({"type": "http.response.body", "body": part, "more_body": more})

    return app


@pytest.mark.parametrize("parts", [(b"one and two",), (b"one ", b"and two"), (b"", b"one and two")])
async def test_an_answer_arrives_whole_however_it_was_sent(
    start: Start, raw: Raw, parse: Parse, parts: tuple[bytes, ...]
) -> None:
    port = await start(answering(*parts, headers=[(b"content-length", b"11"), (b"x-a", b"b")]))
    reply = parse(await raw(port, CLOSING))
    assert (reply.status, reply.body) == (200, b"one and two")
    assert reply.headers["x-a"] == "b"
    assert reply.headers["connection"] == "close"


async def test_a_long_body_arrives_whole(start: Start, raw: Raw, parse: Parse) -> None:
    body = bytes(range(256)) * 4096
    port = await start(answering(body, headers=[(b"content-length", b"%d" % len(body))]))
    assert parse(await raw(port, CLOSING)).body == body


async def test_an_answer_to_head_has_the_length_and_no_body(
    start: Start, raw: Raw, parse: Parse
) -> None:
    port = await start(answering(b"12345", headers=[(b"content-length", b"5")]))
    reply = parse(await raw(port, CLOSING.replace(b"GET", b"HEAD")))
    assert (reply.headers["content-length"], reply.body) == ("5", b"")


async def test_a_failure_between_head_and_body_is_a_500(
    start: Start, raw: Raw, parse: Parse
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = [(b"content-length", b"5")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            raise ValueError("a bug")

    assert parse(await raw(await start(app), CLOSING)).status == 500


async def test_a_header_that_would_break_the_answer_is_a_500(
    start: Start, raw: Raw, parse: Parse
) -> None:
    headers = [(b"content-length", b"2"), (b"x-a", b"b\r\nx-evil: yes")]
    reply = parse(await raw(await start(answering(b"OK", headers=headers)), CLOSING))
    assert reply.status == 500
    assert "x-evil" not in reply.headers


async def test_requests_sent_at_once_are_answered_in_their_order(
    start: Start, raw: Raw, mirror: ASGIApp
) -> None:
    ahead = b"".join(b"GET /%d?q=%d HTTP/1.1\r\nHost: x\r\n\r\n" % (n, n) for n in range(3))
    answer = await raw(await start(mirror), ahead + CLOSING)
    places = [answer.index(b'"path":"/%d","query":"q=%d"' % (n, n)) for n in range(3)]
    assert places == sorted(places)
    assert answer.count(b"HTTP/1.1 200 OK") == 4


async def test_a_whole_url_means_its_path(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp
) -> None:
    request = CLOSING.replace(b"GET /", b"GET http://x/a%20b?c")
    reply = parse(await raw(await start(mirror), request))
    assert b'"path":"/a b","query":"c"' in reply.body


async def test_a_connection_that_is_used_is_kept_and_an_idle_one_is_closed(
    start: Start, mirror: ASGIApp, quick: Limits
) -> None:
    port = await start(mirror, limits=quick)
    loop = asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begun_s = asked_s = loop.time()
    answers = 0
    while asked_s < begun_s + 1.5 * quick.idle_s:
        asked_s = loop.time()
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answers += (await reader.readuntil(b"}")).count(b"200 OK")
    async with asyncio.timeout(60):
        assert await reader.read() == b""
    assert answers > 1
    assert loop.time() - asked_s >= quick.idle_s * 0.9
    writer.close()
