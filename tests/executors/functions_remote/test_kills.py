"""Kills in the middle of many functions: none is lost, none is left running, none runs twice."""

import collections
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cloudpickle
import pytest
from tests.executors.functions_remote.clusters import until
from tests.executors.functions_remote.conftest import SYSTEMS, Both, both
from tests.faults.counts import is_soak, rounds

from headway.functions import RemoteError, wait
from headway.functions.future import Future

_LONG_S = 240.0


@pytest.fixture(autouse=True)
def travelling() -> Iterator[None]:
    """Have this module's functions travel whole, as those of a notebook do."""
    own = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(own)
    yield
    cloudpickle.unregister_pickle_by_value(own)


def mark(place: str, number: int) -> int:
    """Tell that this ran: one line, whole or not at all."""
    opened = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(opened, b"%d\n" % number)
    os.close(opened)
    time.sleep(0.02)
    return number


def kill_worker(running: Both) -> None:
    running.cluster.kill_worker()


def kill_centre(running: Both) -> None:
    running.cluster.kill_centre()
    running.cluster.start_centre()
    running.cluster.start_workers()


def kill_server(running: Both) -> None:
    port = int(running.server.url.rpartition(":")[2])
    running.server.kill()
    running.server.start(port=port)


@pytest.mark.soak
@pytest.mark.parametrize("name", SYSTEMS)
def test_kills_of_all_parts_lose_nothing_and_run_nothing_twice(name: str, tmp_path: Path) -> None:
    count = max(40, rounds(800))
    marks = tmp_path / "marks"
    with both(tmp_path, name) as running:
        futures = [running.functions.submit(mark, str(marks), n) for n in range(count)]
        for number, kills in enumerate((kill_worker, kill_centre, kill_server), start=1):
            after(futures, number * count // 4, kills, running)
        _, going_on = wait(futures, timeout_s=_LONG_S)
        assert not going_on
        ran = collections.Counter(marks.read_text().split())
        assert set(ran.values()) == {1}
        errors = {n: e for n, future in enumerate(futures) if (e := future.exception()) is not None}
        assert [error for error in errors.values() if not is_death(error)] == []
        # What was killed with its worker did run once, or had not come to that; all others ran and say so.
        assert len(errors) <= 2 * running.cluster.workers_at_once
        assert set(map(str, set(range(count)) - errors.keys())) <= ran.keys()


def is_death(error: BaseException | None) -> bool:
    return isinstance(error, RemoteError) and not error.type


def after(
    futures: list[Future[int]], count: int, kills: Callable[[Both], None], running: Both
) -> None:
    """Do something once so many have ended."""
    until(lambda: sum(future.done() for future in futures) >= count)
    kills(running)


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
