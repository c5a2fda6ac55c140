"""Numbers, times and endings in words."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.views.samples import AT, job

from headway.core.model.job import CancelRequest, JobError
from headway.core.model.spec import Attributes, Spec
from headway.core.model.state import Reason, State, pairs
from headway.views import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (-3, "0 s"),
        (0.04, "0.1 s"),
        (0.4, "0.4 s"),
        (45.2, "45 s"),
        (245, "4 min 05 s"),
        (3599.6, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (273_600, "3 d 4 h"),
        (400 * 86400, "1 y 35 d"),
        (1e12, "more than 99 years"),
        (float("inf"), "more than 99 years"),
        (float("nan"), "more than 99 years"),
    ],
)
def test_a_duration_is_said_in_one_or_two_units(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (11.2, "12 s"),
        (59, "59 s"),
        (59.7, "1 min"),
        (250, "4 min"),
        (3590, "1 h"),
        (7800, "2 h 10 min"),
        (40_000, "11 h"),
        (86_400 * 3, "3 d"),
        (float("inf"), "more than 99 years"),
    ],
)
def test_time_left_is_said_no_finer_than_it_is_known(seconds: float, said: str) -> None:
    assert words.rough(seconds) == said


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_number_of_seconds_has_words(seconds: float) -> None:
    assert words.duration(seconds)
    assert words.rough(seconds)


@pytest.mark.parametrize(
    ("value", "said"),
    [(5, "5"), (1234, "1,234"), (0.125, "0.125"), (-2.5, "-2.5"), (123456.7, "123,457")],
)
def test_a_number_is_said_briefly(value: float, said: str) -> None:
    assert words.number(value) == said


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_finite_number_is_short(value: float) -> None:
    assert len(words.number(value)) <= 24


@pytest.mark.parametrize(
    ("fraction", "said"),
    [(0, "0 %"), (0.29, "29 %"), (0.999, "99 %"), (0.99999, "99 %"), (1, "100 %")],
)
def test_only_the_whole_is_a_hundred_percent(fraction: float, said: str) -> None:
    assert words.percent(fraction) == said


@pytest.mark.parametrize(
    ("per_s", "said"),
    [(1200, "1,200/s"), (12.34, "12/s"), (0.5, "30/min"), (1 / 1440, "2.5/h"), (1e-5, "0.86/d")],
)
def test_a_rate_is_said_in_a_unit_that_suits_it(per_s: float, said: str) -> None:
    assert words.rate(per_s) == said


@pytest.mark.parametrize(
    ("count_bytes", "said"),
    [(512, "512 B"), (1536, "1.5 KiB"), (3 * 2**30, "3.0 GiB"), (2**60, "1024.0 PiB")],
)
def test_a_size_is_said_in_binary_units(count_bytes: int, said: str) -> None:
    assert words.size(count_bytes) == said


@pytest.mark.parametrize(("how_many", "said"), [(0, "0 jobs"), (1, "1 job"), (1200, "1,200 jobs")])
def test_a_count_has_its_noun_in_the_right_number(how_many: int, said: str) -> None:
    assert words.count(how_many, "job") == said


def test_a_moment_is_said_in_utc() -> None:
    assert words.moment(AT) == "2026-03-01 12:00:05 UTC"


@pytest.mark.parametrize(
    ("exit_code", "signal", "said"),
    [
        (3, None, "exit code 3"),
        (None, 11, "killed by signal 11 (SIGSEGV)"),
        (None, 40, "killed by signal 40"),
        (None, None, ""),
    ],
)
def test_how_a_process_ended_is_said(exit_code: int | None, signal: int | None, said: str) -> None:
    assert words.ending(exit_code=exit_code, signal=signal) == said


@pytest.mark.parametrize(("state", "reason"), pairs())
def test_every_state_with_every_reason_has_words(state: State, reason: Reason | None) -> None:
    said = words.state_words(job(state=state, reason=reason))
    assert said.startswith(state.value)
    assert (": " in said) == (reason is not None)


def test_a_failed_job_says_its_exit_code() -> None:
    failed = job(state=State.FAILED, reason=Reason.NONZERO_EXIT, exit_code=3)
    assert words.state_words(failed) == "failed: exit code 3"


def test_a_job_over_its_time_says_the_limit() -> None:
    spec = Spec(attributes=Attributes(duration=7200))
    late = job(state=State.FAILED, reason=Reason.TIMEOUT, spec=spec)
    assert words.state_words(late) == "failed: it ran into its wall-time limit of 2 h 00 min"


def test_an_exception_is_named() -> None:
    error = JobError(type="ValueError", message="no")
    ended = job(state=State.FAILED, reason=Reason.EXCEPTION, error=error)
    assert words.state_words(ended) == "failed: ValueError ended it"


def test_reasons_are_called_as_on_the_page() -> None:
    page = (Path(__file__).parents[3] / "web/src/text/endings.ts").read_text()
    told = dict(re.findall(r'^  (\w+): "([^"]+)",$', page, re.MULTILINE))
    assert {reason.value: said for reason, said in words.REASON_WORDS.items()} == told


def test_a_cancelled_job_says_by_whom() -> None:
    cancel = CancelRequest(by="alice", at=AT)
    ended = job(state=State.CANCELLED, reason=Reason.BY_USER, cancel=cancel)
    assert words.state_words(ended) == "cancelled: by alice"


def test_a_job_that_is_to_be_cancelled_says_so() -> None:
    cancel = CancelRequest(by="alice", at=AT)
    assert words.state_words(job(cancel=cancel)) == "running, being cancelled"


def test_elapsed_time_ends_with_the_job() -> None:
    ended = job(state=State.SUCCEEDED, ended=AT)
    assert words.elapsed_s(ended, at=AT + timedelta(hours=1)) == 600


def test_a_waiting_job_counts_from_its_creation() -> None:
    waiting = job(state=State.QUEUED, started=None)
    assert words.elapsed_s(waiting, at=AT) == 660
