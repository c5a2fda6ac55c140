"""What one bar says."""

import pytest
from tests.unit.views.samples import AT, job, worker

from headway.core.model.state import State
from headway.core.model.worker import Worker
from headway.views.looks import Condition, Look, look_of, looks_of


def look(one: Worker, *, ended: bool = False) -> Look:
    return look_of(one, ended=ended, at=AT)


def test_a_worker_under_way_says_rate_and_time_left() -> None:
    seen = look(worker(current=50, silent_s=0))
    assert (seen.percent, seen.condition) == ("50 %", Condition.RUNNING)
    assert seen.remark == "5/min · 10 min left"
    assert seen.brief == "10 min left"


def test_a_finished_worker_says_done() -> None:
    seen = look(worker(current=100))
    assert (seen.percent, seen.condition, seen.remark) == ("100 %", Condition.DONE, "done")


def test_a_worker_beyond_its_total_shows_its_number() -> None:
    seen = look(worker(current=7, total=5))
    assert (seen.fraction, seen.remark) == (1.0, "done · 7 of 5")


@pytest.mark.parametrize("total", [None, 0, -3])
def test_without_a_total_there_is_a_number_and_no_percentage(total: float | None) -> None:
    seen = look(worker(current=1234, total=total, desc="rows"))
    assert (seen.fraction, seen.percent, seen.text) == (None, "", "1,234 · rows")


def test_a_problem_outweighs_everything() -> None:
    assert look(worker(ok=False, current=100)).condition is Condition.PROBLEM
    assert look(worker(ok=False, silent_s=180)).remark == "problem · silent 3 min"


def test_a_silent_worker_is_stalled() -> None:
    seen = look(worker(silent_s=180))
    assert (seen.condition, seen.remark) == (Condition.STALLED, "stalled 3 min")


def test_a_worker_is_not_stalled_before_the_floor() -> None:
    assert look(worker(silent_s=59)).condition is Condition.RUNNING


def test_nobody_waits_for_the_workers_of_a_job_that_has_ended() -> None:
    seen = look(worker(silent_s=1800), ended=True)
    assert (seen.condition, seen.remark) == (Condition.UNFINISHED, "not finished")


def test_a_worker_without_a_total_needs_no_remark_when_its_job_has_ended() -> None:
    assert look(worker(total=None, current=0, silent_s=1800), ended=True).remark == ""


def test_looks_stand_in_the_natural_order_of_ids() -> None:
    seen = looks_of([worker("w10"), worker("w9"), worker("w1")], job=job(), at=AT)
    assert [one.label for one in seen] == ["w1", "w9", "w10"]


def test_a_final_state_tells_that_the_job_has_ended() -> None:
    (seen,) = looks_of([worker()], job=job(state=State.FAILED), at=AT)
    assert seen.condition is Condition.UNFINISHED
