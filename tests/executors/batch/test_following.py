"""What a batch executor concludes from listing, sources and records together: above all, what it does not."""

import json

import pytest
from msgspec.structs import replace
from tests.executors.batch.follower import ROOT, Follower

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.core.model.names import JobId, NativeId, Tag, job_of_tag
from headway.core.model.state import Reason, State
from headway.core.ports.executor import Stream
from headway.executors.batch.command import Command, Output
from headway.executors.batch.native import NativeJob

pytestmark = pytest.mark.anyio


async def test_a_job_is_queued_running_and_over_as_listing_and_record_say(
    follower: Follower,
) -> None:
    tag, native_id = await follower.running()
    follower.cluster.end(native_id, exit_code=3)
    await follower.look()
    said = follower.of(tag)
    assert [each.state for each in said] == [
        State.QUEUED,
        State.RUNNING,
        State.FAILED,
    ]
    assert (said[-1].exit_code, said[-1].reason) == (3, Reason.NONZERO_EXIT)
    assert (said[-1].native_id, said[-1].native_state) == (native_id, "DONE")


async def test_nothing_is_said_twice(follower: Follower) -> None:
    tag, native_id = await follower.running()
    assert await follower.look_for(60) == []
    follower.cluster.end(native_id)
    assert [each.tag for each in await follower.look()] == [tag]
    assert await follower.look_for(600) == []


async def test_a_record_is_enough_when_the_scheduler_has_forgotten_the_job(
    follower: Follower,
) -> None:
    _, native_id = await follower.running()
    follower.cluster.write_end(native_id, exit_code=7)
    follower.cluster.forget(native_id)
    (end,) = await follower.look()
    assert (end.state, end.exit_code) == (State.FAILED, 7)


async def test_a_vanished_job_is_lost_when_all_have_been_silent_for_the_grace_and_not_before(
    follower: Follower,
) -> None:
    tag, native_id = await follower.running()
    follower.cluster.forget(native_id)
    assert await follower.look_for(300) == []
    (end,) = await follower.look()
    assert (end.tag, end.state, end.reason) == (tag, State.FAILED, Reason.LOST)
    assert end.message


@pytest.mark.parametrize("away", ["list", "files", "ask"])
async def test_who_cannot_be_asked_never_makes_a_job_lost(follower: Follower, away: str) -> None:
    _, native_id = await follower.running()
    follower.cluster.away = {away}
    follower.cluster.forget(native_id)
    assert await follower.look_for(3600) == []
    follower.cluster.write_end(native_id, exit_code=0)
    follower.cluster.away = set()
    (end,) = await follower.look()
    assert end.state is State.SUCCEEDED


async def test_the_grace_begins_again_when_a_job_was_seen_meanwhile(follower: Follower) -> None:
    _, native_id = await follower.running()
    row = follower.cluster.rows[native_id]
    follower.cluster.forget(native_id)
    await follower.look_for(240)
    follower.cluster.rows[native_id] = row
    await follower.look()
    follower.cluster.forget(native_id)
    assert await follower.look_for(270) == []


async def test_accounting_is_believed_where_there_is_no_record(follower: Follower) -> None:
    _, native_id = await follower.running()
    row = follower.cluster.rows[native_id]
    follower.cluster.forget(native_id)
    follower.cluster.accounts[native_id] = NativeJob(
        id=native_id, mark=row.mark, state=State.FAILED, reason=Reason.NODE_FAIL, word="NODE_FAIL"
    )
    (end,) = await follower.look_for(30)
    assert (end.state, end.reason) == (State.FAILED, Reason.NODE_FAIL)


async def test_what_accounting_says_of_another_job_of_the_same_id_is_not_believed(
    follower: Follower,
) -> None:
    _, native_id = await follower.running()
    follower.cluster.forget(native_id)
    follower.cluster.accounts[native_id] = NativeJob(
        id=native_id, mark="somebody else's", state=State.FAILED, reason=Reason.NODE_FAIL
    )
    assert await follower.look_for(300) == []
    (end,) = await follower.look()
    assert end.reason is Reason.LOST


async def test_a_word_of_accounting_that_nobody_knows_keeps_a_job_from_being_lost(
    follower: Follower,
) -> None:
    _, native_id = await follower.running()
    row = follower.cluster.rows[native_id]
    follower.cluster.forget(native_id)
    follower.cluster.accounts[native_id] = NativeJob(id=native_id, mark=row.mark, word="ZOMBIE")
    assert {each.state for each in await follower.look_for(1200)} <= {State.RUNNING}


