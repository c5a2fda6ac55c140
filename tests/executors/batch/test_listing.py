"""When a batch executor lists its scheduler at all."""

import pytest
from tests.executors.batch.follower import Follower

pytestmark = pytest.mark.anyio


async def listings(follower: Follower) -> int:
    """Let a minute pass, with somebody who looks at its end; gives how often the scheduler was listed then."""
    before = len(follower.cluster.commands)
    follower.clock.advance(seconds=60)
    follower.executor.hurry()
    await follower.settle()
    return follower.cluster.commands[before:].count(("list",))


async def test_a_cluster_without_jobs_is_not_listed(follower: Follower) -> None:
    assert await listings(follower) == 0


async def test_it_is_listed_from_a_submission_until_the_end_is_acknowledged(
    follower: Follower,
) -> None:
    tag = await follower.submit()
    assert await listings(follower) == 1
    follower.cluster.begin(follower.cluster.id_of(tag))
    follower.cluster.end(follower.cluster.id_of(tag))
    assert await listings(follower) == 1
    assert follower.of(tag)[-1].state.is_final
    await follower.executor.settled([tag])
    assert await listings(follower) == 0


async def test_a_submission_after_a_long_rest_does_not_have_it_listed_at_once(
    follower: Follower,
) -> None:
    assert await listings(follower) == 0
    await follower.submit()
    assert ("list",) not in follower.cluster.commands


async def test_it_is_listed_at_once_and_further_for_those_who_follow_other_jobs(
    follower: Follower,
) -> None:
    follower.executor.foreign().follow()
    await follower.settle()
    listing = follower.executor.foreign().listing()
    assert listing is not None
    assert listing.at == follower.clock.now()
    assert await listings(follower) == 1


async def test_it_is_listed_again_for_an_attempt_that_is_taken_up(follower: Follower) -> None:
    tag = await follower.submit()
    await follower.restart()
    assert await listings(follower) == 0
    assert await follower.executor.find([tag]) == {tag}
    await follower.settle()
    assert await listings(follower) == 1
