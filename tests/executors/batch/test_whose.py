"""Listings that have other users' jobs too, some of which may carry marks like ours."""

from collections.abc import AsyncIterator

import pytest
from tests.executors.batch.follower import Follower

from headway.core.model.names import NativeId
from headway.core.model.state import State
from headway.executors.batch.native import NativeJob
from headway.testing.fake_cluster import FakeDialect

pytestmark = pytest.mark.anyio

FORGED = NativeId("666")


class _Everybodys(FakeDialect):
    """A scheduler that has no word for "mine"."""

    lists_everybody = True


@pytest.fixture
async def follower() -> AsyncIterator[Follower]:
    follower = Follower(_Everybodys())
    await follower.start()
    yield follower
    await follower.stop()


async def test_another_users_job_with_our_mark_is_not_ours(follower: Follower) -> None:
    tag = await follower.submit()
    own = follower.cluster.id_of(tag)
    follower.cluster.change(own, owner="me")
    mark = follower.cluster.rows[own].mark
    follower.cluster.rows[FORGED] = NativeJob(
        id=FORGED, mark=mark, owner="mallory", state=State.CANCELLED, word="CANC"
    )
    await follower.look()
    assert follower.state(tag) is State.QUEUED
    follower.cluster.change(FORGED, state=State.RUNNING, word="RUN")
    await follower.look()
    assert follower.state(tag) is State.QUEUED
    await follower.executor.cancel([tag])
    ended = [argv for argv in follower.cluster.commands if argv[0] == "cancel"]
    assert ended == [("cancel", own)]


async def test_another_users_job_is_not_shown_as_one_of_ours(follower: Follower) -> None:
    for number, owner in enumerate(("me", "mallory", "")):
        native_id = NativeId(str(900 + number))
        follower.cluster.rows[native_id] = NativeJob(
            id=native_id, owner=owner, state=State.RUNNING, word="RUN"
        )
    await follower.look()
    listing = follower.executor.foreign().listing()
    assert listing is not None
    assert {*listing.jobs} == {"900", "902"}
