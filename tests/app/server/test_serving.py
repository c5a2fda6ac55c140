"""Listening, stopping, TLS and websockets of the real server."""

import asyncio
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from headway.app.connection_limits import Limits
from headway.app.listening import holder_of, listen, reserved_port
from headway.app.server import serve
from headway.core.errors import Conflict, InvalidRequest
from headway.lib.asgi import ASGIApp, Receive, Scope, Send
from headway.protocols.http.connection import frame_sink, stopping

pytestmark = pytest.mark.anyio

Start = Callable[..., Awaitable[int]]
Raw = Callable[[int, bytes], Coroutine[None, None, bytes]]

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

#: Serves nothing and says when; ends by SIGTERM.
PROGRAM = """
import uvloop
from headway.app.server import serve
async def app(scope, receive, send): ...
uvloop.run(serve(app, port=0, on_ready=lambda host, port: print(port, flush=True)))
print("stopped")
"""


async def test_a_taken_port_is_named_with_its_holder(start: Start, mirror: ASGIApp) -> None:
    port = await start(mirror)
    with pytest.raises(Conflict, match=rf"port {port} .* process {os.getpid()} \(.*--port"):
        await serve(mirror, port=port)


def test_a_reserved_port_is_given_to_nobody_who_does_not_name_it() -> None:
    with reserved_port("127.0.0.1") as port, socket.socket() as other:
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
        for sock in listen("127.0.0.1", port):
            assert sock.getsockname() == ("127.0.0.1", port)
            sock.close()


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_no_port_is_reserved_where_none_can_be_listened_on(host: str) -> None:
    with pytest.raises(InvalidRequest) as error, reserved_port(host):
        pass
    assert error.value.field == "host"


def test_a_port_that_nobody_has_has_no_holder() -> None:
    assert "process" not in holder_of(1)


@pytest.mark.parametrize(
    ("host", "port", "field"),
    [("no.such.host.invalid", 0, "host"), ("127.0.0.1", 70_000, "port"), ("192.0.2.1", 0, "host")],
)
def test_what_cannot_be_listened_on_is_refused(host: str, port: int, field: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        listen(host, port)
    assert error.value.field == field


async def test_a_key_without_its_certificate_is_refused(mirror: ASGIApp, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="--cert"):
        await serve(mirror, port=0, key=tmp_path / "key.pem")


async def test_a_certificate_that_is_none_is_refused(mirror: ASGIApp, tmp_path: Path) -> None:
    cert = tmp_path / "cert.pem"
    cert.write_text("hello")
    with pytest.raises(InvalidRequest, match="certificate"):
        await serve(mirror, port=0, cert=cert)


@pytest.mark.service("openssl")
async def test_https_is_served_with_a_certificate(
    start: Start, mirror: ASGIApp, tmp_path: Path
) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    made = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject)
    process = await asyncio.create_subprocess_exec(
        "openssl", "req", *made, "-keyout", key, "-out", cert, stderr=subprocess.DEVNULL
    )
    assert await process.wait() == 0
    port = await start(mirror, cert=cert, key=key)
    context = ssl.create_default_context(cafile=cert)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost"
    )
    writer.write(REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    answer = await reader.read()
    writer.close()
    assert b'"scheme":"https"' in answer
    assert b'"own":true' in answer


async def test_the_server_ends_by_sigterm_and_says_nothing_bad() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert int(await process.stdout.readline()) > 0
    process.send_signal(signal.SIGTERM)
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"stopped\n", b"")


async def test_a_request_under_way_is_answered_before_the_end(
    start: Start, raw: Raw, quick: Limits
) -> None:
    stop, begun = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun.set()
        await stopping(scope).wait()
        headers = [(b"content-length", b"3")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"end"})

    port = await start(slow, stop=stop, limits=quick)
    asked = asyncio.create_task(raw(port, REQUEST))
    await begun.wait()
    stop.set()
    answer = await asked
    assert answer.endswith(b"end")
    assert b"connection: close" in answer


async def test_a_request_that_does_not_end_is_cut_off(
    start: Start, raw: Raw, quick: Limits, caplog: pytest.LogCaptureFixture
) -> None:
    stop, begun = asyncio.Event(), asyncio.Event()

    async def endless(scope: Scope, _receive: Receive, _send: Send) -> None:
        if scope["type"] == "http":
            begun.set()
            await asyncio.Event().wait()

    port = await start(endless, stop=stop, limits=quick)
    asked = asyncio.create_task(raw(port, REQUEST))
    await begun.wait()
    stop.set()
    with suppress(ConnectionResetError):
        await asked
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert "did not end" in caplog.text


async def test_a_body_that_is_half_here_is_not_waited_for(start: Start, mirror: ASGIApp) -> None:
    stop = asyncio.Event()
    port = await start(mirror, stop=stop)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        REQUEST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n{")
    )
    await reader.readuntil(b"100 Continue\r\n\r\n")  # the application asks for the body
    stop.set()
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"the server stops" in answer


async def greet(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept a websocket, send one frame directly, and listen."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    sink = frame_sink(scope)
    assert sink is not None
    sink.write(Frame(Opcode.TEXT, b"hello").serialize(mask=False))
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def test_a_frame_is_written_to_the_wire_as_it_is(start: Start) -> None:
    port = await start(greet)
    async with connect(f"ws://127.0.0.1:{port}/") as client:
        assert await client.recv() == "hello"
        await client.send("ignored")
        await (await client.ping())


async def test_websockets_are_told_that_the_server_stops(start: Start, quick: Limits) -> None:
    stop = asyncio.Event()
    port = await start(greet, stop=stop, limits=quick)
    async with connect(f"ws://127.0.0.1:{port}/") as client:
        await client.recv()
        stop.set()
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012


async def test_the_application_hears_its_beginning_and_its_end(start: Start) -> None:
    heard: list[str] = []
    stop = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while scope["type"] == "lifespan":
            message = await receive()
            heard.append(message["type"])
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    options: dict[str, Any] = {"stop": stop, "port": 0, "on_ready": lambda _h, _p: stop.set()}
    await serve(app, **options)
    assert heard == ["lifespan.startup", "lifespan.shutdown"]
