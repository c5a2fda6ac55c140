from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.cli.query import STATES, read_selection, read_words, states_of
from headway.cli.times import read_since, read_span_s
from headway.core.errors import InvalidRequest
from headway.core.model.state import State

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_states_are_the_cores() -> None:
    assert list(STATES) == [state.value for state in State]


def test_words_are_looked_for_and_fields_narrow() -> None:
    words = ["state:failed", "label:a", "label:b", "free", "words", "created:>2d", 'name:"x y"']
    selection = read_selection(words, {}, at=AT)
    assert selection["states"] == ["failed"]
    assert selection["labels"] == ["a", "b"]
    assert selection["text"] == "free words"
    assert selection["since"] == AT - timedelta(days=2)
    assert selection["name"] == "x y"


def test_options_and_words_add_up() -> None:
    selection = read_selection(["label:a"], {"labels": ("b",), "owner": "alice"}, at=AT)
    assert (selection["labels"], selection["owner"]) == (["a", "b"], "alice")


def test_a_single_value_given_twice_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="name is given twice"):
        read_selection(["name:a"], {"name": "b"}, at=AT)


def test_a_field_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidRequest, match="state, label"):
        read_words(["stat:failed"])


@pytest.mark.parametrize("word", ['"stat:failed"', "http://host/x", "12:30", "a:"])
def test_text_with_a_colon_can_be_looked_for(word: str) -> None:
    if word == "a:":
        with pytest.raises(InvalidRequest):
            read_words([word])
    else:
        assert read_words([word]) == {"text": [word.strip('"')]}


def test_one_word_names_several_states() -> None:
    assert states_of(["ended", "failed"]) == ["succeeded", "failed", "cancelled"]
    with pytest.raises(InvalidRequest, match="'done' is no state"):
        states_of(["done"])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("0.5", 0.5),
        ("90s", 90),
        ("30m", 1800),
        ("30min", 1800),
        ("1h30m", 5400),
        ("2d", 172_800),
        ("1w", 604_800),
        ("01:30", 5400),
        ("01:30:05", 5405),
    ],
)
def test_a_span_is_read(text: str, seconds: float) -> None:
    assert read_span_s(text, field="timeout") == seconds


@pytest.mark.parametrize("text", ["", "x", "-5", "1h-3m", "30m1h", "9" * 40, "nan", "٣"])
def test_what_is_no_span_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InvalidRequest, match="1h30m"):
        read_span_s(text, field="timeout")


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("2d", datetime(2026, 2, 27, 12, tzinfo=UTC)),
        ("2026-02-01T00:00:00Z", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-01T02:00:00+02:00", datetime(2026, 2, 1, tzinfo=UTC)),
    ],
)
def test_a_time_since_is_read(text: str, since: datetime) -> None:
    assert read_since(text, at=AT) == since


@given(st.text())
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with suppress(InvalidRequest):
        assert read_since(text, at=AT).utcoffset() == timedelta(0)


@given(st.lists(st.text()))
def test_any_query_is_read_or_refused(words: list[str]) -> None:
    with suppress(InvalidRequest):
        assert all(read_words(words).values())
