"""Sets of indices, and the names of log files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.executors.slurm.arrays import in_sets, indices_of, set_of
from headway.executors.slurm.logs import filled, literal

INDICES = st.sets(st.integers(0, 4_000_000) | st.integers(0, 40), min_size=1)


@given(INDICES, st.none() | st.integers(1, 10_000))
def test_a_set_that_is_written_is_read_as_it_was(indices: set[int], at_once: int | None) -> None:
    assert indices_of(set_of(indices, at_once)) == sorted(indices)


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("3", [3]),
        ("2-4%2", [2, 3, 4]),
        ("[2-4%2]", [2, 3, 4]),
        ("1-9:4", [1, 5, 9]),
        ("0,2,5-6", [0, 2, 5, 6]),
        ("", None),
        ("1,3,5,...", None),  # shortened
        ("1-", None),
        ("4-2", None),
        ("0-9:0", None),
        ("0-99999999", None),
        ("N/A", None),
        ("2-4%", None),
        ("٣", None),
    ],
)
def test_a_set_is_read_as_slurm_writes_it(text: str, indices: list[int] | None) -> None:
    assert indices_of(text) == indices


def test_a_thousand_elements_are_a_short_option() -> None:
    assert set_of(range(1000), 50) == "0-999%50"


@given(st.text(max_size=40))
def test_no_text_is_taken_for_a_set_of_any_size(text: str) -> None:
    indices = indices_of(text)
    assert indices is None or all(0 <= index < 4_000_001 for index in indices)


@given(st.text(alphabet=st.characters(exclude_characters="\0\n"), min_size=1).map("/{}".format))
def test_a_path_that_was_made_literal_is_filled_in_as_itself(path: str) -> None:
    assert filled(literal(path), {}) == path


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/w/slurm-%j.out", "/w/slurm-23.out"),
        ("/w/slurm-%A_%a.out", "/w/slurm-20_3.out"),
        ("/w/%x.%4a.%%", "/w/name.0003.%"),
        ("/w/%N", ""),
        ("/w/%q", ""),
        ("/w/%99999999999a", "/w/0000000003"),
        (r"/w/%x\%j\\", r"/w/%x%j" + "\\"),
    ],
)
def test_a_pattern_is_filled_in_as_sbatch_does_it(pattern: str, path: str) -> None:
    values = {"j": "23", "A": "20", "a": "3", "x": "name", "N": ""}
    assert filled(pattern, values) == path


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (["7"], ["7"]),
        (["7_3"], ["7_3"]),
        (["7_3", "8", "7_1", "7_2", "9_0", "7"], ["7_[1-3]", "8", "9_0", "7"]),
        (["7+1", "7_[3-5]"], ["7+1", "7_[3-5]"]),
    ],
)
def test_elements_of_an_array_are_one_word(ids: list[str], words: list[str]) -> None:
    assert in_sets(ids) == words
