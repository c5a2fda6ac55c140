"""Websockets that are refused, and clients that break the protocol."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from headway.core.errors import Forbidden
from headway.lib.asgi import Receive, Scope, Send
from headway.protocols.http.problems import send_problem

pytestmark = pytest.mark.anyio

Start = Callable[..., Awaitable[int]]


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse every websocket."""
    if scope["type"] == "websocket":
        await receive()
        await send_problem(scope, send, Forbidden("not here"))


async def listen(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept a websocket and hear it out."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass


async def test_a_refused_websocket_is_no_error_of_ours(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    port = await start(refuse)
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{port}/")
    assert refused.value.response.status_code == 403
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


async def test_text_that_is_not_utf8_ends_a_websocket_and_is_told_once(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "headway")
    port = await start(listen)
    async with connect(f"ws://127.0.0.1:{port}/") as client:
        await client.send(b"\xff\xfe", text=True)
        async with asyncio.timeout(60):
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1007
    assert not [record for record in caplog.records if record.levelno > logging.INFO]
    assert len([record for record in caplog.records if "UTF-8" in record.message]) == 1