async def test_an_unknown_word_keeps_the_state_and_is_shown(follower: Follower) -> None:
    _, native_id = await follower.running()
    follower.cluster.change(native_id, state=None, word="QUANTUM")
    (said,) = await follower.look()
    assert (said.state, said.native_state) == (State.RUNNING, "QUANTUM")
    assert await follower.look_for(600) == []


async def test_a_record_that_comes_after_the_schedulers_word_is_waited_for(
    follower: Follower,
) -> None:
    _, native_id = await follower.running()
    follower.cluster.change(native_id, state=State.SUCCEEDED, word="COMPLETED", exit_code=0)
    assert await follower.look(after_s=1) == []
    assert await follower.look(after_s=5) == []
    follower.cluster.write_end(native_id, exit_code=0)
    (end,) = await follower.look(after_s=1)
    assert end.state is State.SUCCEEDED
    assert end.host == "node"


async def test_the_schedulers_word_is_taken_when_no_record_comes(follower: Follower) -> None:
    _, native_id = await follower.running()
    follower.cluster.change(
        native_id, state=State.FAILED, reason=Reason.OUT_OF_MEMORY, word="OUT_OF_MEMORY"
    )
    (end,) = await follower.look_for(30)
    assert (end.state, end.reason) == (State.FAILED, Reason.OUT_OF_MEMORY)


@pytest.mark.parametrize("said", [b"", b"headway: n3 does not see\n/shared \x1b\xff"])
async def test_one_that_ended_before_it_began_was_not_started_in_the_scripts_own_words(
    follower: Follower, said: bytes
) -> None:
    tag = await follower.submit()
    follower.put(tag, "scheduler", said)
    follower.cluster.change(
        follower.cluster.id_of(tag), state=State.FAILED, word="FAILED", exit_code=126
    )
    (end,) = await follower.look_for(30)
    assert (end.state, end.reason, end.exit_code) == (State.FAILED, Reason.NOT_STARTED, 126)
    assert ("n3 does not see /shared" in end.message) is bool(said)
    assert end.message.isprintable()


async def test_why_a_job_was_killed_is_asked_of_the_scheduler(follower: Follower) -> None:
    _, native_id = await follower.running()
    follower.cluster.write_end(native_id, exit_code=None, signal=9)
    assert await follower.look() == []  # it still is listed as running
    follower.cluster.change(
        native_id, state=State.FAILED, reason=Reason.TIMEOUT, word="TIMEOUT", signal=9
    )
    (end,) = await follower.look()
    assert (end.state, end.reason, end.signal) == (State.FAILED, Reason.TIMEOUT, 9)


async def test_a_killed_job_that_the_scheduler_has_forgotten_ends_as_its_record_says(
    follower: Follower,
) -> None:
    _, native_id = await follower.running()
    follower.cluster.write_end(native_id, exit_code=None, signal=9)
    follower.cluster.forget(native_id)
    assert await follower.look_for(30) == []
    (end,) = await follower.look()
    assert (end.state, end.reason, end.signal) == (State.FAILED, Reason.SIGNAL, 9)


async def test_a_kill_for_memory_of_which_only_the_last_words_beside_it_tell_is_one(
    follower: Follower,
) -> None:
    tag, native_id = await follower.running()
    follower.put(tag, "scheduler", b"=>> PBS: job killed: mem 9kb exceeded limit 1kb\n")
    follower.cluster.write_end(native_id, exit_code=None, signal=15)
    follower.cluster.forget(native_id)
    (end,) = await follower.look_for(60)
    assert (end.state, end.reason, end.signal) == (State.FAILED, Reason.OUT_OF_MEMORY, 15)


