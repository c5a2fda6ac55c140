"""A real server on a free port, in the test's own loop, and a client that says exactly what it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple, Protocol

import msgspec
import pytest

from headway.app.connection_limits import Limits
from headway.app.server import serve
from headway.lib.asgi import ASGIApp, Receive, Scope, Send
from headway.protocols.http.body import BodyLimits, read_body
from headway.protocols.http.connection import connection_of
from headway.protocols.http.problems import with_problems


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Start(Protocol):
    """Start a server; gives its port. It is stopped at the test's end."""

    async def __call__(self, app: ASGIApp, **options: Any) -> int: ...


class Raw(Protocol):
    """Send bytes; give all that comes back until the server closes."""

    async def __call__(self, port: int, data: bytes) -> bytes: ...


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def starting(app: ASGIApp, **options: Any) -> int:
            return await stack.enter_async_context(running(app, **options))

        yield starting


@asynccontextmanager
async def running(app: ASGIApp, **options: Any) -> AsyncIterator[int]:
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    options = {"stop": stop, "port": 0, **options}

    def on_ready(_host: str, port: int) -> None:
        ready.set_result(port)

    task = asyncio.create_task(serve(app, on_ready=on_ready, **options))
    task.add_done_callback(lambda _: ready.cancel())
    try:
        await ready
    except asyncio.CancelledError:
        await task
        raise
    try:
        yield ready.result()
    finally:
        stop.set()
        await task


@pytest.fixture
def raw() -> Raw:
    async def sending(port: int, data: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        async with asyncio.timeout(60):
            answer = await reader.read()
        writer.close()
        return answer

    return sending


@pytest.fixture
def parse() -> Callable[[bytes], Reply]:
    def parsing(answer: bytes) -> Reply:
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(": ") for line in lines)
        return Reply(int(first.split()[1]), {name.lower(): value for name, _, value in pairs}, body)

    return parsing


@pytest.fixture
def quick() -> Limits:
    """Limits that a test does not wait long for, and that a machine which halts for a moment does not come to."""
    return Limits(head_s=1.0, idle_s=1.0, grace_s=1.0)


@with_problems
async def mirror(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what the server knows of the request."""
    if scope["type"] != "http":
        return
    body = await read_body(scope, receive, limits=BodyLimits(size_bytes=1000, time_s=1.0))
    connection = connection_of(scope)
    told = msgspec.json.encode(
        {
            "own": connection is not None and connection.is_own_user,
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "size": len(body),
            "scheme": scope["scheme"],
        }
    )
    headers = [(b"content-length", b"%d" % len(told))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": told})


@pytest.fixture(name="mirror")
def mirror_fixture() -> ASGIApp:
    return mirror
