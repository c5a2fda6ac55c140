"""A scheduler's words for ends that jobs' own records told first, where its listing has no ended jobs."""

import json
from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from tests.executors.batch.follower import Follower

from headway.core.model.names import NativeId, Tag
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Observation
from headway.executors.batch.native import NativeJob
from headway.testing.fake_cluster import FakeSource

pytestmark = pytest.mark.anyio


class History(FakeSource):
    """Knows ended jobs by their ids, as PBS's server does."""

    asked_of_all = True


@pytest.fixture(autouse=True)
def history(follower: Follower) -> None:
    follower.dialect.sources = (History(),)


async def told_by_itself(follower: Follower) -> tuple[Tag, NativeJob]:
    """Give an attempt that has said itself that it ended with exit code 0, and has left the listing; and its row."""
    tag, native_id = await follower.running()
    return tag, await ended_by_itself(follower, tag, native_id)


async def ended_by_itself(follower: Follower, tag: Tag, native_id: NativeId) -> NativeJob:
    follower.cluster.write_end(native_id, exit_code=0)
    record = {"native_id": native_id, "at": 1_800_000_000.0, "exit_code": 0}
    await follower.executor.heard(tag, json.dumps(record).encode())
    await follower.settle()
    assert follower.state(tag) is State.SUCCEEDED
    await follower.executor.settled([tag])
    row = follower.cluster.rows[native_id]
    follower.cluster.forget(native_id)
    return row


def keep(follower: Follower, row: NativeJob, state: State, word: str, **more: object) -> None:
    kept = replace(row, state=state, word=word, **more)
    follower.cluster.accounts[row.id] = kept


def count(follower: Follower, program: str) -> int:
    return sum(command[0] == program for command in follower.cluster.commands)


async def news_of_next_look(follower: Follower) -> Sequence[Observation]:
    """Look once; nothing is asked or listed any more after that, whatever came of it."""
    news = await follower.look()
    asked, listed = count(follower, "ask"), count(follower, "list")
    follower.clock.advance(seconds=600)
    await follower.settle()
    assert await follower.look() == []
    assert (count(follower, "ask"), count(follower, "list")) == (asked, listed + 1)
    return news


async def test_its_word_is_told_beside_the_end_which_stays(follower: Follower) -> None:
    tag, row = await told_by_itself(follower)
    keep(follower, row, State.FAILED, "F, exceeded", reason=Reason.OUT_OF_MEMORY, exit_code=0)
    (word,) = await news_of_next_look(follower)
    assert (word.tag, word.native_state) == (tag, "F, exceeded")
    assert (word.state, word.reason, word.exit_code) == (State.SUCCEEDED, None, 0)


async def test_the_same_word_is_no_news(follower: Follower) -> None:
    _, row = await told_by_itself(follower)
    keep(follower, row, State.SUCCEEDED, "F", exit_code=0)
    assert await news_of_next_look(follower) == []


async def test_an_end_of_which_is_said_only_that_it_was_one_is_no_word(follower: Follower) -> None:
    _, row = await told_by_itself(follower)
    keep(follower, row, State.FAILED, "X")
    assert await news_of_next_look(follower) == []


async def test_another_job_that_has_got_its_id_since_has_no_word_for_it(follower: Follower) -> None:
    _, row = await told_by_itself(follower)
    keep(follower, row, State.FAILED, "F", reason=Reason.NODE_FAIL, mark="a stranger's")
    assert await news_of_next_look(follower) == []


@pytest.mark.parametrize("trouble", ["away", "unknown"])
async def test_a_word_that_cannot_be_had_is_not_waited_for(
    follower: Follower, trouble: str
) -> None:
    await told_by_itself(follower)
    if trouble == "away":
        follower.cluster.away.add("ask")
    assert await news_of_next_look(follower) == []


async def test_those_that_have_ended_since_the_last_listing_are_asked_about_together(
    follower: Follower,
) -> None:
    running = [await follower.running() for _ in range(3)]
    rows = [await ended_by_itself(follower, *each) for each in running]
    for row in rows:
        keep(follower, row, State.CANCELLED, "F, terminated")
    words = await news_of_next_look(follower)
    assert {word.tag for word in words} == {tag for tag, _ in running}
    assert count(follower, "ask") == 1


async def test_a_source_that_reads_everything_for_each_question_is_not_asked(
    follower: Follower,
) -> None:
    follower.dialect.sources = (FakeSource(),)
    _, row = await told_by_itself(follower)
    keep(follower, row, State.FAILED, "failed 21", reason=Reason.NODE_FAIL)
    assert await news_of_next_look(follower) == []
    assert not count(follower, "ask")
