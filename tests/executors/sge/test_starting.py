"""Of a job that has just begun to run Grid Engine may say next that it could not start it."""

import pytest
from msgspec.structs import replace

from headway.core.model.names import NativeId
from headway.core.model.state import Reason, State
from headway.executors.batch.native import NativeJob
from headway.executors.sge.starting import Starting
from headway.testing.fakes import FakeClock

RUNS = NativeJob(id=NativeId("7"), state=State.RUNNING, word="r")
WAITS = NativeJob(id=NativeId("8"), state=State.QUEUED, reason=Reason.HELD, word="Eqw")


@pytest.fixture
def starting(clock: FakeClock) -> Starting:
    return Starting(clock.now)


def states(starting: Starting, *rows: NativeJob) -> list[State | None]:
    return [row.state for row in starting.doubted(rows)]


def test_a_job_that_has_just_begun_waits_still(starting: Starting, clock: FakeClock) -> None:
    just_now = replace(RUNS, started=clock.now())
    [row] = starting.doubted([just_now])
    assert (row.state, row.word, row.started) == (State.QUEUED, "r", None)
    clock.advance(seconds=5)
    assert starting.doubted([just_now]) == [just_now]


def test_one_that_has_run_before_the_server_did_is_believed(
    starting: Starting, clock: FakeClock
) -> None:
    long_ago = replace(RUNS, started=clock.now())
    clock.advance(seconds=60)
    [row] = starting.doubted([long_ago])
    assert row is long_ago


def test_a_hosts_clock_that_is_ahead_keeps_no_job_waiting(
    starting: Starting, clock: FakeClock
) -> None:
    ahead = replace(RUNS, started=clock.advance(seconds=3600))
    clock.advance(seconds=-3600)
    assert states(starting, ahead) == [State.QUEUED]
    clock.advance(seconds=5)
    assert states(starting, ahead) == [State.RUNNING]


def test_one_that_could_not_be_started_is_told_so_and_doubted_again_later(
    starting: Starting, clock: FakeClock
) -> None:
    assert states(starting, RUNS, WAITS) == [State.QUEUED, State.QUEUED]
    clock.advance(seconds=5)
    in_error = replace(WAITS, id=RUNS.id)
    assert starting.doubted([in_error]) == [in_error]
    clock.advance(seconds=5)
    assert states(starting, RUNS) == [State.QUEUED]
