"""One listing for all accounts: whoever asks while one is under way shares the next."""

import asyncio
from collections.abc import Sequence

import pytest
from typing_extensions import override

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import NativeId
from headway.core.model.state import State
from headway.executors.batch.command import Command, Output
from headway.executors.batch.dialect import Source
from headway.executors.batch.here import Here
from headway.executors.batch.native import NativeJob
from headway.executors.batch.pace import Pace
from headway.executors.batch.run_as.listings import ListingOfAll, Listings, ListsOthers
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
        self.away: Sequence[str] = ()
        self.says: bytes = b""

    @override
    async def run(self, command: Command) -> Output:
        self.asked.append(command)
        await self.may_answer.wait()
        if self.is_away or set(self.away) & {*command.argv}:
            raise ExecutorUnavailable("it is away")
        return Output(stdout=self.says)


class Dialect:
    """Lists jobs of the accounts that an answer names."""

    def __init__(self, *, lists_one_account: bool = False) -> None:
        self.lists_one_account = lists_one_account

    def listing_of(self, accounts: Sequence[str]) -> Command:
        return Command(argv=("list", *accounts))

    def listed_of(self, output: Output) -> Sequence[NativeJob]:
        return [
            NativeJob(id=NativeId("1"), state=State.RUNNING, word="R", owner=owner)
            for owner in output.text.split()
        ]


def listings(
    site: Site, accounts: Sequence[str] = ("alice", "bob"), *, one_by_one: bool = False
) -> Listings:
    dialect = Dialect(lists_one_account=one_by_one)
    return Listings(dialect, site, clock=FakeClock(), pace=Pace(), accounts=lambda: accounts)


async def _asking(all_of_them: Listings, count: int) -> "list[asyncio.Task[ListingOfAll]]":
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
    assert (site.asked, listing.of("alice").rows) == ([], ())


async def test_all_who_wait_hear_that_the_scheduler_is_away_and_the_next_asks_anew() -> None:
    site = Site()
    site.is_away = True
    one = listings(site)
    tasks = await _asking(one, 3)
    site.may_answer.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in told] == [ExecutorUnavailable] * 3
    site.is_away = False
    assert (await one.fresh()).of("alice").rows == ()


async def test_one_who_stops_waiting_takes_the_listing_from_nobody() -> None:
    site = Site()
    impatient, patient = await _asking(listings(site), 2)
    impatient.cancel()
    site.may_answer.set()
    assert (await patient).of("alice").rows == ()


async def test_where_rows_can_be_forged_each_account_is_listed_alone_and_speaks_for_itself() -> (
    None
):
    site = Site()
    site.may_answer.set()
    site.says = b"alice"
    told = await listings(site, one_by_one=True).fresh()
    assert [one.argv for one in site.asked] == [("list", "alice"), ("list", "bob")]
    assert [row.owner for row in told.of("alice").rows] == ["alice"]
    assert told.of("bob").rows == ()


async def test_nothing_is_concluded_of_an_account_that_could_not_be_listed() -> None:
    site = Site()
    site.may_answer.set()
    site.away, site.says = ["bob"], b"alice"
    told = await listings(site, one_by_one=True).fresh()
    assert len(told.of("alice").rows) == 1
    with pytest.raises(ExecutorUnavailable, match="away"):
        told.of("bob")


async def test_rows_of_others_are_given_to_nobody() -> None:
    site = Site()
    site.may_answer.set()
    site.says = b"mallory alice"
    told = await listings(site).fresh()
    assert [row.owner for each in ("alice", "bob") for row in told.of(each).rows] == ["alice"]
    assert told.of("mallory").rows == ()


class Reticent(Dialect):
    """Says of each job only that something is wrong, and when asked what."""

    name = "qstat -j"
    explains: Source

    def __init__(self) -> None:
        super().__init__()
        self.explains = self

    def is_unexplained(self, row: NativeJob) -> bool:
        return row.word == "R"

    def ask(self, ids: Sequence[NativeId]) -> Command:
        return Command(argv=("explain", *ids))

    def read(self, output: Output) -> Sequence[NativeJob]:
        return [NativeJob(id=NativeId("1"), state=State.QUEUED, word="E", why="no directory")]


async def test_what_a_listing_does_not_explain_is_asked_for_of_all_accounts_at_once() -> None:
    site = Site()
    site.may_answer.set()
    site.says = b"alice"
    one = Listings(
        Reticent(), site, clock=FakeClock(), pace=Pace(), accounts=lambda: ["alice", "bob"]
    )
    told = await one.fresh()
    assert [row.why for row in told.of("alice").rows] == ["no directory"]
    await one.fresh()
    assert [each.argv[0] for each in site.asked] == ["list", "explain", "list"]


def test_what_tells_slurms_rows_from_names_is_in_no_argument_that_others_see() -> None:
    dialect = SlurmDialect(fence="secret")
    assert isinstance(dialect, ListsOthers)
    command = dialect.listing_of(["alice", "bob"])
    assert "secret" in "".join(command.environment.values())
    assert "secret" not in "".join(command.argv)
    assert "--user=alice,bob" in command.argv
    assert not command.without & command.environment.keys()
