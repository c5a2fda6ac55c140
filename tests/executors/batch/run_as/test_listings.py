"""One listing for all accounts: whoever asks while one is under way shares the next."""

import asyncio
from collections.abc import Sequence

import pytest
from typing_extensions import override

from headway.core.errors import ExecutorUnavailable
from headway.executors.batch.command import Command, Output
from headway.executors.batch.here import Here
from headway.executors.batch.native import Listing, NativeJob
from headway.executors.batch.pace import Pace
from headway.executors.batch.run_as.listings import Listings, ListsOthers
from headway.executors.slurm.dialect import SlurmDialect
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio


class Site(Here):
    """Answers when it is let, and counts."""

    def __init__(self) -> None:
        super().__init__({}, {})
        self.asked: list[Command] = []
        self.may_answer = asyncio.Event()
        self.is_away = False

    @override
    async def run(self, command: Command) -> Output:
        self.asked.append(command)
        await self.may_answer.wait()
        if self.is_away:
            raise ExecutorUnavailable("it is away")
        return Output()


class Dialect:
    """Lists nothing."""

    def listing_of(self, accounts: Sequence[str]) -> Command:
        return Command(argv=("list", *accounts))

    def listed(self, output: Output) -> Sequence[NativeJob]:
        return ()


def listings(site: Site, accounts: Sequence[str] = ("alice", "bob")) -> Listings:
    return Listings(Dialect(), site, clock=FakeClock(), pace=Pace(), accounts=lambda: accounts)


async def _asking(all_of_them: Listings, count: int) -> "list[asyncio.Task[Listing]]":
    tasks = [asyncio.create_task(all_of_them.fresh()) for _ in range(count)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_all_accounts_are_listed_in_one_command() -> None:
    site = Site()
    site.may_answer.set()
    await listings(site).fresh()
    assert [one.argv for one in site.asked] == [("list", "alice", "bob")]


async def test_many_who_ask_at_once_are_told_by_one_command() -> None:
    site = Site()
    tasks = await _asking(listings(site), 50)
    site.may_answer.set()
    await asyncio.gather(*tasks)
    assert len(site.asked) == 1


async def test_who_asks_while_one_is_under_way_is_told_by_the_next() -> None:
    site = Site()
    one = listings(site)
    before = await _asking(one, 1)
    after = await _asking(one, 20)
    assert len(site.asked) == 1
    site.may_answer.set()
    first, *others = await asyncio.gather(*before, *after)
    assert len(site.asked) == 2
    assert all(other is others[0] is not first for other in others)


async def test_where_no_account_has_jobs_nobody_is_asked() -> None:
    site = Site()
    listing = await listings(site, accounts=()).fresh()
    assert (site.asked, listing.rows) == ([], ())


async def test_all_who_wait_hear_that_the_scheduler_is_away_and_the_next_asks_anew() -> None:
    site = Site()
    site.is_away = True
    one = listings(site)
    tasks = await _asking(one, 3)
    site.may_answer.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in told] == [ExecutorUnavailable] * 3
    site.is_away = False
    assert (await one.fresh()).rows == ()


async def test_one_who_stops_waiting_takes_the_listing_from_nobody() -> None:
    site = Site()
    impatient, patient = await _asking(listings(site), 2)
    impatient.cancel()
    site.may_answer.set()
    assert (await patient).rows == ()


def test_what_tells_slurms_rows_from_names_is_in_no_argument_that_others_see() -> None:
    dialect = SlurmDialect(fence="secret")
    assert isinstance(dialect, ListsOthers)
    command = dialect.listing_of(["alice", "bob"])
    assert "secret" in "".join(command.environment.values())
    assert "secret" not in "".join(command.argv)
    assert "--user=alice,bob" in command.argv
    assert not command.without & command.environment.keys()
