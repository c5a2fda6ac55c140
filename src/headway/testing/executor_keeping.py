"""What an Executor promises about tags: none runs twice, none is forgotten. Each test takes a started ``witness``."""

import asyncio
from typing import Final

import pytest

from headway.core.errors import NotFound
from headway.core.model.names import job_of_tag, tag_of
from headway.core.model.spec import Attributes, Resources, Spec
from headway.core.model.state import State
from headway.core.ports.executor import Stream
from headway.testing.executor_witness import Witness

_CODE: Final = 3
_UNTIL_OPEN: Final = "while [ ! -e open ]; do sleep 0.05; done"


class Once:
    """What a tag stands for is run once."""

    async def test_a_tag_that_is_sent_again_is_run_once(self, witness: Witness) -> None:
        launch = witness.shell(f"echo ran >>runs; {_UNTIL_OPEN}")
        await asyncio.gather(witness.submit(launch), witness.submit(launch))
        await witness.submit(launch)
        await witness.until_there(f"{witness.scene.root}/runs")
        await witness.submit(launch)
        witness.scene.put(f"{witness.scene.root}/open", b"")
        assert (await witness.until_over(launch.tag)).state is State.SUCCEEDED
        await witness.submit(launch)
        await witness.run_one(witness.shell("exit 0"))
        assert witness.scene.get(f"{witness.scene.root}/runs") == b"ran\n"

    async def test_a_tag_that_is_sent_again_after_a_restart_is_run_once(
        self, witness: Witness
    ) -> None:
        launch = witness.shell(f"echo ran >>runs; {_UNTIL_OPEN}")
        await witness.submit(launch)
        await witness.until_there(f"{witness.scene.root}/runs")
        await witness.restart()
        assert launch.tag in await witness.find(launch.tag)
        await witness.submit(launch)
        witness.scene.put(f"{witness.scene.root}/open", b"")
        assert (await witness.until_over(launch.tag)).exit_code == 0
        await witness.run_one(witness.shell("exit 0"))
        assert witness.scene.get(f"{witness.scene.root}/runs") == b"ran\n"

    async def test_attempts_of_one_job_are_apart(self, witness: Witness) -> None:
        one = witness.shell("echo first; exit 1")
        job_id, _ = job_of_tag(one.tag)
        other = type(one)(
            tag=tag_of(job_id, 2),
            name=one.name,
            spec=witness.shell("echo second").spec,
            environment=one.environment,
        )
        ends = await witness.run(one, other)
        assert [each.exit_code for each in ends] == [1, 0]
        logs = [await witness.output(each.tag) for each in ends]
        assert logs == [b"first\n", b"second\n"]


