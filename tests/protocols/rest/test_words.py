"""Durations, memory and the words of messages."""

import contextlib
import re
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from headway.core.errors import InvalidRequest
from headway.core.model.state import State
from headway.protocols.rest.wire.phrase import TypeForm, phrase, shown
from headway.protocols.rest.wire.units import (
    DURATION_PATTERN,
    MEMORY_PATTERN,
    _seconds_of,
    read_duration_s,
    read_memory_bytes,
)


@pytest.mark.parametrize(
    ("given_", "seconds"),
    [
        (90, 90.0),
        (0.5, 0.5),
        ("00:01:30", 90.0),
        ("100:00:00", 360_000.0),
        ("PT1H", 3600.0),
        ("PT1H30M", 5400.0),
        ("PT90S", 90.0),
        ("PT0.5S", 0.5),
        ("P2D", 172_800.0),
        ("P1DT1S", 86_401.0),
    ],
)
def test_a_duration_is_read(given_: float | str, seconds: float) -> None:
    assert read_duration_s(given_, field="d") == seconds


@pytest.mark.parametrize(
    "given_",
    ["", "1:30", "1h", "P", "PT", "P1DT", "P1M", "pt1h", "-1", "PT1H\n", "00:60:00", "P9999D"],
)
def test_what_is_no_duration_is_refused(given_: str) -> None:
    with pytest.raises(InvalidRequest, match="d must be"):
        read_duration_s(given_, field="d")


@pytest.mark.parametrize(
    ("given_", "size"),
    [
        (1, 1),
        ("512", 512),
        ("4G", 4 * 1024**3),
        ("4GiB", 4 * 1024**3),
        ("3K", 3072),
        ("1T", 1024**4),
    ],
)
def test_memory_is_read(given_: int | str, size: int) -> None:
    assert read_memory_bytes(given_, field="m") == size


@pytest.mark.parametrize(
    "given_", ["", "G", "4GB", "4 G", "4g", "-1", "1.5G", "0", "9999999T", "4G\n"]
)
def test_what_is_no_memory_is_refused(given_: str) -> None:
    with pytest.raises(InvalidRequest, match="m must be"):
        read_memory_bytes(given_, field="m")


@given(st.from_regex(DURATION_PATTERN[1:-1], fullmatch=True))
def test_the_pattern_that_is_told_is_the_one_that_is_read(text: str) -> None:
    with contextlib.suppress(InvalidRequest):
        assert read_duration_s(text, field="d") > 0
    assert _seconds_of(text) is not None


@given(st.text(max_size=8))
def test_what_memory_takes_is_what_its_pattern_tells(text: str) -> None:
    try:
        read_memory_bytes(text, field="m")
    except InvalidRequest:
        assert not re.fullmatch(MEMORY_PATTERN, text) or int(re.sub(r"\D", "", text)) == 0
    else:
        assert re.fullmatch(MEMORY_PATTERN, text)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Annotated[int, Meta(ge=1, le=10)] | None, "a whole number from 1 to 10"),
        (Annotated[float, Meta(gt=0)], "a number above 0"),
        (Annotated[str, Meta(max_length=5)], "text of at most 5 characters"),
        (Annotated[list[int], Meta(min_length=1)], "a list of at least 1 items"),
        (bool | int, "true or false or a whole number"),
        (Literal["a", "b"], "one of a, b"),
        (State, "one of accepted, queued, running, succeeded, failed, cancelled"),
        (dict[str, int], "an object"),
    ],
)
def test_a_type_is_put_into_words(kind: TypeForm, words: str) -> None:
    assert phrase(kind) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a", '"a"'),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ([1, 2], "a list of 2"),
        ({"a": 1}, "an object of 1 keys"),
        ("a" * 100, '"' + "a" * 59 + "… (100 characters)"),
    ],
)
def test_a_value_is_shown_short(value: object, words: str) -> None:
    assert shown(value) == words
