"""What an Executor promises about how jobs end, by themselves or because they are told to. Each test takes a started ``witness``."""

import signal
from collections.abc import Mapping
from typing import Final

from headway.core.model.state import Reason, State
from headway.testing.executor_witness import Witness

_ANY_LENGTH: Final = "while :; do sleep 0.05; done"
_MANY: Final = 12
_LIMIT_S: Final = 0.5


class Ending:
    """How jobs end by themselves."""

    async def test_an_exit_code_is_kept_as_a_number_and_is_no_signal(
        self, witness: Witness
    ) -> None:
        codes = (0, 1, 3, 126, 127, 128, 137, 255)
        ends = await witness.run(*(witness.shell(f"exit {code}") for code in codes))
        assert [(each.exit_code, each.signal) for each in ends] == [(code, None) for code in codes]
        assert [each.state for each in ends] == [State.SUCCEEDED, *[State.FAILED] * 7]
        assert [each.reason for each in ends] == [None, *[Reason.NONZERO_EXIT] * 7]

    async def test_a_signal_is_kept_as_a_number_and_is_no_exit_code(self, witness: Witness) -> None:
        numbers = (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGUSR1)
        ends = await witness.run(*(witness.shell(f"kill -{number:d} $$") for number in numbers))
        assert [(each.exit_code, each.signal) for each in ends] == [(None, n) for n in numbers]
        assert {(each.state, each.reason) for each in ends} == {(State.FAILED, Reason.SIGNAL)}

    async def test_an_end_has_its_times_its_host_and_what_was_used(self, witness: Witness) -> None:
        script = "i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; uname -n"
        end = await witness.run_one(witness.shell(script))
        assert end.started is not None
        assert end.started <= end.at
        assert end.native_id
        assert end.host == (await witness.output(end.tag)).decode().strip()
        assert end.usage is not None
        assert (end.usage.wall_s or 0) > 0
        assert (end.usage.cpu_s or 0) > 0

    async def test_a_running_job_is_told_of_before_its_end(self, witness: Witness) -> None:
        (tag,) = await witness.submit(witness.shell("while [ ! -e go ]; do sleep 0.05; done"))
        running = await witness.until(tag, State.RUNNING)
        assert running.native_id
        witness.scene.put(f"{witness.scene.root}/go", b"")
        end = await witness.until_over(tag)
        assert (end.state, end.native_id) == (State.SUCCEEDED, running.native_id)

    async def test_many_at_once_all_end(self, witness: Witness) -> None:
        launches = [witness.shell(f"echo {n}; exit {n % 2}") for n in range(_MANY)]
        ends = await witness.run(*launches)
        assert [each.exit_code for each in ends] == [n % 2 for n in range(_MANY)]
        logs = [await witness.output(each.tag) for each in ends]
        assert logs == [b"%d\n" % n for n in range(_MANY)]


class BeingEnded:
    """How jobs are ended: by their limit, and by cancelling."""

    async def test_a_wall_time_limit_ends_a_job(self, witness: Witness) -> None:
        short = witness.launch("sleep", "60", duration=_LIMIT_S)
        within = witness.launch("/bin/true", duration=60)
        end, other = await witness.run(short, within)
        assert (end.state, end.reason) == (State.FAILED, Reason.TIMEOUT)
        assert ((end.usage and end.usage.wall_s) or 0) >= _LIMIT_S
        assert end.message
        assert other.state is State.SUCCEEDED

    async def test_a_running_job_that_is_cancelled_ends_by_sigterm(self, witness: Witness) -> None:
        (tag,) = await witness.submit(witness.shell(f"echo; {_ANY_LENGTH}"))
        await witness.until_written(tag, b"\n")
        await witness.cancel(tag)
        end = await witness.until_over(tag)
        assert (end.state, end.reason) == (State.CANCELLED, Reason.BY_USER)
        assert (end.exit_code, end.signal) == (None, signal.SIGTERM)

    async def test_a_cancelled_job_has_time_to_tidy_up(self, witness: Witness) -> None:
        script = f"trap 'echo tidy; exit 4' TERM; echo trapped; {_ANY_LENGTH}"
        (tag,) = await witness.submit(witness.shell(script))
        await witness.until_written(tag, b"trapped")
        await witness.cancel(tag)
        end = await witness.until_over(tag)
        assert (end.state, end.exit_code) == (State.CANCELLED, 4)
        assert (await witness.output(tag)).endswith(b"tidy\n")

    async def test_a_job_that_ended_before_the_cancel_keeps_its_end(self, witness: Witness) -> None:
        end = await witness.run_one(witness.shell("exit 3"))
        await witness.cancel(end.tag)
        await witness.find(end.tag)
        follower = await witness.run_one(witness.shell("exit 0"))
        assert follower.state is State.SUCCEEDED
        assert {each.exit_code for each in witness.said[end.tag] if each.state.is_final} == {3}

    async def test_cancelling_twice_or_what_was_never_here_is_no_error(
        self, witness: Witness
    ) -> None:
        (tag,) = await witness.submit(witness.shell(_ANY_LENGTH))
        await witness.cancel(tag, witness.launch("/bin/true").tag)
        await witness.cancel(tag)
        assert (await witness.until_over(tag)).state is State.CANCELLED

    async def test_a_job_cancelled_right_after_it_was_handed_over_ends(
        self, witness: Witness
    ) -> None:
        tags = await witness.submit(*(witness.launch("sleep", "60") for _ in range(4)))
        await witness.cancel(*tags)
        assert {(await witness.until_over(tag)).state for tag in tags} == {State.CANCELLED}


class Waiting:
    """Jobs that wait in a queue of the executor's; ``held`` are custom attributes that keep a job there."""

    async def test_a_waiting_job_says_so_and_why_and_can_be_cancelled(
        self, witness: Witness, held: Mapping[str, str]
    ) -> None:
        (tag,) = await witness.submit(witness.shell("echo ran", custom=held))
        queued = await witness.until(tag, State.QUEUED)
        assert queued.native_id

        async def explained() -> str | None:
            witness.executor.hurry()
            found = await witness.executor.explain(tag)
            return None if found is None else found.why or found.word

        assert await witness.poll(explained, "words about why it waits")
        assert queued.native_id.split(".")[0] in await witness.executor.native_detail(tag)
        await witness.cancel(tag)
        end = await witness.until_over(tag)
        assert (end.state, end.reason, end.exit_code) == (State.CANCELLED, Reason.BY_USER, None)
        assert await witness.output(tag) == b""

    async def test_a_waiting_job_waits_on_while_no_server_is_there(
        self, witness: Witness, held: Mapping[str, str]
    ) -> None:
        (tag,) = await witness.submit(witness.shell("echo ran", custom=held))
        await witness.restart()
        assert tag in await witness.find(tag)
        assert (await witness.until(tag, State.QUEUED)).native_id
        await witness.cancel(tag)
        assert (await witness.until_over(tag)).state is State.CANCELLED
