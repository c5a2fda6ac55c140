"""The accounts that a cluster's jobs run as, each made when it is first needed."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

import msgspec

from headway.core.errors import ExecutorUnavailable
from headway.core.ports.clock import Clock
from headway.core.ports.executor import Observation
from headway.executors.batch.dialect import Dialect
from headway.executors.batch.pace import Pace
from headway.executors.batch.pinging import telling_dead_from_slow
from headway.executors.batch.run_as.accounts import Accounts
from headway.executors.batch.run_as.listings import Listings, ListsOthers
from headway.executors.batch.run_as.member import Member
from headway.executors.batch.run_as.one_account import OneAccount
from headway.executors.batch.run_as.sudo import Sudo, SudoWay, write_sandbox
from headway.executors.batch.threads import Threads
from headway.executors.batch.through_shell import ThroughShell
from headway.executors.batch.transport import Transport

_COMMANDS_AT_ONCE: Final = 4


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What all accounts have in common.

    Attributes:
        make_dialect: makes a dialect for one account: what it makes up to tell rows from names must not be known to others.
        transport: reaches the scheduler as the server's own user, for listings only.
        root: the cluster's directory of an account, with ``{user}`` and ``{home}`` in it.
        programs: paths of the scheduler's programs.
        environment: variables for them.
        lost_after: a job is lost whose account has been refused for so long.
        options: further arguments of BatchExecutor.
    """

    make_dialect: Callable[[], Dialect]
    transport: Transport
    sudo: Sudo
    root: str
    programs: Mapping[str, str]
    environment: Mapping[str, str]
    timeout_s: float
    timeouts_s: Mapping[str, float]
    jobs_at_once: int
    lost_after: timedelta
    options: Mapping[str, Any]


class Members:
    """Gives the account of a name, the same one each time.

    Args:
        dialect: for the listings, which all accounts share.
        say: is told what is new of jobs.

    Attributes:
        listings: of all that have jobs.
    """

    def __init__(
        self,
        shared: Shared,
        dialect: ListsOthers,
        *,
        accounts: Accounts,
        clock: Clock,
        pace: Pace,
        say: Callable[[Sequence[Observation]], None],
    ) -> None:
        self._shared = shared
        self._accounts = accounts
        self._clock = clock
        self._say = say
        self._by_name: dict[str, Member] = {}
        self._threads = Threads(1, name="headway-run-as")
        self.listings = Listings(
            dialect, shared.transport, clock=clock, pace=pace, accounts=self.listed
        )

    def __iter__(self) -> Iterator[Member]:
        return iter(list(self._by_name.values()))

    def get(self, name: str | None) -> Member | None:
        """Give one that was made before; None where there is none."""
        return None if name is None else self._by_name.get(name)

    def of(self, name: str) -> Member:
        """Give one; nothing is done as it before it is asked to."""
        member = self._by_name.get(name)
        if member is None:
            member = Member(
                name,
                make=partial(self._make, name),
                clock=self._clock,
                say=self._say,
                lost_after=self._shared.lost_after,
            )
            self._by_name[name] = member
        return member

    async def _make(self, name: str) -> OneAccount:
        shared = self._shared
        account = await self._accounts.named(name)
        try:
            await self._threads.run(partial(write_sandbox, shared.sudo, name))
        except OSError as error:
            raise ExecutorUnavailable(
                f"run_as_directory: {error.filename} cannot be written: {error.strerror}"
            ) from error
        dialect = shared.make_dialect()
        transport = ThroughShell(
            SudoWay(name, shared.sudo),
            shared.programs,
            shared.environment,
            timeout_s=shared.timeout_s,
            timeouts_s=shared.timeouts_s,
            at_once=_COMMANDS_AT_ONCE,
        )
        settings = {
            "dialect": dialect,
            "transport": telling_dead_from_slow(transport, dialect),
            "clock": self._clock,
            "root": shared.root.replace("{user}", name).replace("{home}", account.home.rstrip("/")),
            "jobs_at_once": shared.jobs_at_once,
            **shared.options,
        }
        made = OneAccount(name, self.listings, settings)
        try:
            await made.start()
        except BaseException:
            await made.close()
            raise
        return made

    def listed(self) -> Sequence[str]:
        """Give the accounts that have jobs, or may have."""
        return sorted(
            name
            for name, one in self._by_name.items()
            if one.is_seeking or (one.executor is not None and one.executor.has_jobs)
        )

    async def close(self) -> None:
        """Let go of all."""
        await asyncio.gather(*(member.close() for member in self))
        self._threads.close()
