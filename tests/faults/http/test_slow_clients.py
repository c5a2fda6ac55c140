"""Clients that never read, or say their requests a byte at a time, harm nobody else."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, suppress
from pathlib import Path
from typing import Protocol

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from headway.core.core import Core
from headway.core.model.change import Change
from headway.core.model.job import Job
from headway.protocols.http.live.hub import Hub

pytestmark = pytest.mark.anyio

CLIENTS = 100
FRAME_BYTES = 200_000
FRAMES = 600
PATIENCE_S = 60
#: What a client that were not bounded would have waiting for it at the end.
MADE_BYTES = FRAME_BYTES * FRAMES
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
EVENTS = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Stoppable(Protocol):
    """A server."""

    async def stop(self) -> None: ...


def rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 -- what is waited for happens in another layer
            await asyncio.sleep(0.005)


async def narrow(port: int) -> socket.socket:
    """Connect by a socket that takes next to nothing that its owner does not read."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(0)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    return sock


@pytest.fixture(params=[UPGRADE, EVENTS], ids=["websockets", "events"])
async def silent(
    request: pytest.FixtureRequest, port: int, hub: Hub
) -> AsyncIterator[list[socket.socket]]:
    """Clients that ask for changes and read none."""
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        sockets = [stack.enter_context(await narrow(port)) for _ in range(CLIENTS)]
        for sock in sockets:
            await loop.sock_sendall(sock, request.param)
        await until(lambda: hub.figures.clients == CLIENTS)
        yield sockets


async def tell(core: Core, hub: Hub, job: Job, word: str) -> None:
    """Have a frame sent that carries a word, where anybody is left to send it to."""
    before = hub.figures.frames
    known = await core.store.job(job.id)
    changed = known.changed(at=core.clock.now(), status_text=word)
    await core.store.write(Change(jobs=(changed,)))
    await until(lambda: hub.figures.frames > before or hub.figures.clients == 0)


async def read_to(client: ClientConnection, word: str) -> int:
    """Read until a frame has the word; gives how many frames that were."""
    count = 0
    async with asyncio.timeout(PATIENCE_S):
        while word not in str(await client.recv()):
            count += 1
    return count


async def test_memory_is_bounded_and_a_client_that_reads_gets_everything(
    core: Core, hub: Hub, job: Job, port: int, silent: list[socket.socket]
) -> None:
    async with connect(f"ws://127.0.0.1:{port}/", max_size=None, max_queue=None) as healthy:
        await healthy.recv()
        before = rss_bytes()
        for number in range(FRAMES):
            await tell(core, hub, job, f"{number} {'x' * FRAME_BYTES}")
            assert await read_to(healthy, f'"{number} x') == 0, "the next frame is the one"
        grown = rss_bytes() - before
    # Each silent client has a few hundred kB at most waiting for it, and shares them with the others.
    assert grown < MADE_BYTES / 2


@pytest.mark.parametrize("clogged_s", [1.0])
async def test_clients_that_stay_clogged_are_dropped(
    core: Core, hub: Hub, job: Job, silent: list[socket.socket]
) -> None:
    for _ in range(20):
        await tell(core, hub, job, "x" * FRAME_BYTES)
    await until(lambda: hub.figures.clients == 0)
    assert len(silent) == CLIENTS


async def test_a_client_that_reads_again_is_told_to_start_anew(
    core: Core, hub: Hub, job: Job, port: int
) -> None:
    sock = await narrow(port)
    async with connect(
        f"ws://127.0.0.1:{port}/", sock=sock, max_size=None, max_queue=1, ping_interval=None
    ) as client:
        await client.recv()
        for _ in range(60):
            await tell(core, hub, job, "x" * FRAME_BYTES)
        assert await read_to(client, "reset") < 60
        await tell(core, hub, job, "afterwards")
        await read_to(client, "afterwards")


async def test_heads_that_trickle_in_do_not_keep_others_waiting(port: int) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(CLIENTS):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(b"GET / HTTP/1.1\r\nHo")
        async with connect(f"ws://127.0.0.1:{port}/") as client:
            assert await client.recv()


async def test_the_server_stops_in_time_with_silent_clients(
    core: Core, hub: Hub, job: Job, server: Stoppable, silent: list[socket.socket]
) -> None:
    for _ in range(5):
        await tell(core, hub, job, "x" * FRAME_BYTES)
    assert hub.figures.clients == len(silent)
    async with asyncio.timeout(PATIENCE_S):
        await server.stop()
    await until(lambda: hub.figures.clients == 0)


async def test_a_client_that_goes_amid_frames_is_forgotten(
    core: Core, hub: Hub, job: Job, port: int
) -> None:
    client = await connect(f"ws://127.0.0.1:{port}/")
    await client.recv()
    client.transport.abort()
    with suppress(ConnectionClosed):
        await client.recv()
    await tell(core, hub, job, "x")
    await until(lambda: hub.figures.clients == 0)
