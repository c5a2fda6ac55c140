"""Jobs of which a listing tells only that something is wrong are asked about, once."""

from collections.abc import Sequence
from typing import Final

import pytest

from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.explaining import Explaining
from headway.executors.batch.native import NativeJob
from headway.testing.fake_cluster import FakeCluster, FakeDialect, FakeSource
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio


class Reticent(FakeDialect):
    """A scheduler that lists jobs in error as E."""

    explains: Final = FakeSource()

    def is_unexplained(self, row: NativeJob) -> bool:
        return row.word == "E"


@pytest.fixture
def cluster() -> FakeCluster:
    found = FakeCluster(FakeClock())
    for number in "12":
        row = a_row(number, why="no such directory")
        found.accounts[row.id] = row
    return found


def a_row(number: str, *, word: str = "E", why: str = "in error") -> NativeJob:
    return NativeJob(
        id=NativeId(number), state=State.QUEUED, reason=Reason.HELD, word=word, why=why
    )


def asked(cluster: FakeCluster) -> Sequence[tuple[str, ...]]:
    return [each for each in cluster.commands if each[0] == "ask"]


async def test_what_is_wrong_is_said_with_what_was_said_before(cluster: FakeCluster) -> None:
    explaining = Explaining(Reticent(), cluster)
    rows = [a_row("1"), a_row("2", why=""), a_row("3"), a_row("4", word="W", why="its turn")]
    found = await explaining.of(rows)
    assert [row.why for row in found] == [
        "in error: no such directory",
        "no such directory",
        "in error",
        "its turn",
    ]
    assert found[3] is rows[3]
    assert asked(cluster) == [("ask", "1", "2", "3")]


async def test_it_is_asked_once_for_as_long_as_the_job_stands_so(cluster: FakeCluster) -> None:
    explaining = Explaining(Reticent(), cluster)
    (first,) = await explaining.of([a_row("1")])
    (second,) = await explaining.of([a_row("1")])
    assert second is first
    assert len(asked(cluster)) == 1
    await explaining.of([a_row("1", word="W")])
    await explaining.of([a_row("1")])
    assert len(asked(cluster)) == 2


async def test_what_cannot_be_asked_now_is_asked_after_the_next_listing(
    cluster: FakeCluster,
) -> None:
    explaining = Explaining(Reticent(), cluster)
    cluster.away = {"ask"}
    assert [row.why for row in await explaining.of([a_row("1")])] == ["in error"]
    cluster.away = set()
    assert [row.why for row in await explaining.of([a_row("1")])] == ["in error: no such directory"]


async def test_a_scheduler_whose_listing_tells_all_is_asked_nothing(cluster: FakeCluster) -> None:
    rows = [a_row("1")]
    assert await Explaining(FakeDialect(), cluster).of(rows) is rows
    assert asked(cluster) == []
