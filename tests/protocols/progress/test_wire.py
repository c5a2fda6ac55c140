"""Query strings become values, or an error that names the parameter."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import InvalidRequest
from headway.core.model.state import pairs
from headway.protocols.progress.wire import (
    WORDS,
    lookup_key,
    read_create,
    read_query,
    read_show,
    read_update,
)


def test_every_state_has_one_word() -> None:
    assert set(WORDS) == set(pairs())


def test_a_blank_and_a_plus_in_a_name_are_the_same() -> None:
    raw = read_query(b"jobid=me:2026-11-22T10:00:00,5+00:00")["jobid"]
    encoded = read_query(b"jobid=me%3A2026-11-22T10%3A00%3A00%2C5%2B00%3A00")["jobid"]
    assert raw != encoded
    assert lookup_key(raw) == lookup_key(encoded)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (b"workid=1&current=5", "jobid"),
        (b"jobid=&workid=1&current=5", "jobid"),
        (b"jobid=a&current=5", "workid"),
        (b"jobid=a&workid=1", "current"),
        (b"jobid=a&workid=1&current=", "current"),
        (b"jobid=a&workid=1&current=NaN", "current"),
        (b"jobid=a&workid=1&current=inf", "current"),
        (b"jobid=a&workid=1&current=1e999", "current"),
        (b"jobid=a&workid=1&current=1_0", "current"),
        (b"jobid=a&workid=1&current=5&total=x", "total"),
        (b"jobid=a&workid=1&current=5&ok=maybe", "ok"),
        (b"jobid=a&jobid=a&workid=1&current=5", "jobid"),
        (b"jobid=a&workid=" + b"w" * 201 + b"&current=5", "workid"),
    ],
)
def test_a_bad_update_names_the_parameter(query: bytes, field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_update(read_query(query))
    assert caught.value.field == field


def test_an_exponent_may_come_with_its_plus_unescaped() -> None:
    assert read_update(read_query(b"jobid=a&workid=1&current=1e+3")).current == 1000.0


@pytest.mark.parametrize(("word", "ok"), [("0", False), ("0.0", False), ("1", True), ("2", True)])
def test_ok_is_false_only_for_a_number_equal_to_0(word: str, ok: bool) -> None:
    assert read_update(read_query(f"jobid=a&workid=1&current=1&ok={word}".encode())).ok is ok


def test_an_empty_total_is_none() -> None:
    assert read_update(read_query(b"jobid=a&workid=1&current=1&total=")).total is None


def test_a_job_is_kept_for_a_week_unless_told() -> None:
    assert read_create(read_query(b"jobid=a")).maxage_s == 604_800
    assert read_create(read_query(b"jobid=a&maxage=43200")).maxage_s == 43_200


def test_an_age_that_no_calendar_holds_is_the_longest_there_is() -> None:
    assert read_create(read_query(b"jobid=a&maxage=1e300")).maxage_s == 1e9


def test_a_page_refreshes_every_30_seconds_unless_told() -> None:
    assert read_show(read_query(b"jobid=a")).interval_s == 30


@given(st.binary(max_size=300))
def test_any_query_is_read_or_refused_in_words(raw: bytes) -> None:
    try:
        said = read_update(read_query(raw))
    except InvalidRequest:
        return
    assert math.isfinite(said.current)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_that_python_writes_is_read_back(value: float) -> None:
    assert read_update({"jobid": "a", "workid": "1", "current": repr(value)}).current == value