class TestCalledOtherwise:
    """Ends that the job itself has told first, and that the scheduler has another word for."""

    async def told_by_itself(self, follower: Follower) -> tuple[Tag, NativeId]:
        """Give an attempt that has said itself that it ended with exit code 0, which is acknowledged."""
        tag, native_id = await follower.running()
        follower.cluster.write_end(native_id, exit_code=0)
        await follower.executor.heard(tag, _record(follower, run=0, exit_code=0))
        await follower.settle()
        assert follower.state(tag) is State.SUCCEEDED
        await follower.executor.settled([tag])
        return tag, native_id

    async def test_its_word_is_told_beside_the_end_which_stays(self, follower: Follower) -> None:
        tag, native_id = await self.told_by_itself(follower)
        assert await follower.look(after_s=5) == []  # it still is listed as running
        out_of_memory = {"reason": Reason.OUT_OF_MEMORY, "word": "OUT_OF_MEMORY"}
        follower.cluster.change(native_id, state=State.FAILED, **out_of_memory)
        (word,) = await follower.look()
        assert (word.tag, word.native_state) == (tag, "OUT_OF_MEMORY")
        assert (word.state, word.reason, word.exit_code) == (State.SUCCEEDED, None, 0)
        assert await follower.look_for(120) == []

    async def test_the_same_word_is_no_news(self, follower: Follower) -> None:
        _, native_id = await self.told_by_itself(follower)
        follower.cluster.change(native_id, state=State.SUCCEEDED, word="COMPLETED")
        assert await follower.look_for(120) == []

    @pytest.mark.parametrize("lists", ["nothing", "it as running"])
    async def test_a_word_that_does_not_come_is_not_waited_for(
        self, follower: Follower, lists: str
    ) -> None:
        _, native_id = await self.told_by_itself(follower)
        row = follower.cluster.rows[native_id]
        if lists == "nothing":
            follower.cluster.forget(native_id)
        assert await follower.look_for(75) == []
        follower.cluster.rows[native_id] = replace(row, state=State.FAILED, word="FAILED")
        assert await follower.look_for(60) == []


class TestForgotten:
    """Jobs that a scheduler has answered for and then does not know: its disk was slower than its word."""

    async def test_one_that_was_never_listed_is_given_up_and_sent_again(
        self, follower: Follower
    ) -> None:
        tag = await follower.submit()
        follower.cluster.forget(follower.cluster.id_of(tag))
        assert await follower.look_for(30) == []
        (again,) = await follower.look()
        assert again.again
        assert (again.tag, again.state) == (tag, State.ACCEPTED)

    async def test_if_it_turns_up_all_the_same_it_runs_nothing(self, follower: Follower) -> None:
        tag = await follower.submit()
        native_id = follower.cluster.id_of(tag)
        row = follower.cluster.rows[native_id]
        follower.cluster.forget(native_id)
        await follower.look_for(60)
        second = await follower.submit(job=_job(tag), no=2)
        follower.cluster.rows[native_id] = row
        assert not follower.cluster.begin(native_id)
        assert follower.cluster.begin(follower.cluster.id_of(second))
        await follower.look()
        assert follower.state(second) is State.RUNNING
        assert [each.state for each in follower.of(tag)] == [State.QUEUED, State.ACCEPTED]

    async def test_one_that_has_begun_is_never_sent_again(self, follower: Follower) -> None:
        tag = await follower.submit()
        native_id = follower.cluster.id_of(tag)
        follower.cluster.begin(native_id)
        follower.cluster.forget(native_id)
        assert await follower.look_for(300) == []
        (end,) = await follower.look()
        assert end.reason is Reason.LOST

    async def test_one_that_begins_between_the_look_and_the_giving_up_is_never_sent_again(
        self, follower: Follower
    ) -> None:
        tag = await follower.submit()
        native_id = follower.cluster.id_of(tag)
        follower.cluster.forget(native_id)
        follower.put(tag, "claim", json.dumps({"native_id": native_id}).encode())
        assert await follower.look_for(300) == []

    async def test_the_next_server_remembers_that_it_was_given_up(self, follower: Follower) -> None:
        """Else it would be sent again under a mark whose wrapper runs nothing, and be called a success."""
        tag = await follower.submit()
        native_id = follower.cluster.id_of(tag)
        row = follower.cluster.rows[native_id]
        follower.cluster.forget(native_id)
        await follower.look_for(60)
        await follower.restart()
        assert set(await follower.executor.find([tag])) == {tag}
        await follower.settle()
        assert [(each.again, each.state) for each in follower.of(tag)] == [(True, State.ACCEPTED)]
        await follower.restart()
        follower.cluster.rows[native_id] = row
        follower.cluster.begin(native_id)
        assert set(await follower.executor.find([tag])) == {tag}
        await follower.look_for(60)
        assert [(each.again, each.state) for each in follower.of(tag)] == [(True, State.ACCEPTED)]

    async def test_a_long_submission_is_not_taken_for_a_forgotten_job(
        self, follower: Follower
    ) -> None:
        launch = follower.launch()
        run = follower.cluster.run

        async def slowly(command: Command) -> Output:
            output = await run(command)
            if command.argv[0] == "submit":
                row = follower.cluster.rows.popitem()
                assert await follower.look_for(600) == []
                follower.cluster.rows.update([row])
            return output

        follower.cluster.run = slowly  # type: ignore[method-assign]
        assert await follower.executor.submit([launch]) == []
        assert follower.cluster.begin(follower.cluster.id_of(launch.tag))


