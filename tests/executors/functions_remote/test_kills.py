"""Kills in the middle of many functions: none is lost, none is left running, none runs twice."""

import os
import time
from pathlib import Path

import pytest
from tests.executors.functions_remote.clusters import until
from tests.executors.functions_remote.conftest import SYSTEMS, Both, both
from tests.faults.counts import is_soak

from headway.core.model.state import State

_LONG_S = 240.0


@pytest.mark.soak
@pytest.mark.parametrize("name", SYSTEMS if is_soak() else ["dask"])
def test_functions_wait_for_a_system_that_is_away_and_are_rerun_where_they_may_be(
    name: str, tmp_path: Path
) -> None:
    with both(tmp_path, name) as running:
        assert running.functions.submit(abs, -1).result(timeout_s=_LONG_S) == 1
        running.cluster.kill_centre()
        running.cluster.kill_workers()
        future = running.functions.with_options(rerun=1).submit(die_once, str(tmp_path / "died"))
        until(lambda: future.document().reason == "executor_down")
        running.cluster.start_centre()
        running.cluster.start_workers()
        assert future.result(timeout_s=_LONG_S) == "lived"
        assert future.document().attempt == 2


def die_once(place: str) -> str:
    """Kill the worker that this runs in, the first time."""
    if Path(place).exists():
        return "lived"
    Path(place).touch()
    os.kill(os.getpid(), 9)
    return "not reached"


def waits(begun: str, opened: str) -> str:
    """Say that this runs, and go on when it is let."""
    with Path(begun).open("a") as marks:
        marks.write("begun\n")
    while not Path(opened).exists():
        time.sleep(0.02)
    return "there"


if is_soak():  # each run kills both elsewhere, while what is short runs

    def test_what_runs_on_while_neither_server_nor_controller_is_there_is_taken_up_again(
        tmp_path: Path,
    ) -> None:
        begun, opened = tmp_path / "begun", tmp_path / "opened"
        with both(tmp_path, "ipyparallel") as system:
            running = system.functions.submit(waits, str(begun), str(opened))
            until(begun.exists)
            queued = [system.functions.submit(waits, str(begun), str(opened)) for _ in range(2)]
            assert all(each.job_id for each in queued)
            port = int(system.server.url.rpartition(":")[2])
            system.cluster.kill_centre()
            system.server.kill()
            system.server.start(port=port)
            assert running.document().state is State.RUNNING
            opened.touch()
            until(lambda: not is_open(system, running.job_id))
            system.cluster.start_centre()
            system.cluster.leave_workers()
            system.cluster.start_workers()
            assert [each.result(timeout_s=_LONG_S) for each in (running, *queued)] == ["there"] * 3
            assert begun.read_text() == "begun\n" * 3
            assert running.document().attempt == 1


def is_open(system: Both, job_id: str) -> bool:
    """Tell whether a job's end is not in the books yet."""
    books = system.server.data / "clusters" / system.cluster.engine / "attempts" / f"{job_id}.1"
    return not (books / "outcome").exists()
