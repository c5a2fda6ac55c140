"""A real server with live streams, in the test's own loop."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from headway.app.connection_limits import Limits
from headway.app.server import serve
from headway.core.core import Core
from headway.core.model.change import Change
from headway.core.model.job import Job, Kind
from headway.core.model.selection import Selection, Visibility
from headway.lib.asgi import ASGIApp, Receive, Scope, Send
from headway.protocols.http.guards import Guards
from headway.protocols.http.live.hub import Hub, HubLimits
from headway.protocols.http.live.sse import LiveEvents
from headway.protocols.http.live.wanted import Rendering, Wanted
from headway.protocols.http.live.websocket import LiveSocket


class Words:
    """Changes as little as a test needs; a status text is as large as the test makes it."""

    def job(self, job: Any, tally: Any) -> object:
        return ["job", job.status_text]

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


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def job(core: Core) -> Job:
    now = core.clock.now()
    made = Job(
        id=core.ids.new_job_id(), kind=Kind.REPORT, protocol="", owner="", created=now, updated=now
    )
    return (await core.store.write(Change(jobs=(made,)))).jobs[0]


@pytest.fixture
def hub(core: Core) -> Hub:
    return Hub(core.store, limits=HubLimits(batch_s=0.002))


@pytest.fixture
def clogged_s() -> float:
    """How long a client may stay clogged: as good as for ever, unless a test says otherwise."""
    return 3600.0


@pytest.fixture
def app(hub: Hub, clogged_s: float) -> ASGIApp:
    words: Rendering = Words()

    async def read(_scope: Scope) -> Wanted:
        everything = Visibility(everything=True)
        return Wanted(rendering=words, visibility=everything, selection=Selection(children=True))

    events, sockets = LiveEvents(hub, read, clogged_s=clogged_s), LiveSocket(hub, read)

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await (events if scope["type"] == "http" else sockets)(scope, receive, send)

    return Guards(both)


class Running:
    """A server that can be stopped before the test's end."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(
            serve(app, port=0, on_ready=self._is_ready, stop=self._stop, limits=limits)
        )

    async def stop(self) -> None:
        self._stop.set()
        await self._task

    def _is_ready(self, _host: str, port: int) -> None:
        self.ready.set_result(port)


@pytest.fixture
async def server(app: ASGIApp, clogged_s: float) -> AsyncIterator[Running]:
    limits = Limits(clogged_s=clogged_s, unsent_bytes=256 * 1024, grace_s=1.0)
    running = Running(app, limits)
    yield running
    await running.stop()


@pytest.fixture
async def port(server: Running) -> int:
    return await server.ready
