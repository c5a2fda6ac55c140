"""Clients of a real server that ask for much, read nothing, and go or stay."""

import asyncio
import json
import logging
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from tests.protocols.moi.conftest import NewGroup, NewJob
from websockets.frames import Frame, Opcode

from headway.app.connection_limits import Limits
from headway.app.server import serve
from headway.lib.asgi import ASGIApp, Receive, Scope, Send
from headway.protocols.http.connection import FRAMES

pytestmark = pytest.mark.anyio

CLIENTS = 5
JOBS = 50
PATIENCE_S = 60
#: More than fit into what any socket of these holds, and into what the server lets wait.
MESSAGES = 400
UPGRADE = (
    b"GET /moi-ws/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
def clogged_s() -> float:
    """How long a client may stay clogged: as good as for ever, unless a test says otherwise."""
    return 3600.0


class Serving:
    """A server that can be stopped before the test's end, and its websockets."""

    def __init__(self, app: ASGIApp, clogged_s: float) -> None:
        self._app = app
        self.sockets: list[Any] = []  # what uvicorn knows of those that are served now
        self.port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._stop = asyncio.Event()
        limits = Limits(clogged_s=clogged_s, unsent_bytes=16 * 1024, grace_s=4.0)
        self._task = asyncio.create_task(
            serve(self._serve, port=0, on_ready=self._is_ready, stop=self._stop, limits=limits)
        )

    async def stop(self) -> None:
        self._stop.set()
        await self._task

    def _is_ready(self, _host: str, port: int) -> None:
        self.port.set_result(port)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            return
        sink = scope["extensions"][FRAMES]
        self.sockets.append(sink)
        try:
            await self._app(scope, receive, send)
        finally:
            self.sockets.remove(sink)


@pytest.fixture
async def serving(app: ASGIApp, clogged_s: float) -> AsyncIterator[Serving]:
    serving = Serving(app, clogged_s)
    yield serving
    await serving.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 -- what is waited for happens in another layer
            await asyncio.sleep(0.005)


def asking(*groups: str) -> bytes:
    """Give frames that ask for these groups in turn, again and again."""
    texts = [json.dumps({"get": [groups[number % len(groups)]]}) for number in range(MESSAGES)]
    return b"".join(
        Frame(Opcode.TEXT, text.encode()).serialize(mask=True, extensions=[]) for text in texts
    )


@pytest.fixture
def clients() -> Iterator[ExitStack]:
    """Close the clients' sockets in the end."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
async def silent(
    serving: Serving, clients: ExitStack, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> list[socket.socket]:
    """Clients that said more than the server takes of one that does not read, and read nothing."""
    user = await new_user("example")
    group = await new_group(user.id)
    for _ in range(JOBS):
        await new_job(group.id, name="x" * 200)
    said = asking(user.id, group.id)
    loop, port = asyncio.get_running_loop(), await serving.port
    sockets: list[socket.socket] = []
    for _ in range(CLIENTS):
        sock = clients.enter_context(socket.socket())
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(0)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        await loop.sock_sendall(sock, UPGRADE)
        await until(lambda: len(serving.sockets) > len(sockets))
        await loop.sock_sendall(sock, said)
        sockets.append(sock)
    return sockets


def is_deaf(sink: Any) -> bool:
    """Tell whether nothing more is taken from a client, and nothing more can be sent to it."""
    return bool(sink.clogged and sink.read_paused and not sink.queue.empty())


def are_deaf(serving: Serving) -> bool:
    return len(serving.sockets) == CLIENTS and all(map(is_deaf, serving.sockets))


def vanish(sock: socket.socket) -> None:
    """Be gone without a word but the kernel's."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(sock.detach())


async def test_clients_that_said_much_read_nothing_and_vanished_are_let_go(
    serving: Serving, silent: list[socket.socket]
) -> None:
    await until(lambda: are_deaf(serving))
    for sock in silent:
        vanish(sock)
    await until(lambda: not serving.sockets)


@pytest.mark.parametrize("clogged_s", [0.5])
async def test_clients_that_said_much_and_read_nothing_for_too_long_are_let_go(
    serving: Serving, silent: list[socket.socket]
) -> None:
    await until(lambda: not serving.sockets)
    assert len(silent) == CLIENTS


async def test_the_server_stops_in_time_with_clients_that_said_much_and_read_nothing(
    serving: Serving, silent: list[socket.socket], caplog: pytest.LogCaptureFixture
) -> None:
    await until(lambda: are_deaf(serving))
    with caplog.at_level(logging.WARNING):
        await serving.stop()
    assert not serving.sockets
    assert not caplog.records
    assert len(silent) == CLIENTS
