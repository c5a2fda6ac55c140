"""What is to be done as an account that cannot be used waits here, and nobody is held up by it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from headway.core.errors import ExecutorUnavailable
from headway.core.model.names import JobId, tag_of
from headway.core.model.spec import Spec
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Launch, Observation
from headway.executors.batch.run_as.accounts import NoAccount
from headway.executors.batch.run_as.member import Member
from headway.executors.batch.run_as.one_account import OneAccount
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio

_JOB = JobId("01a203d7-c563-7577-a502-a1c30f1ae74c")
_TAG = tag_of(_JOB, 1)
_LAUNCH = Launch(tag=_TAG, name="a job", spec=Spec(command=("true",)), owner="alice")
_LOST_AFTER = timedelta(minutes=5)


class Account:
    """An account whose sessions fail as they are told to."""

    def __init__(self, clock: FakeClock) -> None:
        self.error: ExecutorUnavailable = ExecutorUnavailable("its disk is full")
        self.tried = asyncio.Event()
        self.news: list[Observation] = []
        self.clock = clock
        self.member = Member(
            "alice", make=self._make, clock=clock, say=self._say, lost_after=_LOST_AFTER
        )

    async def _make(self) -> OneAccount:
        self.tried.set()
        raise self.error

    def _say(self, news: Sequence[Observation]) -> None:
        self.news += news

    async def until_told(self, state: State) -> Observation:
        async with asyncio.timeout(60):
            while not (told := [one for one in self.news if one.state is state]):
                self.tried.clear()
                await self.tried.wait()
                await asyncio.sleep(0)
        return told[0]


@pytest.fixture
async def account(clock: FakeClock) -> AsyncIterator[Account]:
    made = Account(clock)
    yield made
    await made.member.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def test_a_job_waits_and_says_why(account: Account) -> None:
    assert await account.member.submit([_LAUNCH]) == []
    (said,) = account.news
    assert (said.tag, said.state, said.reason) == (_TAG, State.ACCEPTED, Reason.EXECUTOR_DOWN)
    assert said.message == account.member.trouble == "its disk is full"
    assert account.member.holds(_TAG)
    assert account.member.held_count == 1


async def test_a_job_that_waits_is_there_for_whoever_looks_for_it_and_is_not_taken_twice(
    account: Account,
) -> None:
    await account.member.submit([_LAUNCH])
    assert await account.member.find([_TAG]) == {_TAG}
    assert await account.member.submit([_LAUNCH]) == []
    assert account.member.held_count == 1


async def test_a_job_that_was_never_sent_is_cancelled_although_nothing_works(
    account: Account,
) -> None:
    await account.member.submit([_LAUNCH])
    cancelling = asyncio.create_task(account.member.cancel([_TAG]))
    told = await account.until_told(State.CANCELLED)
    assert (told.tag, told.reason) == (_TAG, Reason.BY_USER)
    assert not account.member.holds(_TAG)
    await cancelling


async def test_a_job_is_refused_at_once_where_nothing_can_be_run_as_its_owner(
    account: Account,
) -> None:
    account.error = NoAccount("sudo says no")
    (refusal,) = await account.member.submit([_LAUNCH])
    assert (refusal.tag, refusal.message) == (_TAG, "sudo says no")
    assert not account.news
    assert not account.member.holds(_TAG)


async def test_a_refusal_after_words_about_waiting_is_told_as_news(account: Account) -> None:
    await account.member.submit([_LAUNCH])
    account.error = NoAccount("sudo says no")
    told = await account.until_told(State.FAILED)
    assert (told.reason, told.message) == (Reason.NOT_STARTED, "sudo says no")


async def test_what_cannot_be_looked_for_is_lost_once_that_has_lasted(account: Account) -> None:
    account.error = NoAccount("sudo says no")
    seeking = asyncio.create_task(account.member.find([_TAG]))
    await account.tried.wait()
    assert not account.news
    account.clock.advance(seconds=_LOST_AFTER.total_seconds() + 1)
    told = await account.until_told(State.FAILED)
    assert (told.tag, told.reason) == (_TAG, Reason.LOST)
    assert "sudo says no" in told.message
    assert await seeking == {_TAG}
