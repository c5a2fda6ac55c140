"""What executors' plugins read their settings with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import InvalidRequest
from headway.executors.settings import check_known, count_of, seconds_of


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "2", [], 10**400 * -1])
def test_a_count_is_a_whole_number_above_0(value: object) -> None:
    with pytest.raises(InvalidRequest, match="x: n must be a whole number above 0") as refused:
        count_of({"n": value}, "n", of="x")
    assert refused.value.field == "n"
    assert (count_of({"n": 3}, "n", of="x"), count_of({}, "n", of="x")) == (3, None)


@pytest.mark.parametrize("value", [-0.5, float("inf"), float("nan"), True, "2", None, 10**400])
def test_seconds_are_a_number_that_has_an_end(value: object) -> None:
    with pytest.raises(InvalidRequest, match="x: t must be a number of seconds, 0 or more"):
        seconds_of({"t": value}, "t", default_s=1.0, of="x")


@given(st.floats(0, 1e9) | st.integers(0, 10**9))
def test_seconds_are_read_as_they_are(value: float) -> None:
    assert seconds_of({"t": value}, "t", default_s=1.0, of="x") == value
    assert seconds_of({}, "t", default_s=2.5, of="x") == 2.5


def test_an_unknown_setting_is_named_with_those_that_are_known() -> None:
    check_known({"a": 1}, ("a", "b"), of="x")
    with pytest.raises(InvalidRequest, match=r"x: unknown setting 'c'; known: a, b") as refused:
        check_known({"c": 1, "d": 2}, ("a", "b"), of="x")
    assert refused.value.field == "c"


def test_what_an_unknown_setting_is_like_is_named() -> None:
    with pytest.raises(InvalidRequest, match=r"'partitoin'; did you mean 'partition'\? Known: "):
        check_known({"partitoin": 1}, ("queue", "partition"), of="x")
