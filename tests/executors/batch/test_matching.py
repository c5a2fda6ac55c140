"""Which row is which attempt's: marks tell, and ids, which are given out again, do not."""

from collections.abc import Sequence

import msgspec
import pytest
from msgspec.structs import replace
from tests.executors.batch.follower import Follower

from headway.core.model.names import NativeId, Tag
from headway.core.model.state import Reason, State
from headway.executors.batch.command import Command, Output
from headway.executors.batch.native import NativeJob

pytestmark = pytest.mark.anyio

OTHERS = ("", "somebody's words", "mark:headway:0197f1c0-0000-7000-8000-00000000abcd.1")


def stranger(native_id: NativeId, mark: str = "", **fields: object) -> NativeJob:
    plain: dict[str, object] = {"state": State.FAILED, "reason": Reason.NODE_FAIL, "word": "FAIL"}
    return NativeJob(id=native_id, mark=mark, **{**plain, **fields})  # type: ignore[arg-type]


def ended(row: NativeJob) -> NativeJob:
    return replace(row, state=State.FAILED, word="DONE", exit_code=4)


def lists(follower: Follower, *rows: NativeJob) -> None:
    """Have rows listed in this order, also several with one id."""
    follower.cluster.rows = {NativeId(f"row {n}"): row for n, row in enumerate(rows)}


def remembers(follower: Follower, *rows: NativeJob) -> None:
    """Have the accounting answer with these rows, whatever it is asked for."""
    run = follower.cluster.run

    async def answer(command: Command) -> Output:
        output = await run(command)
        return Output(stdout=msgspec.json.encode(rows)) if command.argv[0] == "ask" else output

    follower.cluster.run = answer  # type: ignore[method-assign]


def orders(row: NativeJob, *others: NativeJob) -> Sequence[Sequence[NativeJob]]:
    return ((row, *others), (*others, row))


@pytest.mark.parametrize("mark", OTHERS)
@pytest.mark.parametrize("place", [0, 1])
async def test_a_stranger_with_the_same_id_in_a_listing_changes_nothing(
    follower: Follower, mark: str, place: int
) -> None:
    tag, native_id = await follower.running()
    own = follower.cluster.rows[native_id]
    lists(follower, *orders(own, stranger(native_id, mark))[place])
    assert await follower.look_for(60) == []
    follower.cluster.write_end(native_id, exit_code=4)
    lists(follower, *orders(ended(own), stranger(native_id, mark))[place])
    assert [(each.tag, each.exit_code) for each in await follower.look()] == [(tag, 4)]


@pytest.mark.parametrize("mark", OTHERS)
@pytest.mark.parametrize("place", [0, 1])
async def test_of_two_jobs_with_one_id_in_the_accounting_the_marked_one_is_believed(
    follower: Follower, mark: str, place: int
) -> None:
    _, native_id = await follower.running()
    own = replace(
        follower.cluster.rows[native_id], state=State.FAILED, reason=Reason.TIMEOUT, word="TIMEOUT"
    )
    follower.cluster.forget(native_id)
    remembers(follower, *orders(own, stranger(native_id, mark))[place])
    (end,) = await follower.look_for(30)
    assert (end.state, end.reason) == (State.FAILED, Reason.TIMEOUT)


@pytest.mark.parametrize("mark", OTHERS)
async def test_a_stranger_who_has_the_id_by_now_is_never_taken_for_the_attempt(
    follower: Follower, mark: str
) -> None:
    tag, native_id = await follower.running()
    lists(follower, stranger(native_id, mark, state=State.RUNNING, reason=None))
    remembers(follower, stranger(native_id, mark))
    assert await follower.look_for(300) == []
    (end,) = await follower.look()
    assert (end.tag, end.reason) == (tag, Reason.LOST)


async def test_a_row_that_is_listed_twice_is_one_job(follower: Follower) -> None:
    _, native_id = await follower.running()
    own = follower.cluster.rows[native_id]
    lists(follower, own, own)
    assert await follower.look_for(60) == []
    follower.cluster.write_end(native_id)
    lists(follower, ended(own), ended(own))
    assert len(await follower.look_for(60)) == 1


async def test_the_mark_is_believed_where_the_id_is_another_than_was_answered(
    follower: Follower,
) -> None:
    tag = await follower.submit()
    native_id = follower.cluster.id_of(tag)
    own = replace(follower.cluster.rows[native_id], id=NativeId("77"), state=State.RUNNING)
    lists(follower, own)
    (said,) = await follower.look()
    assert (said.tag, said.state, said.native_id) == (tag, State.RUNNING, "77")


@pytest.mark.parametrize("mark", OTHERS)
async def test_an_id_that_a_living_stranger_has_too_is_not_cancelled(
    follower: Follower, mark: str
) -> None:
    tag, native_id = await follower.running()
    own = follower.cluster.rows[native_id]
    lists(follower, own, stranger(native_id, mark, state=State.RUNNING, reason=None))
    await follower.executor.cancel([tag])
    assert cancels(follower) == []
    lists(follower, own, stranger(native_id, mark))
    await follower.look()
    assert cancels(follower) == [("cancel", native_id)]


def cancels(follower: Follower) -> list[tuple[str, ...]]:
    return [argv for argv in follower.cluster.commands if argv[0] == "cancel"]


class TestWithoutAMark:
    """Jobs that their own commands have submitted: the id and its time tell."""

    async def test_a_job_of_ours_that_has_the_id_by_now_is_another_one(
        self, follower: Follower
    ) -> None:
        tag: Tag = follower.launch().tag
        ours = NativeJob(id=NativeId("5"), mark="headway:0197f1c0-0000-7000-8000-00000000abcd.1")
        follower.put(tag, "submitted", _submitted(follower, "5"))
        lists(follower, ours)
        assert set(await follower.executor.find([tag])) == {tag}
        await follower.settle()
        assert follower.of(tag) == []
        lists(follower, NativeJob(id=NativeId("5"), state=State.RUNNING, word="RUN"))
        (said,) = await follower.look()
        assert (said.tag, said.state) == (tag, State.RUNNING)


def _submitted(follower: Follower, native_id: str) -> bytes:
    at = follower.clock.now().timestamp()
    return msgspec.json.encode({"native_id": native_id, "at": at, "log": ""})
