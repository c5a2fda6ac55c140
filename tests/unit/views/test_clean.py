"""Foreign text made safe."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.views.clean import TEXT_LIMIT, clean


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("  many   blanks ", "many blanks"),
        ("\x1b[31mred", "\ufffd[31mred"),
        ("nul\x00", "nul\ufffd"),
        ("\u202eevil", "\ufffdevil"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("e\u0301", "é"),
        ("日本語 עברית", "日本語 עברית"),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_a_text_is_shown_safely(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_letter_keeps_at_most_two_marks() -> None:
    assert clean("x" + "\u0323" * 40) == "x\u0323\u0323"


@pytest.mark.parametrize("text", ["x" * 5000, "日" * 5000, "\x00" * 5000])
def test_a_long_text_is_cut_off_with_an_ellipsis(text: str) -> None:
    assert len(clean(text)) == TEXT_LIMIT
    assert clean(text).endswith("…")


@given(st.text())
def test_no_text_brings_a_control_or_a_surrogate_through(text: str) -> None:
    categories = {unicodedata.category(char) for char in clean(text)}
    assert not categories & {"Cc", "Cs", "Zl", "Zp"}


@given(st.text())
def test_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)