class TestLost:
    """Later evidence corrects."""

    async def test_one_that_was_listed_and_never_began_is_lost_in_words_that_say_so(
        self, follower: Follower
    ) -> None:
        tag, native_id = await waiting(follower)
        follower.cluster.forget(native_id)
        assert await follower.look_for(300) == []
        (end,) = await follower.look()
        assert (end.tag, end.state, end.reason) == (tag, State.FAILED, Reason.LOST)
        assert "nothing says that it ever began" in end.message

    async def test_of_one_that_had_begun_the_words_say_nothing_of_the_kind(
        self, follower: Follower
    ) -> None:
        _, native_id = await follower.running()
        follower.cluster.forget(native_id)
        (end,) = await follower.look_for(330)
        assert "ever began" not in end.message

    async def test_one_that_begins_after_all_is_corrected_when_it_ends(
        self, follower: Follower
    ) -> None:
        tag, native_id = await waiting(follower)
        row = follower.cluster.rows[native_id]
        follower.cluster.forget(native_id)
        await follower.look_for(330)
        await follower.executor.settled([tag])
        follower.cluster.rows[native_id] = row
        assert follower.cluster.begin(native_id)
        follower.cluster.forget(native_id)
        assert await follower.look_for(3600, every_s=60) == []
        follower.cluster.write_end(native_id, exit_code=3)
        (end,) = await follower.look_for(120)
        assert (end.tag, end.state, end.exit_code) == (tag, State.FAILED, 3)
        assert end.started is not None

    async def test_one_that_waited_for_days_is_looked_after_for_a_day_more(
        self, follower: Follower
    ) -> None:
        tag, native_id = await waiting(follower)
        await follower.look_for(3 * 86_400, every_s=3600)
        follower.cluster.forget(native_id)
        assert (await follower.look_for(600, every_s=60))[-1].reason is Reason.LOST
        await follower.executor.settled([tag])
        await follower.look_for(80_000, every_s=3600)
        follower.put(tag, "ended", _record(follower, run=0, exit_code=0))
        (end,) = await follower.look_for(120)
        assert end.state is State.SUCCEEDED

    async def test_after_that_nobody_looks_after_it_any_more(self, follower: Follower) -> None:
        tag, native_id = await follower.running()
        follower.cluster.forget(native_id)
        await follower.look_for(330)
        await follower.executor.settled([tag])
        await follower.look_for(90_000, every_s=3600)
        follower.put(tag, "ended", _record(follower, run=0, exit_code=0))
        assert await follower.look_for(600, every_s=60) == []

    async def test_it_takes_no_room_from_others(self, follower: Follower) -> None:
        room = follower.executor.room()
        _, native_id = await follower.running()
        assert follower.executor.room() == room - 1
        follower.cluster.forget(native_id)
        await follower.look_for(330)
        assert follower.executor.room() == room

    async def test_a_record_that_appears_later_corrects(self, follower: Follower) -> None:
        tag, native_id = await follower.running()
        follower.cluster.forget(native_id)
        await follower.look_for(330)
        assert follower.of(tag)[-1].reason is Reason.LOST
        await follower.executor.settled([tag])
        follower.cluster.write_end(native_id, exit_code=0)
        (end,) = await follower.look_for(120)
        assert (end.tag, end.state) == (tag, State.SUCCEEDED)
        await follower.executor.settled([tag])
        assert await follower.look_for(600) == []

    async def test_a_job_that_is_listed_again_does_not_run_after_its_end(
        self, follower: Follower
    ) -> None:
        _, native_id = await follower.running()
        row = follower.cluster.rows[native_id]
        follower.cluster.forget(native_id)
        await follower.look_for(330)
        follower.cluster.rows[native_id] = row
        assert await follower.look_for(300) == []
        follower.cluster.end(native_id, exit_code=4)
        (end,) = await follower.look_for(120)
        assert (end.state, end.exit_code) == (State.FAILED, 4)

    async def test_its_own_word_corrects_at_once(self, follower: Follower) -> None:
        tag, native_id = await follower.running()
        follower.cluster.forget(native_id)
        await follower.look_for(330)
        await follower.executor.settled([tag])
        record = {"at": follower.clock.now().timestamp(), "exit_code": 5, "run": 0}
        await follower.executor.heard(tag, json.dumps(record).encode())
        await follower.settle()
        assert (follower.of(tag)[-1].state, follower.of(tag)[-1].exit_code) == (State.FAILED, 5)

    async def test_find_takes_it_up_again(self, follower: Follower) -> None:
        tag, native_id = await follower.running()
        row = follower.cluster.rows[native_id]
        follower.cluster.forget(native_id)
        await follower.look_for(330)
        follower.cluster.rows[native_id] = row
        assert set(await follower.executor.find([tag])) == {tag}
        await follower.settle()
        assert follower.of(tag)[-1].state is State.RUNNING


