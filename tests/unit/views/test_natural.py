"""The order of bars."""

from hypothesis import given
from hypothesis import strategies as st

from headway.views.natural import natural_key


def test_numbers_in_names_sort_as_numbers() -> None:
    names = ["w10", "w9", "w1", "W2", "node", "10", "9"]
    assert sorted(names, key=natural_key) == ["9", "10", "node", "w1", "W2", "w9", "w10"]


def test_a_number_of_many_thousand_digits_sorts() -> None:
    huge = "9" * 10_000
    assert sorted([huge, "1" + huge, "3"], key=natural_key) == ["3", huge, "1" + huge]


@given(st.lists(st.text(alphabet="0123aAbé ٣", max_size=6), unique=True))
def test_different_names_never_have_equal_keys(names: list[str]) -> None:
    assert len({natural_key(name) for name in names}) == len(names)


@given(st.lists(st.text(max_size=8), max_size=6))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(names, key=natural_key) == sorted(backwards, key=natural_key)
