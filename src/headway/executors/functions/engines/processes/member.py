"""One worker as the server has it: what it was sent, what its journal says, what it was ordered."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

import msgspec
from typing_extensions import override

from headway.core.model.names import NativeId, Tag
from headway.executors.functions.engine import Task, Where
from headway.executors.functions.engines.processes import frames, hiring, orders
from headway.executors.functions.engines.processes.reading import Journals

_encode: Final = msgspec.json.Encoder().encode
_QUICK_S: Final = 0.005
_MOST_AHEAD: Final = 16


class About(msgspec.Struct, frozen=True):
    """What a worker journals of what it begins."""

    at: float
    limit_s: float = 0.0
    rerun: int = 0


_decode_about: Final = msgspec.json.Decoder(About).decode


class Running(msgspec.Struct, kw_only=True):
    """What a worker has begun and not ended; ``since`` is monotonic."""

    tag: Tag
    about: About
    where: Where
    since: float
    is_told: bool = False


class Crew(Protocol):
    """Whoever has members. Called in the event loop."""

    def rung(self, member: "Member") -> None:
        """Hear that its journal is worth a look."""
        ...

    def dead(self, member: "Member") -> None:
        """Hear that its process is gone."""
        ...


class Member(asyncio.Protocol):
    """A worker, living or dead.

    Attributes:
        pid: None for one that was found dead.
        sent: tasks that it was given and, as far as is known, has not begun, in order.
        running: what it has begun.
        is_alive: its process lives, as far as is known.
        is_ready: it has said something, ever.
        cuts: which attempts it was ordered to end, and why.
    """

    def __init__(
        self,
        directory: Path,
        *,
        crew: Crew,
        host: str,
        pid: int | None,
        process: "subprocess.Popen[bytes] | None" = None,
    ) -> None:
        self.directory = directory
        self.pid = pid
        self.sent: dict[Tag, Task] = {}
        self.running: Running | None = None
        self.is_alive = pid is not None
        self.is_ready = False
        self.journals = Journals(directory)
        self._crew = crew
        self._host = host
        self._process = process
        self._transport: asyncio.Transport | None = None
        self._pidfd: int | None = None
        self._lock, self._orders = hiring.prepare(directory)
        self._void, self._version, cuts = orders.read(self._orders)
        self.cuts = {Tag(tag): cause for tag, cause in cuts.items()}
        self._serial = self._void
        self._quick = 0

    async def attach(self) -> None:
        """Connect, and hear of its death from now on.

        Raises:
            OSError: it has died.
        """
        if self.pid is None:
            return
        loop = asyncio.get_running_loop()
        self._pidfd = os.pidfd_open(self.pid)
        loop.add_reader(self._pidfd, self._gone)
        connection = hiring.connect(self.directory)
        await loop.create_unix_connection(lambda: self, sock=connection)

    @property
    def can_take(self) -> int:
        """Tell how many more tasks it is to be given: several only where they are quick, and one does not wait long."""
        if not self.is_alive or self._transport is None or self.journals.is_damaged:
            return 0
        has = len(self.sent) + (self.running is not None)
        return min(_MOST_AHEAD, 1 + self._quick) - has

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing is left for it to do."""
        return self.running is None and not self.sent

    def send(self, tasks: Sequence[Task]) -> None:
        """Give it tasks."""
        parts = []
        for task in tasks:
            self._serial += 1
            self.sent[task.tag] = task
            document = _encode(
                {
                    "serial": self._serial,
                    "limit_s": task.limit_s,
                    "rerun": task.rerun,
                    "order": task.order,
                }
            )
            parts.append(frames.pack(frames.TASK, task.tag, document, task.pickled))
        if self._transport is not None:
            self._transport.write(b"".join(parts))

    def take_back(self) -> list[frames.Record]:
        """Have it begin nothing of what it was sent and has not begun; gives what it has journalled by now.

        What is then in ``sent`` is the caller's again, once it has looked at the records.

        Raises:
            Busy: not now.
        """
        with orders.locked(self._lock):
            self._write_orders(void=self._serial, cuts=self.cuts)
            self._void = self._serial
            return self.journals.read()

    def order_end(self, tag: Tag, cause: str) -> None:
        """Have it end what it runs: write it down and send SIGTERM, to what the function has started too.

        Raises:
            Busy: not now.
        """
        cuts = {**self.cuts, tag: cause}
        self._version += 1
        self._write_orders(void=self._void, cuts=cuts)
        self.cuts = cuts
        self.signal(signal.SIGTERM)

    def signal(self, number: int) -> None:
        """Signal the worker and its session's group."""
        if self.pid is not None and self.is_alive:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def began(self, tag: Tag, document: bytes) -> Running:
        """Take in that it has begun something."""
        about = _decode_about(document)
        started = datetime.fromtimestamp(about.at, UTC)
        where = Where(native_id=self.native_id, host=self._host, started=started)
        self.sent.pop(tag, None)
        self.running = Running(tag=tag, about=about, where=where, since=time.monotonic())
        return self.running

    def ended(self, tag: Tag) -> Where:
        """Take in that it has ended something."""
        running, self.running = self.running, None
        if running is None or running.tag != tag:
            return Where(native_id=self.native_id, host=self._host)
        if self.cuts.pop(tag, None) is not None:
            with suppress(orders.Busy):  # what is over is left there, and meant for nobody
                self._write_orders(void=self._void, cuts=self.cuts)
        is_quick = time.clock_gettime(time.CLOCK_REALTIME) - running.about.at < _QUICK_S
        self._quick = self._quick + 1 if is_quick else 0
        return running.where

    def kill(self) -> None:
        """Kill it and its group."""
        self.signal(signal.SIGKILL)

    def settle(self, tags: Sequence[Tag]) -> None:
        """Forget ends; what is not needed any more of the journal goes."""
        for tag in tags:
            self.journals.settle(tag)
        if self.is_alive and self.is_idle and not self.journals.unsettled:
            with suppress(orders.Busy), orders.locked(self._lock):
                self.journals.empty()

    def slowed(self) -> None:
        """Take in that what it runs takes long: nothing is to wait behind it."""
        self._quick = 0

    @property
    def native_id(self) -> NativeId | None:
        """Give its pid, for people."""
        return None if self.pid is None else NativeId(str(self.pid))

    def bury(self) -> int | None:
        """Kill what it left behind, and take its status, as subprocess has it; None where it was another server's child."""
        self.signal(
            signal.SIGKILL
        )  # before the status is taken: until then its id is nobody else's
        self.is_alive = False
        status = None if self._process is None else self._process.poll()
        self._let_go()
        return status

    def close(self) -> None:
        """Let go of it; it goes on."""
        self._let_go()
        if self._process is not None:
            hiring.let_go(self._process)
        self.journals.close()
        os.close(self._lock)
        os.close(self._orders)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not checked with isinstance: uvloop's transports do not inherit from asyncio's.
        self._transport = transport  # type: ignore[assignment]

    @override
    def data_received(self, data: bytes) -> None:
        self.is_ready = True
        self._crew.rung(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def _write_orders(self, *, void: int, cuts: Mapping[Tag, str]) -> None:
        said = {str(tag): why for tag, why in cuts.items()}
        orders.write(self._orders, last=void, version=self._version, cuts=said)

    def _gone(self) -> None:
        self._crew.dead(self)

    def _let_go(self) -> None:
        if self._pidfd is not None:
            asyncio.get_running_loop().remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
