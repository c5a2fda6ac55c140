"""Server-sent events and websockets where the server offers no direct way to the wire."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from headway.core.core import Core
from headway.core.errors import Forbidden
from headway.core.model.change import Change
from headway.core.model.job import Job, Kind
from headway.core.model.selection import Selection, Visibility
from headway.lib.asgi import ASGIApp, Message, Scope
from headway.protocols.http.connection import STOPPING
from headway.protocols.http.live.hub import Hub
from headway.protocols.http.live.sse import LiveEvents
from headway.protocols.http.live.wanted import Wanted
from headway.protocols.http.live.websocket import LiveSocket

pytestmark = pytest.mark.anyio

Read = Callable[[Scope], Awaitable[Wanted]]


class Words:
    def job(self, job: Any, tally: Any) -> object:
        return ["job", job.name]

    def worker(self, worker: Any) -> object:
        return ["worker", worker.id]

    def counters(self, job_id: Any, counters: Any) -> object:
        return ["counters", job_id]

    def event(self, event: Any) -> object:
        return ["event", event.type]

    def gone(self, job_id: Any) -> object:
        return ["gone", job_id]

    def reset(self) -> object:
        return ["reset"]


class Client:
    """One client of an ASGI application: says little, keeps what it is sent."""

    def __init__(self, first: str) -> None:
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.gone = asyncio.Event()
        self._first: str | None = first
        self._last = "websocket.disconnect" if "websocket" in first else "http.disconnect"

    async def receive(self) -> Message:
        if self._first is not None:
            first, self._first = self._first, None
            return {"type": first}
        await self.gone.wait()
        return {"type": self._last}

    async def send(self, message: Message) -> None:
        await self.sent.put(message)

    async def next(self) -> Message:
        async with asyncio.timeout(60):
            return await self.sent.get()


@pytest.fixture
def hub(core: Core) -> Hub:
    return Hub(core.store)


@pytest.fixture
def read() -> Read:
    words = Words()

    async def reading(_scope: Scope) -> Wanted:
        everything = Visibility(everything=True)
        return Wanted(rendering=words, visibility=everything, selection=Selection(children=True))

    return reading


async def new_job(core: Core, name: str) -> None:
    now = core.clock.now()
    job = Job(
        id=core.ids.new_job_id(),
        kind=Kind.REPORT,
        protocol="",
        owner="",
        name=name,
        created=now,
        updated=now,
    )
    await core.store.write(Change(jobs=(job,)))


@asynccontextmanager
async def asking(app: ASGIApp, scope: Scope) -> AsyncIterator[Client]:
    client = Client("websocket.connect" if scope["type"] == "websocket" else "http.request")
    task = asyncio.ensure_future(app(scope, client.receive, client.send))
    try:
        yield client
    finally:
        client.gone.set()
        await task


def http(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "headers": list(headers), "state": {}}


async def test_events_carry_their_sequence(core: Core, hub: Hub, read: Read) -> None:
    async with asking(LiveEvents(hub, read), http()) as client:
        start = await client.next()
        assert dict(start["headers"])[b"content-type"].startswith(b"text/event-stream")
        assert (await client.next())["body"] == b"retry: 2000\n\n"
        assert (await client.next())["body"] == b"id: 0\nevent: changes\ndata: []\n\n"
        await new_job(core, "line\nbreak")
        event = (await client.next())["body"].decode()
        assert event == 'id: 1\nevent: changes\ndata: [["job","line\\nbreak"]]\n\n'
    assert hub.figures.clients == 0


async def test_silence_is_broken_by_comments(hub: Hub, read: Read) -> None:
    async with asking(LiveEvents(hub, read, heartbeat_s=0.01), http()) as client:
        sent = [(await client.next()).get("body") for _ in range(5)]
        assert sent[-2:] == [b":\n\n", b":\n\n"]


async def test_a_client_that_comes_back_says_where_it_was(core: Core, hub: Hub, read: Read) -> None:
    await new_job(core, "seen")
    await new_job(core, "missed")
    async with asking(LiveEvents(hub, read), http((b"last-event-id", b"1"))) as client:
        await client.next()
        await client.next()
        assert b'[["job","missed"]]' in (await client.next())["body"]


@pytest.mark.parametrize("given", [b"x", b"-1", b"9" * 30])
async def test_an_id_that_is_none_is_refused(hub: Hub, read: Read, given: bytes) -> None:
    async with asking(LiveEvents(hub, read), http((b"last-event-id", given))) as client:
        assert (await client.next())["status"] == 400


async def test_a_client_that_may_not_watch_is_told_so(hub: Hub) -> None:
    async def refused(_scope: Scope) -> Wanted:
        raise Forbidden("this needs the scope read")

    async with asking(LiveEvents(hub, refused), http()) as client:
        assert (await client.next())["status"] == 403
    socket = {"type": "websocket", "headers": [], "extensions": {"websocket.http.response": {}}}
    async with asking(LiveSocket(hub, refused), socket) as client:
        assert (await client.next())["status"] == 403


async def test_events_end_when_the_server_stops(hub: Hub, read: Read) -> None:
    stopping = asyncio.Event()
    scope = {**http(), "state": {STOPPING: stopping}}
    async with asking(LiveEvents(hub, read), scope) as client:
        for _ in range(3):
            await client.next()
        stopping.set()
        assert await client.next() == {"type": "http.response.body", "body": b""}


async def test_another_servers_websocket_gets_messages(core: Core, hub: Hub, read: Read) -> None:
    stopping = asyncio.Event()
    scope = {"type": "websocket", "headers": [], "state": {STOPPING: stopping}}
    async with asking(LiveSocket(hub, read), scope) as client:
        assert (await client.next())["type"] == "websocket.accept"
        assert (await client.next())["text"] == "[0,[]]"
        await new_job(core, "new")
        assert json.loads((await client.next())["text"]) == [1, [["job", "new"]]]
        stopping.set()
        assert await client.next() == {"type": "websocket.close", "code": 1012}
