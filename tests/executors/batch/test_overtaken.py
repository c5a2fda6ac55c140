"""Listings that are under way at the same time, and come in another order than they were asked for."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest
from tests.executors.batch.follower import Follower

from headway.core.model.state import State
from headway.executors.batch.command import Command, Output

pytestmark = pytest.mark.anyio


class Road:
    """Holds up what comes back of the cluster, from when it is closed until it is opened."""

    def __init__(self, follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
        self._gates = {"answers": _opened(), "files": _opened()}
        run, collect = follower.cluster.run, follower.cluster.collect

        async def slow_run(command: Command) -> Output:
            gate, output = self._gates["answers"], await run(command)
            await gate.wait()
            return output

        async def slow_collect(paths: Sequence[str]) -> Mapping[str, bytes]:
            gate, found = self._gates["files"], await collect(paths)
            await gate.wait()
            return found

        monkeypatch.setattr(follower.cluster, "run", slow_run)
        monkeypatch.setattr(follower.cluster, "collect", slow_collect)

    def close(self, what: str) -> asyncio.Event:
        """Hold up what is asked from now on; gives what lets it through."""
        self._gates[what] = asyncio.Event()
        return self._gates[what]

    def open(self, what: str) -> None:
        """Hold up nothing that is asked from now on."""
        self._gates[what] = _opened()


def _opened() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@pytest.fixture
def road(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> Road:
    return Road(follower, monkeypatch)


async def test_a_find_that_was_overtaken_takes_no_running_job_for_one_that_waits(
    follower: Follower, road: Road
) -> None:
    tag = await follower.submit()
    late_answer = road.close("answers")
    finding = asyncio.create_task(follower.executor.find([tag]))
    await follower.settle()
    road.open("answers")
    follower.cluster.begin(follower.cluster.id_of(tag))
    await follower.look()
    late_answer.set()
    assert set(await finding) == {tag}
    await follower.look()
    states = [each.state for each in follower.of(tag)]
    assert states == [State.QUEUED, State.RUNNING]


async def test_a_listing_that_was_overtaken_by_an_end_revives_nothing(
    follower: Follower, road: Road
) -> None:
    tag, native_id = await follower.running()
    late_answer = road.close("answers")
    looking = asyncio.create_task(follower.executor.find([]))
    await follower.settle()
    road.open("answers")
    follower.cluster.end(native_id)
    await follower.look()
    late_files = road.close("files")
    finding = asyncio.create_task(follower.executor.find([tag]))
    await follower.settle()
    late_answer.set()
    await looking
    late_files.set()
    await follower.settle()
    assert set(await finding) == {tag}
    await follower.look()
    states = [each.state for each in follower.of(tag)]
    assert states[:2] == [State.QUEUED, State.RUNNING]
    assert set(states[2:]) == {State.SUCCEEDED}
    assert len(states) > 3


async def test_a_clock_that_was_set_back_makes_no_listing_an_old_one(follower: Follower) -> None:
    tag, native_id = await follower.running()
    await follower.look(after_s=7200)
    follower.cluster.end(native_id, exit_code=3)
    await follower.look(after_s=-3600)
    assert follower.state(tag) is State.FAILED
