"""Grid Engine's executor passes the one suite on a real Grid Engine."""

import signal
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.executors.test_executor_suite import Batch
from tests.rigs.sge import GridEngine
from typing_extensions import override

from headway.core.model.state import Reason, State
from headway.executors.sge.plugin import plugin
from headway.testing.executor_suite import QueueSuite
from headway.testing.executor_witness import Scene, Witness


class TestGridEngine(QueueSuite):
    """One host, whose accounting comes a second after a job's end."""

    @pytest.fixture
    def scene(self, sge: GridEngine, tmp_path: Path) -> Scene:
        settings = {"environment": sge.environment}
        return Batch(tmp_path, plugin, settings)

    @pytest.fixture
    def held(self) -> Mapping[str, str]:
        return {"sge.h": ""}

    @override
    async def test_a_signal_is_kept_as_a_number_and_is_no_exit_code(self, witness: Witness) -> None:
        """The same, without SIGUSR1: that is Grid Engine's warning of a suspension, and would end jobs that it is none for."""
        numbers = (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGUSR1)
        *ends, deaf = await witness.run(*(witness.shell(f"kill -{n:d} $$") for n in numbers))
        assert [(each.exit_code, each.signal) for each in ends] == [(None, n) for n in numbers[:3]]
        assert {(each.state, each.reason) for each in ends} == {(State.FAILED, Reason.SIGNAL)}
        assert (deaf.state, deaf.exit_code) == (State.SUCCEEDED, 0)


class TestGridEngineThatKillsAtOnce:
    """Without -notify, jobs hear every signal, and are given no time to end."""

    pytestmark = pytest.mark.anyio

    async def test_a_job_that_is_cancelled_has_no_time_to_tidy_up(
        self, sge: GridEngine, tmp_path: Path
    ) -> None:
        settings = {"environment": sge.environment, "notify": False}
        witness = Witness(Batch(tmp_path, plugin, settings))
        await witness.start()
        script = "trap 'echo tidy; exit 4' TERM; echo trapped; while :; do sleep 0.05; done"
        (tag,) = await witness.submit(witness.shell(script))
        await witness.until_written(tag, b"trapped")
        await witness.cancel(tag)
        end = await witness.until_over(tag)
        assert (end.state, end.reason, end.signal) == (State.CANCELLED, Reason.BY_USER, 9)
        heard = await witness.run_one(witness.shell("kill -USR1 $$"))
        assert (heard.state, heard.signal) == (State.FAILED, signal.SIGUSR1)
        await witness.stop()
        assert witness.contradictions() == []
