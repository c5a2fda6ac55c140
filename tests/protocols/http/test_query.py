"""Queries: each parameter once, known, of its kind; errors name it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import InvalidRequest
from headway.protocols.http.query import MOST_PARAMETERS, Query


def query(text: str, **options: list[str]) -> Query:
    return Query.of({"query_string": text.encode()}, **options)


def test_parameters_are_read() -> None:
    asked = query("a=x%20y+z&n=5&f=1.5&on&at=2026-01-31T12:00:00Z&l=1&l=2", repeatable=["l"])
    assert asked.text("a") == "x y z"
    assert asked.integer("n", least=0, most=9) == 5
    assert asked.number("f") == 1.5
    assert asked.flag("on")
    assert asked.time("at") == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert asked.texts("l") == ["1", "2"]
    assert "a" in asked
    assert asked.names() == ["a", "n", "f", "on", "at", "l"]


def test_more_parameters_than_anybody_means_are_refused() -> None:
    assert len(query("&".join(["l=1"] * MOST_PARAMETERS), repeatable=["l"]).texts("l")) == 200
    with pytest.raises(InvalidRequest, match="at most 200") as refused:
        query("&".join(["l=1"] * (MOST_PARAMETERS + 1)), repeatable=["l"])
    assert type(refused.value) is InvalidRequest  # what is too large is a body


def test_a_plus_in_a_time_may_stand_as_it_is() -> None:
    expected = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
    assert query("at=2026-01-31T12:00:00+02:00").time("at") == expected


def test_without_a_parameter_there_is_nothing() -> None:
    asked = query("")
    assert asked.text("a") is None
    assert asked.integer("a", least=0, most=1) is None
    assert asked.number("a") is None
    assert asked.time("a") is None
    assert not asked.flag("a")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("x=11", lambda q: q.integer("x", least=0, most=10)),
        ("x=-1", lambda q: q.integer("x", least=0, most=10)),
        ("x=1.0", lambda q: q.integer("x", least=0, most=10)),
        ("x=" + "9" * 5000, lambda q: q.integer("x", least=0, most=10)),
        ("x=%D9%A3", lambda q: q.integer("x", least=0, most=10)),
        ("x=", lambda q: q.integer("x", least=0, most=10)),
        ("x=nan", lambda q: q.number("x")),
        ("x=1e999", lambda q: q.number("x")),
        ("x=1_0", lambda q: q.number("x")),
        ("x=5", lambda q: q.number("x", most=1)),
        ("x=5", lambda q: q.number("x", least=6)),
        ("x=5", lambda q: q.number("x", least=6, most=7)),
        ("x=maybe", lambda q: q.flag("x")),
        ("x=yesterday", lambda q: q.time("x")),
        ("x=2026-01-31T12:00:00", lambda q: q.time("x")),
        ("x=" + "a" * 5000, lambda q: q.text("x")),
        ("x=", lambda q: q.required("x")),
        ("y=1", lambda q: q.required("x")),
    ],
)
def test_what_cannot_be_used_is_named(text: str, read: Callable[[Query], object]) -> None:
    with pytest.raises(InvalidRequest) as error:
        read(query(text))
    assert error.value.field == "x"
    assert len(str(error.value)) < 200


def test_a_parameter_that_comes_twice_is_named() -> None:
    with pytest.raises(InvalidRequest, match="2 times") as error:
        query("a=1&b=2&a=1")
    assert error.value.field == "a"


def test_an_unknown_parameter_is_named_with_what_was_meant() -> None:
    with pytest.raises(InvalidRequest, match="did you mean label") as error:
        query("labl=1", known=["label", "state"])
    assert error.value.field == "labl"


@pytest.mark.parametrize("text", ["a=%FF", "%FF=1", "a=\xff", "&".join(["a=1"] * 500)])
def test_what_is_no_query_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        Query.of({"query_string": text.encode("latin-1")})


@given(st.binary(max_size=100))
def test_any_bytes_are_a_query_or_refused(raw: bytes) -> None:
    with suppress(InvalidRequest):
        asked = Query.of({"query_string": raw})
        for name in asked.names():
            asked.number(name)
