"""What one client may ask of the server."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from headway.app.connection_limits import Limits
from headway.lib.asgi import ASGIApp

pytestmark = pytest.mark.anyio

Start = Callable[..., Awaitable[int]]
Raw = Callable[[int, bytes], Awaitable[bytes]]
Parse = Callable[[bytes], Any]

HOST = b" HTTP/1.1\r\nHost: x\r\n"
CLOSE = b"Connection: close\r\n\r\n"


async def test_a_request_is_answered(start: Start, raw: Raw, parse: Parse, mirror: ASGIApp) -> None:
    port = await start(mirror)
    reply = parse(await raw(port, b"GET /a%20b?c" + HOST + CLOSE))
    assert reply.status == 200
    assert msgspec.json.decode(reply.body)["path"] == "/a b"


async def test_two_slashes_are_a_path_and_no_host(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp
) -> None:
    port = await start(mirror)
    reply = parse(await raw(port, b"GET //progress/create" + HOST + CLOSE))
    assert msgspec.json.decode(reply.body)["path"] == "//progress/create"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /" + b"x" * 9000 + HOST + CLOSE, 414),
        (b"GET /" + b"x" * 40_000, 414),
        (b"GET /" + HOST + b"a: " + b"x" * 40_000 + b"\r\n" + CLOSE, 431),
        (b"GET /" + HOST + b"a: " + b"x" * 40_000, 431),
        (b"GET /" + HOST + b"".join(b"a%d: x\r\n" % n for n in range(200)) + CLOSE, 431),
        (b"GET /" + HOST + b"Content-Length: x\r\n" + CLOSE, 400),
        (b"hello\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"\r\n" * 40_000, 431),
    ],
)
async def test_what_goes_beyond_a_limit_is_refused_with_words(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp, data: bytes, status: int
) -> None:
    reply = parse(await raw(await start(mirror), data))
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert msgspec.json.decode(reply.body)["detail"]


CHUNKED = b"POST /" + HOST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "flood",
    [
        b"0\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
        b"0\r\na: " + b"b" * 100_000 + b"\r\n\r\n",
        b"1;" + b"a" * 100_000 + b"\r\nx\r\n0\r\n\r\n",
    ],
    ids=["trailers", "trailer", "extension"],
)
async def test_what_comes_with_a_body_and_is_none_may_not_be_long(
    start: Start, raw: Raw, mirror: ASGIApp, flood: bytes
) -> None:
    assert b" 200 " not in await raw(await start(mirror), CHUNKED + b"2\r\n{}\r\n" + flood)


async def test_a_trailer_is_no_header(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp
) -> None:
    sent = CHUNKED + b"2;x=y\r\n{}\r\n0\r\nAuthorization: Bearer x\r\n\r\n"
    reply = parse(await raw(await start(mirror), sent))
    assert reply.status == 200
    assert b"bearer" not in reply.body.lower()


async def test_the_largest_head_that_is_allowed_is_read(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp
) -> None:
    port = await start(mirror)
    head = b"GET /" + b"x" * 8000 + HOST + b"a: " + b"y" * 24_000 + b"\r\n" + CLOSE
    assert parse(await raw(port, head)).status == 200


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET /" + HOST, b"\r\n"])
async def test_a_head_that_does_not_come_in_time_is_refused(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp, quick: Limits, sent: bytes
) -> None:
    port = await start(mirror, limits=quick)
    assert parse(await raw(port, sent)).status == 408


async def test_a_second_head_that_trickles_in_is_refused_too(
    start: Start, raw: Raw, mirror: ASGIApp, quick: Limits
) -> None:
    port = await start(mirror, limits=quick)
    answer = await raw(port, b"GET /" + HOST + b"\r\n" + b"GET /second HT")
    assert answer.count(b"HTTP/1.1 200") == 1
    assert answer.count(b"HTTP/1.1 408") == 1


async def test_a_connection_without_requests_is_closed(
    start: Start, raw: Raw, mirror: ASGIApp, quick: Limits
) -> None:
    port = await start(mirror, limits=quick)
    answer = await raw(port, b"GET /" + HOST + b"\r\n")
    assert answer.count(b"HTTP/1.1") == 1


async def test_pipelined_requests_are_answered_in_their_order(
    start: Start, raw: Raw, mirror: ASGIApp
) -> None:
    port = await start(mirror)
    answer = await raw(port, b"GET /1" + HOST + b"\r\n" + b"GET /2" + HOST + CLOSE)
    assert 0 < answer.index(b'"/1"') < answer.index(b'"/2"')


async def test_a_body_that_says_it_is_too_large_is_not_read(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp
) -> None:
    port = await start(mirror)
    head = b"POST /" + HOST + b"Content-Length: 10000000000\r\n\r\n"
    reply = parse(await raw(port, head))
    assert reply.status == 413
    assert msgspec.json.decode(reply.body)["field"] == "body"


async def test_a_client_that_sends_on_after_413_can_read_it(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp
) -> None:
    port = await start(mirror)
    head = b"POST /" + HOST + b"Content-Length: 2000000\r\n\r\n"
    assert parse(await raw(port, head + b"x" * 900_000)).status == 413


async def test_a_chunked_body_is_measured_as_it_comes(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp
) -> None:
    port = await start(mirror)
    head = b"POST /" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    reply = parse(await raw(port, head + (b"190\r\n" + b"x" * 400 + b"\r\n") * 5))
    assert reply.status == 413


async def test_a_body_that_trickles_in_is_refused(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp, quick: Limits
) -> None:
    port = await start(mirror, limits=quick)
    reply = parse(await raw(port, b"POST /" + HOST + b"Content-Length: 10\r\n\r\nabc"))
    assert reply.status == 400
    assert b"1 s" in reply.body


async def test_connections_beyond_the_most_are_told_to_come_later(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp
) -> None:
    port = await start(mirror, limits=Limits(connections=2, grace_s=1.0))
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
    reply = parse(await raw(port, b""))
    assert reply.status == 503
    for _, writer in held:
        writer.close()


async def test_an_unsupported_upgrade_is_ignored(
    start: Start, raw: Raw, parse: Parse, mirror: ASGIApp
) -> None:
    port = await start(mirror)
    upgrade = b"Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n"
    assert parse(await raw(port, b"GET /" + HOST + upgrade)).status == 200


async def test_a_bug_is_a_500_and_not_the_end(
    start: Start, raw: Raw, parse: Parse, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(scope: Any, _receive: Any, _send: Any) -> None:
        if scope["type"] == "http":
            raise ZeroDivisionError

    port = await start(broken)
    assert parse(await raw(port, b"GET /" + HOST + CLOSE)).status == 500
    assert parse(await raw(port, b"GET /" + HOST + CLOSE)).status == 500
    assert "ZeroDivisionError" in caplog.text
