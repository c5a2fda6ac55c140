"""Receivers of callbacks on this machine, each behaving as a test has it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import NamedTuple, TypeAlias


class Request(NamedTuple):
    """What a receiver got."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


Behaviour: TypeAlias = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class Receiver:
    """A server on a free port of 127.0.0.1, closed at the end of ``receiving``."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.requests: list[Request] = []
        self.gone = asyncio.Event()  # somebody who called has hung up
        self.tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        """Where it is, with a path and a query string."""
        return f"http://127.0.0.1:{self.port}/told/7?x=1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection, then wait for its end."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                request = await read_request(reader)
                self.requests.append(request)
                await self.behaviour(request, writer)
                await reader.read()
            self.gone.set()
        finally:
            writer.close()
            self.tasks.discard(task)


@contextlib.asynccontextmanager
async def receiving(behaviour: Behaviour) -> AsyncIterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver(behaviour)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        tasks = tuple(receiver.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Read one request with a Content-Length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.split("\r\n")[:-2]
    method, target, _ = line.split(" ")
    headers = {
        name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
    }
    body = await reader.readexactly(int(headers["content-length"]))
    return Request(method, target, headers, body)


def answering(*pieces: bytes, closes: bool = True) -> Behaviour:
    """Give the behaviour that writes these bytes, piece by piece, and then hangs up or waits."""

    async def behave(_request: Request, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if closes:
            writer.close()

    return behave


def head(status: int, *headers: str) -> bytes:
    """Give an answer's head."""
    return "\r\n".join([f"HTTP/1.1 {status} Words", *headers, "", ""]).encode()


TAKES = answering(head(204))
HANGS = answering(closes=False)
