"""The server's side of one helper's socket: says things, and tells a listener what it hears. Decides nothing."""

import asyncio
import logging
import os
import socket
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from typing_extensions import override

from headway.executors.local import daemon, record, wire
from headway.executors.local.record import Record
from headway.executors.local.wire import Kind, Refused, Role

logger = logging.getLogger(__name__)

_ANSWER_S: Final = 2.0


class Listener(Protocol):
    """Whoever wants to know what a helper says. Called in the event loop; must not block."""

    def recorded(self, holder: "Connection", slot: int, entry: Record) -> None:
        """Hear what the journal holds of an attempt now."""
        ...

    def refused(self, refusal: Refused) -> None:
        """Hear that an attempt was not started."""
        ...

    def became(self, connection: "Connection", role: Role) -> None:
        """Hear what the helper is ready for, at first and when it changes."""
        ...

    def hung_up(self, connection: "Connection") -> None:
        """Hear that the connection has ended by itself; the helper may have died."""
        ...


class Connection(asyncio.Protocol):
    """One attached helper.

    Attributes:
        directory: where its journal is.
        role: None until it has answered and after it has gone.
    """

    def __init__(self, directory: Path, listener: Listener) -> None:
        self.directory = directory
        self.role: Role | None = None
        self._listener = listener
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._attached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._heard: dict[int, asyncio.Future[None]] = {}
        self._closed = False

    async def attach(self, *, grace_s: float, environment: list[bytes]) -> None:
        """Connect, introduce this server, and wait for the helper's role.

        Raises:
            ConnectionError: no helper is there (any more).
            FileNotFoundError: no helper was ever ready there.
            TimeoutError: it does not answer now.
            OSError: it cannot be reached now.
        """
        connection = _connect(self.directory)
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: self, sock=connection)
        self.send(wire.attach(grace_s=grace_s, environment=environment))
        async with asyncio.timeout(_ANSWER_S):
            await self._attached

    def send(self, message: bytes) -> None:
        """Send a message; one to a helper that has gone is dropped, as one on its way would be."""
        if self._transport is not None:
            self._transport.write(message)

    async def cancel(self, tags: Sequence[bytes]) -> None:
        """Have attempts ended; it is journalled on return.

        Raises:
            ConnectionError: the helper has gone; whether it heard is not known.
        """
        number = max(self._heard, default=0) + 1
        self._heard[number] = asyncio.get_running_loop().create_future()
        try:
            if self._transport is None:
                raise ConnectionResetError("the helper has gone")
            self.send(wire.cancel(number, list(tags)))
            await self._heard[number]
        finally:
            del self._heard[number]

    def settle(self, slots: Sequence[tuple[int, int]]) -> None:
        """Give slots free whose attempts' ends are known."""
        self.send(wire.settled(list(slots)))

    def close(self) -> None:
        """Hang up; the helper goes on."""
        self._closed = True
        if self._transport is not None:
            self._transport.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not checked with isinstance: uvloop's transports do not inherit from asyncio's.
        self._transport = transport  # type: ignore[assignment]

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        try:
            for kind, body in wire.split(self._received):
                self._hear(Kind(kind), body)
        except (wire.BadFrame, ValueError, struct.error):
            logger.exception("the helper in %s is not understood", self.directory)
            if self._transport is not None:
                self._transport.abort()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.role = None
        gone = ConnectionResetError("the helper has gone")
        for waiting in (self._attached, *self._heard.values()):
            if not waiting.done():
                waiting.set_exception(gone)
                waiting.exception()  # mark it as seen: nobody may be waiting any more
        if not self._closed:
            self._listener.hung_up(self)

    def _hear(self, kind: Kind, body: bytes) -> None:
        if kind is Kind.RECORDS:
            for slot, raw in wire.read_records(body):
                entry = record.unpack(raw)
                if entry is not None:
                    self._listener.recorded(self, slot, entry)
        elif kind is Kind.REFUSED:
            for refusal in wire.read_refused(body):
                self._listener.refused(refusal)
        elif kind is Kind.HEARD:
            waiting = self._heard.get(wire.read_heard(body))
            if waiting is not None and not waiting.done():
                waiting.set_result(None)
        elif kind is Kind.HELLO:
            self.role = wire.read_hello(body)
            self._listener.became(self, self.role)
            if not self._attached.done():
                self._attached.set_result(None)


def _connect(directory: Path) -> socket.socket:
    # A socket's path is at most 107 bytes long and a data directory's may be more: go by a descriptor.
    # Without a thread: a local connect never waits, it fails when the other side's queue is full.
    place = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        connection.connect(f"/proc/self/fd/{place}/{daemon.SOCKET}")
    except BaseException:
        connection.close()
        raise
    finally:
        os.close(place)
    return connection
