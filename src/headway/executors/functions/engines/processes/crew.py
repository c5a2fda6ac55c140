"""The workers of one cluster: those that live, those that are wanted, and what dead ones left."""

import asyncio
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from headway.core.errors import ExecutorUnavailable
from headway.executors.functions.engine import Making
from headway.executors.functions.engines.processes import hiring, orders
from headway.executors.functions.engines.processes.member import Member

logger = logging.getLogger(__name__)

_AGAIN_S: Final = 0.2
_LONGEST_AGAIN_S: Final = 10.0


class Listener(Protocol):
    """Whoever has tasks for workers. Called in the event loop; must not block."""

    def rung(self, member: Member) -> None:
        """Hear that a journal is worth a look."""
        ...

    def died(self, member: Member, status: int | None) -> None:
        """Hear that a worker has died, or was found dead; its status as subprocess has it, if that is known."""
        ...

    def attached(self, member: Member) -> None:
        """Hear of a worker that an earlier server started."""
        ...


class Crew:
    """Keeps as many workers as there are to be, once they were wanted."""

    def __init__(self, making: Making, listener: Listener, *, jobs: Path, workers: int) -> None:
        self._home = making.data / "workers"
        self._jobs = jobs
        self._environment = making.base_environment
        self._idle_s = making.idle_s
        self._workers = workers
        self._listener = listener
        self._host = os.uname().nodename
        self._members: dict[Path, Member] = {}
        self._lock = asyncio.Lock()
        self._hiring: asyncio.Task[None] | None = None
        self._failures = 0
        self._closed = False

    @property
    def alive(self) -> Sequence[Member]:
        """Give the workers that live."""
        return [member for member in self._members.values() if member.is_alive]

    async def start(self) -> None:
        """Take up all workers that there are, and what dead ones left.

        Raises:
            ExecutorUnavailable: not now.
        """
        async with self._lock:
            try:
                for directory in await asyncio.to_thread(hiring.directories, self._home):
                    if directory not in self._members:
                        await self._take_up(directory)
            except (OSError, orders.Busy) as error:
                raise ExecutorUnavailable(
                    f"the workers in {self._home} cannot be taken up now: {error}"
                ) from error

    async def have_workers(self) -> None:
        """See that there is a worker, and that as many are on their way as there are to be.

        Raises:
            ExecutorUnavailable: none can be started now.
        """
        if self.alive:
            self.want_workers()
            return
        if self._closed:
            raise ExecutorUnavailable("this executor was closed")
        if self._hiring is None or self._hiring.done():
            self._hiring = asyncio.create_task(self._hire_all())
        if self._failures:
            raise ExecutorUnavailable("no worker process can be started now; see the server's log")

    def want_workers(self) -> None:
        """Have as many as there are to be, in the background."""
        is_hiring = self._hiring is not None and not self._hiring.done()
        if not self._closed and not is_hiring and len(self.alive) < self._workers:
            self._hiring = asyncio.create_task(self._hire_all())

    def rung(self, member: Member) -> None:
        """Pass on that a journal is worth a look."""
        self._failures = 0
        self._listener.rung(member)

    def dead(self, member: Member) -> None:
        """Bury a worker, and have another in its place."""
        if not member.is_alive:
            return
        if not member.is_ready:
            self._failures += 1
            words = hiring.words(member.directory)
            logger.error("a worker process ended before it was ready: %s", words or "no words")
        status = member.bury()
        self._listener.died(member, status)
        self.want_workers()

    def tidy(self, member: Member) -> None:
        """Let a dead worker's directory go when nothing in it is needed any more."""
        if member.is_alive or member.journals.unsettled:
            return
        if self._members.pop(member.directory, None) is not None:
            member.close()
            hiring.remove(member.directory)

    async def close(self) -> None:
        """Let go of all; they finish what they were given."""
        self._closed = True
        if self._hiring is not None:
            self._hiring.cancel()
            with suppress(asyncio.CancelledError):
                await self._hiring
        for member in self._members.values():
            member.close()
        self._members.clear()

    async def _take_up(self, directory: Path) -> None:
        pid = await asyncio.to_thread(_quieted, directory)
        member = Member(directory, crew=self, host=self._host, pid=pid)
        try:
            await member.attach()
        except BlockingIOError:
            member.close()  # it lives, and has not looked up for very long
            raise
        except OSError:
            member.bury()
        self._members[directory] = member
        member.is_ready = True
        if member.is_alive:
            self._listener.attached(member)
        else:
            self._listener.died(member, None)

    async def _hire_all(self) -> None:
        while not self._closed and len(self.alive) < self._workers:
            if self._failures:
                await asyncio.sleep(min(_LONGEST_AGAIN_S, _AGAIN_S * 2**self._failures))
            try:
                await self._hire()
            except OSError as error:
                self._failures += 1
                logger.error("no worker process can be started: %s", error)  # noqa: TRY400 -- its words say it

    async def _hire(self) -> None:
        async with self._lock:
            hired = asyncio.ensure_future(
                asyncio.to_thread(
                    hiring.hire,
                    self._home,
                    self._jobs,
                    environment=self._environment,
                    idle_s=self._idle_s,
                )
            )
            try:
                directory, process = await asyncio.shield(hired)
            except asyncio.CancelledError:
                hiring.let_go(
                    (await hired)[1]
                )  # the next server finds it, or it ends for want of one
                raise
            try:
                member = Member(
                    directory, crew=self, host=self._host, pid=process.pid, process=process
                )
            except OSError:
                process.kill()
                await asyncio.to_thread(process.wait)
                hiring.remove(directory)
                raise
            self._members[directory] = member
        logger.info("started worker process %d in %s", process.pid, directory)
        try:
            await member.attach()
        except OSError:
            self.dead(member)
        self._listener.rung(member)


def _quieted(directory: Path) -> int | None:
    """Have a worker begin nothing more of what it was given before; gives its pid, None for a dead one."""
    hiring.take_back(directory)
    return hiring.living(directory)
