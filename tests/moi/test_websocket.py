"""An application's relay between a browser that reads slowly and a server that has much to tell."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from typing_extensions import override
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from headway.moi.memory import Message
from headway.moi.websocket import MOIMessageHandler

pytestmark = pytest.mark.anyio

MESSAGE_BYTES = 1 << 18
#: Several times of what the kernel takes for those who do not read.
MESSAGES = 64
PATIENCE_S = 60


class Handler(MOIMessageHandler):
    """Notes whether anything that was told before still waited here when there was more to tell."""

    is_waiting: Callable[[], bool] = staticmethod(lambda: False)
    waited: list[bool] = []  # noqa: RUF012 -- each test has its own

    @override
    def get_current_user(self) -> str:
        return "group"

    @override
    def forward(self, payload: list[Message]) -> None:
        assert self.ws_connection is not None
        stream = self.ws_connection.stream
        assert stream is not None
        self.waited.append(stream.writing())
        type(self).is_waiting = stream.writing
        super().forward(payload)


@pytest.fixture
async def upstream() -> AsyncIterator[str]:
    """A server that tells at once all that it has; gives its address."""

    async def tell(client: ServerConnection) -> None:
        for number in range(MESSAGES):
            await client.send(json.dumps({"add": {"id": str(number), "x": "x" * MESSAGE_BYTES}}))
        await client.wait_closed()

    async with serve(tell, "127.0.0.1", 0, compression=None) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
async def application(upstream: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """An application that relays; gives its address."""
    monkeypatch.setattr("headway.moi.websocket.address_of", lambda _group: (upstream, {}))
    monkeypatch.setattr(Handler, "waited", [])
    monkeypatch.setattr(Handler, "is_waiting", staticmethod(lambda: False))
    listening, port = bind_unused_port()
    server = HTTPServer(Application([("/moi-ws/", Handler)]))
    server.add_sockets([listening])
    yield f"ws://127.0.0.1:{port}/moi-ws/"
    server.stop()
    await server.close_all_connections()


async def test_no_more_is_taken_from_the_server_than_the_browser_reads(application: str) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(application).port)) as narrow:
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        await _read_late(application, narrow)


async def _read_late(application: str, narrow: socket.socket) -> None:
    async with connect(
        application, sock=narrow, max_size=None, max_queue=1, compression=None
    ) as browser:
        async with asyncio.timeout(PATIENCE_S):
            while not Handler.is_waiting():  # noqa: ASYNC110 -- no event tells
                await asyncio.sleep(0.005)
            told = [json.loads(await browser.recv())["add"]["id"] for _ in range(MESSAGES)]
    assert told == [str(number) for number in range(MESSAGES)]
    assert not any(Handler.waited)
