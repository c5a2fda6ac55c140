import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.cli.jobs import jobs
from headway.cli.query import STATE_WORDS, STATES, query_of, read_selection, states_of
from headway.cli.times import read_since, read_span_s
from headway.core.errors import InvalidRequest
from headway.core.model.condition import Equals
from headway.core.model.state import State
from headway.core.query.fields import FIELDS
from headway.core.query.meaning import parse

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_states_are_the_cores() -> None:
    assert list(STATES) == [state.value for state in State]


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (["state:failed", "label:a", "free", "words"], "state:failed label:a free words"),
        (["name:x y"], 'name:"x y"'),
        (["night run"], '"night run"'),
        (["state:failed label:a"], "state:failed label:a"),
        (["label:(a OR b)"], "label:(a OR b)"),
        (["a NOT b"], "a NOT b"),
        (["a -b"], "a -b"),
        (['"stat:failed"'], '"stat:failed"'),
        (["created:[2026-01-01 TO 2d]"], "created:[2026-01-01 TO 2d]"),
        (["http://host/x", "12:30"], "http://host/x 12:30"),
        ([], ""),
    ],
)
def test_words_make_a_query_with_the_quotes_that_the_shell_took(
    words: list[str], query: str
) -> None:
    assert query_of(words) == query


def test_options_stand_beside_the_query() -> None:
    options = {"labels": ("b",), "owner": "alice", "since": "2d", "name": None}
    selection = read_selection(["label:a"], options, at=AT)
    assert (selection["q"], selection["labels"]) == ("label:a", ("b",))
    assert (selection["owner"], selection["since"]) == ("alice", AT - timedelta(days=2))
    assert "name" not in selection


def test_the_help_names_every_field() -> None:
    assert jobs.help is not None
    words = set(re.findall(r"[a-z_]+", jobs.help.partition("Fields:")[2]))
    assert words >= FIELDS.keys()
    assert words >= set(STATE_WORDS) - set(STATES)


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
def test_any_words_make_a_query(words: list[str]) -> None:
    assert isinstance(query_of(words), str)


@given(
    st.sampled_from(["name", "label", "owner"]), st.from_regex(r"[a-z]+( [a-z]+)*", fullmatch=True)
)
def test_a_value_with_blanks_means_itself(field: str, value: str) -> None:
    (condition,) = parse(query_of([f"{field}:{value}"]), at=AT).conditions
    assert condition.any_of == (Equals(value),)
