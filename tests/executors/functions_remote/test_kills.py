"""Kills in the middle of many functions: none is lost, none is left running, none runs twice."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import cloudpickle
import pytest
from tests.executors.functions_remote.clusters import until
from tests.executors.functions_remote.conftest import SYSTEMS, both
from tests.faults.counts import is_soak

_LONG_S = 240.0


@pytest.fixture(autouse=True)
def travelling() -> Iterator[None]:
    """Have this module's functions travel whole, as those of a notebook do."""
    own = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(own)
    yield
    cloudpickle.unregister_pickle_by_value(own)


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
