"""One listing for all accounts, asked for by the server's own user."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from headway.core.ports.clock import Clock
from headway.executors.batch.command import Command, Output
from headway.executors.batch.native import Listing, NativeJob
from headway.executors.batch.pace import Pace
from headway.executors.batch.transport import Transport


@runtime_checkable
class ListsOthers(Protocol):
    """A dialect that can list the jobs of several accounts in one command, in rows that no user can forge."""

    def listing_of(self, accounts: Sequence[str]) -> Command:
        """List the jobs of these accounts, with whose each is."""
        ...

    def listed(self, output: Output) -> Sequence[NativeJob]:
        """Read the listing; see Dialect.listed."""
        ...


class Listings:
    """Lists for all at once: whoever asks while one listing is under way shares the next.

    Attributes:
        pace: when the next one is due.
        wake: set when there is something to be done for whoever listens to the pace.

    Args:
        accounts: gives those whose jobs are listed.
    """

    def __init__(
        self,
        dialect: ListsOthers,
        transport: Transport,
        *,
        clock: Clock,
        pace: Pace,
        accounts: Callable[[], Sequence[str]],
    ) -> None:
        self.pace = pace
        self.wake = asyncio.Event()
        self._dialect = dialect
        self._transport = transport
        self._clock = clock
        self._accounts = accounts
        self._running: asyncio.Task[Listing] | None = None
        self._next: asyncio.Task[Listing] | None = None

    async def fresh(self) -> Listing:
        """Give a listing that is asked for after this call.

        Raises:
            ExecutorUnavailable: the scheduler could not be asked.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
            self._next.add_done_callback(_hear)
        return await asyncio.shield(self._next)

    async def _after(self, before: "asyncio.Task[Listing] | None") -> Listing:
        if before is not None and not before.done():
            await asyncio.wait([before])
        self._running, self._next = self._next, None
        return await self._ask()

    async def _ask(self) -> Listing:
        asked = self._clock.now()
        accounts = self._accounts()
        rows: Sequence[NativeJob] = ()
        if accounts:
            rows = self._dialect.listed(
                await self._transport.run(self._dialect.listing_of(accounts))
            )
        now_s = self._clock.now().timestamp()
        self.pace.listed(at_s=now_s, took_s=now_s - asked.timestamp())
        return Listing(rows=rows, asked=asked)


def _hear(done: "asyncio.Task[Listing]") -> None:
    """Take note of an error that nobody waited for any more."""
    if not done.cancelled():
        done.exception()