class TestDoubles:
    """Two native jobs with one mark: an answer was lost, and the attempt was sent again."""

    async def test_the_one_that_has_the_claim_is_the_attempt(self, follower: Follower) -> None:
        launch = follower.launch()
        follower.cluster.loses_answers = True
        with pytest.raises(ExecutorUnavailable):
            await follower.executor.submit([launch])
        first = follower.cluster.id_of(launch.tag)
        follower.cluster.loses_answers = False
        await follower.executor.submit([launch])
        second = follower.cluster.id_of(launch.tag)
        assert first != second
        assert follower.cluster.begin(first)
        assert not follower.cluster.begin(second)
        await follower.look_for(60)
        assert follower.state(launch.tag) is State.RUNNING
        follower.cluster.end(first, exit_code=6)
        await follower.look_for(60)
        assert [each.exit_code for each in follower.of(launch.tag) if each.state.is_final] == [6]

    async def test_the_attempt_does_not_end_with_the_one_that_ran_nothing(
        self, follower: Follower
    ) -> None:
        tag = await follower.submit()
        await follower.restart()
        follower.cluster.rows.pop(follower.cluster.id_of(tag))
        first = follower.cluster.id_of(tag)
        launch = follower.launch(job=_job(tag))
        await follower.executor.submit([launch])
        second = follower.cluster.id_of(tag)
        follower.put(tag, "claim", json.dumps({"native_id": first}).encode())
        follower.cluster.begin(second)
        follower.cluster.accounts[second] = follower.cluster.rows[second]
        assert not [each for each in await follower.look_for(60) if each.state.is_final]

    async def test_both_are_cancelled(self, follower: Follower) -> None:
        launch = follower.launch()
        follower.cluster.loses_answers = True
        with pytest.raises(ExecutorUnavailable):
            await follower.executor.submit([launch])
        follower.cluster.loses_answers = False
        await follower.executor.submit([launch])
        await follower.executor.cancel([launch.tag])
        assert {row.state for row in follower.cluster.rows.values()} == {State.CANCELLED}
        await follower.look_for(60)
        assert follower.state(launch.tag) is State.CANCELLED

    async def test_an_answer_that_was_lost_is_found_and_nothing_is_sent_twice(
        self, follower: Follower
    ) -> None:
        launch = follower.launch()
        follower.cluster.loses_answers = True
        with pytest.raises(ExecutorUnavailable):
            await follower.executor.submit([launch])
        assert set(await follower.executor.find([launch.tag])) == {launch.tag}
        await follower.executor.submit([launch])
        assert len(follower.cluster.rows) == 1