class Finding:
    """What outlives a server."""

    async def test_find_tells_what_is_here_and_no_more(self, witness: Witness) -> None:
        here, never = witness.shell("exit 5"), witness.launch("/bin/true").tag
        (tag,) = await witness.submit(here)
        assert set(await witness.find(tag, never)) == {tag}
        await witness.until_over(tag)
        assert set(await witness.find(tag, never)) == {tag}
        assert list(await witness.find()) == []

    async def test_the_next_server_finds_what_runs_and_hears_of_its_end(
        self, witness: Witness
    ) -> None:
        (tag,) = await witness.submit(witness.shell(f"echo begun; {_UNTIL_OPEN}; exit {_CODE}"))
        await witness.until_written(tag, b"begun")
        await witness.restart()
        assert set(await witness.find(tag)) == {tag}
        await witness.until(tag, State.RUNNING)
        assert await witness.output(tag) == b"begun\n"
        witness.scene.put(f"{witness.scene.root}/open", b"")
        assert (await witness.until_over(tag)).exit_code == _CODE

    async def test_the_next_server_can_cancel_what_runs(self, witness: Witness) -> None:
        (tag,) = await witness.submit(witness.shell("echo begun; while :; do sleep 0.05; done"))
        await witness.until_written(tag, b"begun")
        await witness.restart()
        await witness.find(tag)
        await witness.cancel(tag)
        assert (await witness.until_over(tag)).state is State.CANCELLED

    async def test_an_end_while_no_server_was_there_is_told_by_the_next(
        self, witness: Witness
    ) -> None:
        (tag,) = await witness.submit(
            witness.shell(f"{_UNTIL_OPEN}; echo over >over; exit {_CODE}")
        )
        await witness.until(tag, State.RUNNING)
        await witness.stop()
        witness.scene.put(f"{witness.scene.root}/open", b"")
        await witness.until_there(f"{witness.scene.root}/over")
        await witness.restart()
        assert set(await witness.find(tag)) == {tag}
        assert (await witness.until_over(tag)).exit_code == _CODE

    async def test_an_end_is_told_again_until_it_is_settled(self, witness: Witness) -> None:
        end = await witness.run_one(witness.shell("exit 8"))
        for _ in range(2):
            await witness.restart()
            await witness.find(end.tag)
            again = await witness.until_over(end.tag)
            assert (again.state, again.exit_code) == (end.state, end.exit_code)
        await witness.executor.settled([end.tag])
        await witness.restart()
        await witness.run_one(witness.shell("exit 0"))
        assert end.tag not in witness.said

    async def test_logs_stay_when_an_end_is_settled_and_go_when_it_is_forgotten(
        self, witness: Witness
    ) -> None:
        end = await witness.run_one(witness.shell("echo kept"))
        await witness.executor.settled([end.tag])
        assert await witness.output(end.tag) == b"kept\n"
        await witness.persist(lambda: witness.executor.forget([end.tag]))
        with pytest.raises(NotFound):
            await witness.executor.read_log(end.tag, Stream.STDOUT, offset=0, limit=10)
        await witness.persist(lambda: witness.executor.forget([end.tag]))

    async def test_settling_what_runs_or_was_never_here_changes_nothing(
        self, witness: Witness
    ) -> None:
        (tag,) = await witness.submit(witness.shell(_UNTIL_OPEN))
        await witness.executor.settled([tag, witness.launch("/bin/true").tag])
        witness.scene.put(f"{witness.scene.root}/open", b"")
        assert (await witness.until_over(tag)).state is State.SUCCEEDED


class Telling:
    """What an executor says without running anything, and what it hears."""

    async def test_there_is_room(self, witness: Witness) -> None:
        assert witness.executor.room() > 0

    async def test_a_plain_spec_is_heeded_whole_and_others_by_their_fields_names(
        self, witness: Witness
    ) -> None:
        plain = Spec(command=("true",), resources=Resources(exclusive_node_use=False))
        assert list(witness.executor.unheeded(plain)) == []
        full = Spec(
            command=("true",),
            resources=Resources(
                node_count=1,
                process_count=1,
                processes_per_node=1,
                cpu_cores_per_process=1,
                gpu_cores_per_process=1,
                exclusive_node_use=True,
                memory=1 << 30,
            ),
            attributes=Attributes(
                duration=60.0,
                queue_name="queue",
                account="account",
                reservation_id="reservation",
                custom_attributes={"no-such-scheduler.option": "x"},
            ),
        )
        fields = {
            *(f"resources.{name}" for name in Resources.__struct_fields__),
            *(f"attributes.{name}" for name in Attributes.__struct_fields__),
            "attributes.custom_attributes.no-such-scheduler.option",
        }
        unheeded = witness.executor.unheeded(full)
        assert fields.issuperset(unheeded)
        assert any("custom_attributes" in name for name in unheeded)

    async def test_nothing_is_known_of_what_was_never_here(self, witness: Witness) -> None:
        never = witness.launch("/bin/true").tag
        assert await witness.executor.explain(never) is None
        with pytest.raises(NotFound):
            await witness.executor.native_detail(never)

    async def test_what_is_no_record_changes_nothing(self, witness: Witness) -> None:
        (tag,) = await witness.submit(witness.shell(_UNTIL_OPEN))
        for record in (b"", b"{}", b"\xff{", b"[" * 5000, b'{"state": "ended"}'):
            await witness.executor.heard(tag, record)
            await witness.executor.heard(witness.launch("/bin/true").tag, record)
        await witness.until(tag, State.RUNNING)
        witness.scene.put(f"{witness.scene.root}/open", b"")
        assert (await witness.until_over(tag)).state is State.SUCCEEDED
