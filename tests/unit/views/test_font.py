"""Widths of texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from headway.views.font import (
    BODY,
    TITLE,
    Weight,
    advances,
    elided,
    font_bytes,
    is_covered,
    width_of,
)


@pytest.mark.parametrize("weight", list(Weight))
def test_advances_are_those_that_pillow_reads(weight: Weight) -> None:
    import io

    font = ImageFont.truetype(
        io.BytesIO(font_bytes(weight)), 2048, layout_engine=ImageFont.Layout.BASIC
    )
    read = {char: font.getlength(char) / 2048 for char in advances(weight) if char.isprintable()}
    assert read == pytest.approx({char: advances(weight)[char] for char in read}, abs=1e-3)


def test_digits_are_of_one_width() -> None:
    assert len({width_of(digit, TITLE) for digit in "0123456789"}) == 1


def test_accents_greek_and_cyrillic_are_in_the_font() -> None:
    assert is_covered("Müller Dvořák µ Ω λ Привет … ± ≤", Weight.REGULAR)


def test_a_wide_character_that_is_not_in_the_font_has_room() -> None:
    assert not is_covered("日", Weight.REGULAR)
    assert width_of("日", BODY) == BODY.size


def test_a_combining_mark_takes_no_room() -> None:
    assert width_of("日\u0361", BODY) == width_of("日", BODY)


def test_a_text_that_fits_is_not_cut() -> None:
    assert elided("abc", BODY, 100) == ("abc", width_of("abc", BODY))


def test_where_no_ellipsis_fits_nothing_is_shown() -> None:
    assert elided("abc", BODY, 3) == ("", 0)


@given(st.text(), st.floats(min_value=0, max_value=200))
def test_a_cut_text_is_never_wider_than_its_room(text: str, room: float) -> None:
    shown, width = elided(text, BODY, room)
    assert width <= room
    assert width == width_of(shown, BODY)