class TestPutBack:
    """Jobs that a scheduler ends and puts back into its queue by itself."""

    async def test_it_is_the_next_attempt_of_its_job(self, follower: Follower) -> None:
        tag, native_id = await follower.running()
        follower.cluster.requeue(native_id)
        news = await follower.look()
        following = follower.next_of(tag)
        assert [(each.tag, each.again, each.state) for each in news] == [
            (tag, True, State.QUEUED),
            (following, False, State.QUEUED),
        ]
        follower.cluster.begin(native_id)
        await follower.look()
        follower.cluster.end(native_id, exit_code=2)
        (end,) = await follower.look()
        assert (end.tag, end.exit_code) == (following, 2)

    async def test_attempts_of_one_job_come_in_batches_of_their_own(
        self, follower: Follower
    ) -> None:
        tag, native_id = await follower.running()
        follower.cluster.requeue(native_id)
        follower.cluster.requeue(native_id)
        follower.cluster.begin(native_id)
        await follower.look()
        assert all(len({each.tag for each in batch}) == 1 for batch in follower.said)
        third = follower.next_of(follower.next_of(tag))
        assert follower.state(third) is State.RUNNING

    async def test_the_next_server_follows_the_run_that_is_on(self, follower: Follower) -> None:
        tag, native_id = await follower.running()
        follower.cluster.requeue(native_id)
        follower.cluster.begin(native_id)
        await follower.look()
        following = follower.next_of(tag)
        await follower.restart()
        assert set(await follower.executor.find([following])) == {following}
        await follower.settle()
        assert follower.state(following) is State.RUNNING
        follower.cluster.write_end(native_id, exit_code=3)
        follower.cluster.forget(native_id)
        (end,) = await follower.look()
        assert (end.tag, end.exit_code) == (following, 3)

    async def test_each_runs_log_is_read_also_when_nobody_follows_it_any_more(
        self, follower: Follower
    ) -> None:
        tag, native_id = await follower.running()
        follower.put(tag, "stdout", b"first run")
        follower.cluster.requeue(native_id)
        await follower.look()
        following = follower.next_of(tag)
        assert await _log(follower, following) == b""
        follower.cluster.begin(native_id)
        follower.put(tag, "stdout.1", b"second run")
        follower.cluster.end(native_id)
        await follower.look()
        assert await _log(follower, following) == b"second run"
        await follower.executor.settled([tag, following])
        assert await _log(follower, following) == b"second run"
        assert await _log(follower, tag) == b"first run"
        await follower.restart()
        assert await _log(follower, following) == b"second run"
        assert native_id in await follower.executor.native_detail(following)

    async def test_one_that_could_not_be_begun_again_was_not_started_whatever_its_exit_code(
        self, follower: Follower
    ) -> None:
        tag, native_id = await follower.running()
        follower.put(tag, "scheduler", b"error: *** JOB 1 CANCELLED DUE TO NODE FAILURE ***")
        follower.cluster.requeue(native_id)
        await follower.look()
        follower.cluster.change(native_id, state=State.FAILED, word="FAILED", exit_code=1)
        (end,) = await follower.look_for(30)
        assert (end.tag, end.reason) == (follower.next_of(tag), Reason.NOT_STARTED)
        assert "could not begin it again (FAILED, exit code 1)" in end.message
        assert "NODE FAILURE" not in end.message  # that was the first run

    async def test_one_that_began_again_and_left_no_record_ends_as_the_scheduler_says(
        self, follower: Follower
    ) -> None:
        tag, native_id = await follower.running()
        follower.cluster.requeue(native_id)
        follower.cluster.begin(native_id)
        await follower.look()
        follower.cluster.change(native_id, state=State.FAILED, word="FAILED", exit_code=1)
        (end,) = await follower.look_for(30)
        assert (end.tag, end.reason) == (follower.next_of(tag), Reason.NONZERO_EXIT)

    async def test_a_scheduler_that_does_not_count_is_found_out_by_the_records(
        self, follower: Follower
    ) -> None:
        tag, native_id = await follower.running()
        follower.put(tag, "started.1", _record(follower, run=1))
        follower.put(tag, "ended.1", _record(follower, run=1, exit_code=9))
        follower.cluster.change(native_id, state=State.FAILED, word="DONE", exit_code=9)
        news = await follower.look_for(30)
        assert [(each.tag, each.again, each.exit_code) for each in news] == [
            (tag, True, None),
            (follower.next_of(tag), False, 9),
        ]


class TestCancel:
    """Ends that are asked for."""

    async def test_one_that_never_shows_is_cancelled_and_never_begins(
        self, follower: Follower
    ) -> None:
        tag = await follower.submit()
        native_id = follower.cluster.id_of(tag)
        row = follower.cluster.rows[native_id]
        follower.cluster.forget(native_id)
        await follower.executor.cancel([tag])
        await follower.settle()
        assert follower.of(tag)[-1].state is State.CANCELLED
        follower.cluster.rows[native_id] = row
        assert not follower.cluster.begin(native_id)

    async def test_one_that_has_begun_and_is_listed_later_is_cancelled_then(
        self, follower: Follower
    ) -> None:
        tag, native_id = await follower.running()
        row = follower.cluster.rows[native_id]
        follower.cluster.forget(native_id)
        await follower.executor.cancel([tag])
        follower.cluster.rows[native_id] = row
        await follower.look_for(30)
        assert follower.state(tag) is State.CANCELLED
        assert [argv for argv in follower.cluster.commands if argv[0] == "cancel"] == [
            ("cancel", native_id)
        ]

    async def test_one_that_waits_since_it_could_not_be_started_is_cancelled(
        self, follower: Follower
    ) -> None:
        tag, native_id = await waiting(follower)
        await follower.executor.cancel([tag])
        cannot_start(follower, native_id)
        (end,) = await follower.look_for(30)
        assert (end.tag, end.state, end.reason) == (tag, State.CANCELLED, Reason.BY_USER)

    async def test_one_that_could_not_be_started_and_was_gone_by_then_keeps_its_end(
        self, follower: Follower
    ) -> None:
        tag, native_id = await waiting(follower)
        cannot_start(follower, native_id)
        await follower.executor.cancel([tag])
        await follower.look_for(30)
        assert follower.of(tag)[-1].reason is Reason.NOT_STARTED

    async def test_one_whose_end_is_asked_for_while_it_is_submitted_ends(
        self, follower: Follower
    ) -> None:
        launch = follower.launch()
        run = follower.cluster.run

        async def cancelled_meanwhile(command: Command) -> Output:
            if command.argv[0] == "submit":
                await follower.executor.cancel([launch.tag])
            return await run(command)

        follower.cluster.run = cancelled_meanwhile  # type: ignore[method-assign]
        await follower.executor.submit([launch])
        await follower.look()
        await follower.look()
        assert follower.state(launch.tag) is State.CANCELLED

    async def test_a_scheduler_that_is_away_is_told_when_it_is_asked_again(
        self, follower: Follower
    ) -> None:
        tag, _ = await follower.running()
        follower.cluster.away = {"cancel"}
        with pytest.raises(ExecutorUnavailable):
            await follower.executor.cancel([tag])
        follower.cluster.away = set()
        await follower.look_for(30)
        assert follower.state(tag) is State.CANCELLED

    async def test_one_that_had_ended_keeps_its_end(self, follower: Follower) -> None:
        tag, native_id = await follower.running()
        follower.cluster.end(native_id, exit_code=0)
        await follower.executor.cancel([tag])
        await follower.look()
        assert [each.state for each in follower.of(tag) if each.state.is_final] == [State.SUCCEEDED]


