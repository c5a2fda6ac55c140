"""One listing for all accounts, asked for by the server's own user."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

import msgspec

from headway.core.errors import ExecutorUnavailable
from headway.core.ports.clock import Clock
from headway.executors.batch.command import Command, Output
from headway.executors.batch.explaining import Explaining
from headway.executors.batch.native import Listing, NativeJob
from headway.executors.batch.pace import Pace
from headway.executors.batch.transport import Transport


@runtime_checkable
class ListsOthers(Protocol):
    """A dialect that can list the jobs of other accounts than the one that asks."""

    @property
    def lists_one_account(self) -> bool:
        """Tell whether a listing may be of one account only: in its text a user can write what looks like another's row."""
        ...

    def listing_of(self, accounts: Sequence[str]) -> Command:
        """List the jobs of these accounts, with whose each is."""
        ...

    def listed_of(self, output: Output) -> Sequence[NativeJob]:
        """Read it; see Dialect.listed."""
        ...


class ListingOfAll(msgspec.Struct, frozen=True, kw_only=True):
    """What was listed of all accounts.

    Attributes:
        rows: by account.
        troubles: accounts whose jobs could not be listed. What is not known of their jobs says nothing.
    """

    rows: Mapping[str, Sequence[NativeJob]]
    asked: datetime
    troubles: Mapping[str, ExecutorUnavailable] = msgspec.field(default_factory=dict)

    def of(self, account: str) -> Listing:
        """Give one account's; whoever knows a tag can have its mark on a job of their own, so others' rows are left out.

        Raises:
            ExecutorUnavailable: its jobs could not be listed.
        """
        if account in self.troubles:
            raise self.troubles[account]
        return Listing(rows=self.rows.get(account, ()), asked=self.asked)


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
        self._explaining = Explaining(dialect, transport)
        self._clock = clock
        self._accounts = accounts
        self._running: asyncio.Task[ListingOfAll] | None = None
        self._next: asyncio.Task[ListingOfAll] | None = None

    async def fresh(self) -> ListingOfAll:
        """Give a listing that is asked for after this call.

        Raises:
            ExecutorUnavailable: the scheduler could not be asked about any account.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
            self._next.add_done_callback(_hear)
        return await asyncio.shield(self._next)

    async def _after(self, before: "asyncio.Task[ListingOfAll] | None") -> ListingOfAll:
        if before is not None and not before.done():
            await asyncio.wait([before])
        self._running, self._next = self._next, None
        return await self._ask()

    async def _ask(self) -> ListingOfAll:
        asked = self._clock.now()
        accounts = self._accounts()
        groups = [[each] for each in accounts] if self._dialect.lists_one_account else [accounts]
        told = await asyncio.gather(*(self._told(group) for group in groups if group))
        troubles = {
            name: one
            for group, one in zip(groups, told, strict=False)
            if isinstance(one, ExecutorUnavailable)
            for name in group
        }
        if troubles and len(troubles) == len(accounts):
            raise next(iter(troubles.values()))
        found = [row for one in told if not isinstance(one, ExecutorUnavailable) for row in one]
        rows: dict[str, list[NativeJob]] = {}
        for row in await self._explaining.of(found):
            rows.setdefault(row.owner, []).append(row)
        now_s = self._clock.now().timestamp()
        self.pace.listed(at_s=now_s, took_s=now_s - asked.timestamp())
        return ListingOfAll(rows=rows, asked=asked, troubles=troubles)

    async def _told(self, accounts: Sequence[str]) -> Sequence[NativeJob] | ExecutorUnavailable:
        """List these accounts' jobs; gives what kept it from being done."""
        try:
            output = await self._transport.run(self._dialect.listing_of(accounts))
            rows = self._dialect.listed_of(output)
        except ExecutorUnavailable as error:
            return error
        return [row for row in rows if row.owner in accounts]


def _hear(done: "asyncio.Task[ListingOfAll]") -> None:
    """Take note of an error that nobody waited for any more."""
    if not done.cancelled():
        done.exception()