class TestHeard:
    """What a wrapper tells of itself."""

    async def test_start_and_end_are_said_at_once(self, follower: Follower) -> None:
        tag = await follower.submit()
        await follower.executor.heard(tag, _record(follower, run=0, host="n7"))
        await follower.settle()
        assert (follower.of(tag)[-1].state, follower.of(tag)[-1].host) == (State.RUNNING, "n7")
        await follower.executor.heard(tag, _record(follower, run=0, exit_code=0))
        await follower.settle()
        assert follower.state(tag) is State.SUCCEEDED

    async def test_a_listing_that_was_behind_does_not_take_the_start_back(
        self, follower: Follower
    ) -> None:
        tag = await follower.submit()
        await follower.look()
        await follower.executor.heard(tag, _record(follower, run=0))
        await follower.settle()
        assert follower.state(tag) is State.RUNNING
        assert await follower.look_for(60) == []

    async def test_of_an_end_by_a_signal_the_schedulers_word_is_waited_for(
        self, follower: Follower
    ) -> None:
        tag, _ = await follower.running()
        await follower.executor.heard(tag, _record(follower, run=0, signal=9))
        await follower.settle()
        assert follower.state(tag) is State.RUNNING

    async def test_a_record_of_another_run_is_nobodys(self, follower: Follower) -> None:
        tag, _ = await follower.running()
        before = len(follower.said)
        await follower.executor.heard(tag, _record(follower, run=1, exit_code=3))
        await follower.executor.heard(tag, _record(follower, run=1))
        await follower.settle()
        assert len(follower.said) == before


async def test_a_directory_that_is_not_there_is_refused_and_the_others_run(
    follower: Follower,
) -> None:
    bad, good = follower.launch(directory="/data/missing"), follower.launch(directory="/data")
    (refusal,) = await follower.executor.submit([bad, good])
    assert refusal.tag == bad.tag
    assert "/data/missing" in refusal.message
    assert len(follower.cluster.rows) == 1
    assert await follower.executor.find([bad.tag]) == set()


async def test_what_the_scheduler_refuses_is_refused_in_its_words(follower: Follower) -> None:
    follower.cluster.refuses = "no such queue: nope"
    (refusal,) = await follower.executor.submit([follower.launch()])
    assert "no such queue: nope" in refusal.message


async def test_a_directory_that_a_job_made_unusable_holds_up_no_other_job(
    follower: Follower,
) -> None:
    _, native_id = await follower.running()
    tag = await follower.submit()
    follower.cluster.closed = {follower.place(tag)}
    follower.cluster.forget(follower.cluster.id_of(tag))
    await follower.executor.cancel([tag])
    follower.cluster.end(native_id, exit_code=3)
    assert [each.exit_code for each in await follower.look_for(60)] == [3]
    (end,) = await follower.look_for(330)
    assert (end.tag, end.reason) == (tag, Reason.LOST)


async def test_an_answer_that_cannot_be_written_beside_its_attempt_keeps_nobody_from_being_found(
    follower: Follower,
) -> None:
    tag = await follower.submit()
    del follower.cluster.files[f"{follower.place(tag)}/submitted"]
    follower.cluster.closed = {follower.place(tag)}
    other, native_id = await follower.running()
    await follower.restart()
    assert set(await follower.executor.find([tag, other])) == {tag, other}
    follower.cluster.end(native_id, exit_code=3)
    await follower.look()
    assert follower.of(other)[-1].exit_code == 3


async def test_submissions_that_come_to_nothing_hold_up_no_others(follower: Follower) -> None:
    follower.cluster.mute = {"mute"}
    mute = [replace(follower.launch(), name="mute") for _ in range(8)]
    others = [follower.launch() for _ in range(3)]
    with pytest.raises(ExecutorUnavailable):
        await follower.executor.submit(mute)
    with pytest.raises(ExecutorUnavailable, match="it said no id"):
        await follower.executor.submit([*mute, *others])
    await follower.settle()
    assert {follower.state(launch.tag) for launch in others} == {State.QUEUED}
    assert {follower.state(launch.tag) for launch in mute} == {None}


async def test_a_cluster_that_answers_nothing_is_not_asked_by_all(follower: Follower) -> None:
    follower.cluster.away = {"submit"}
    with pytest.raises(ExecutorUnavailable):
        await follower.executor.submit([follower.launch() for _ in range(100)])
    assert len([argv for argv in follower.cluster.commands if argv[0] == "submit"]) < 20


@pytest.mark.parametrize("name", [".headway-12-0-0a1b2c3d", "evil", ".nfs00000001", "x.y", ""])
async def test_what_is_no_list_of_elements_keeps_no_server_from_finding_its_jobs(
    follower: Follower, name: str
) -> None:
    tag = await follower.submit()
    follower.cluster.files[f"{ROOT}/arrays/{name}"] = f"0 xx/{tag}\n".encode()
    follower.cluster.files[f"{ROOT}/arrays/{tag}"] = b"9" * 5000 + b" xx/y\n"
    await follower.restart()
    assert set(await follower.executor.find([tag])) == {tag}


async def test_a_job_has_not_ended_later_than_now_whatever_it_says(follower: Follower) -> None:
    tag, _ = await follower.running()
    far = {"native_id": "1", "at": 253_402_300_799, "started": 253_402_300_799, "run": 0}
    await follower.executor.heard(tag, json.dumps({**far, "exit_code": 0}).encode())
    await follower.settle()
    end = follower.of(tag)[-1]
    assert (end.state, end.at) == (State.SUCCEEDED, follower.clock.now())
    assert end.started is not None
    assert end.started <= end.at


async def test_thousands_are_ended_by_several_commands_that_end_in_time(follower: Follower) -> None:
    launches = [follower.launch() for _ in range(501)]
    await follower.executor.submit(launches)
    tags = [launch.tag for launch in launches]
    await follower.look()
    await follower.executor.cancel(tags)
    await follower.look()
    ended = [argv[1:] for argv in follower.cluster.commands if argv[0] == "cancel"]
    assert [len(ids) for ids in ended] == [500, 1]
    assert {each for ids in ended for each in ids} == set(map(follower.cluster.id_of, tags))


async def test_an_attempt_that_was_deleted_has_no_log(follower: Follower) -> None:
    tag, native_id = await follower.running()
    follower.put(tag, "stdout", b"text")
    follower.cluster.end(native_id)
    await follower.look()
    await follower.executor.settled([tag])
    await follower.executor.forget([tag])
    with pytest.raises(NotFound):
        await _log(follower, tag)


async def waiting(follower: Follower) -> tuple[Tag, NativeId]:
    """Give an attempt that is known to wait."""
    tag = await follower.submit()
    await follower.look()
    assert follower.state(tag) is State.QUEUED
    return tag, follower.cluster.id_of(tag)


def cannot_start(follower: Follower, native_id: NativeId) -> None:
    """Have only the accounting know of a job, which says that it could not be started."""
    row = replace(follower.cluster.rows[native_id], state=State.FAILED, reason=Reason.NOT_STARTED)
    follower.cluster.accounts[native_id] = row
    follower.cluster.forget(native_id)


def _job(tag: Tag) -> JobId:
    return job_of_tag(tag)[0]


def _record(follower: Follower, **fields: object) -> bytes:
    return json.dumps({"at": follower.clock.now().timestamp()} | fields).encode()


async def _log(follower: Follower, tag: Tag) -> bytes:
    part = await follower.executor.read_log(tag, Stream.STDOUT, offset=0, limit=100)
    return part.data
