"""The search grammar: any text is understood or refused in words, and what is understood means what it says."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.errors import InvalidRequest
from headway.core.model.condition import Begins, Condition, Contains, Equals, Exists, Field, Within
from headway.core.model.selection import Selection
from headway.core.model.state import State
from headway.core.query.fields import FIELDS
from headway.core.query.meaning import parse
from headway.core.query.narrow import narrowed
from headway.core.query.syntax import LONGEST, MOST_VALUES
from headway.core.query.times import read_period, read_span
from headway.core.query.unfinished import last_word, written
from headway.testing.fakes import NOON
from headway.testing.samples import a_job
from headway.testing.store_reads import any_condition, jobs

AT = datetime(2026, 3, 3, 12, 30, 15, tzinfo=UTC)
PIECES = st.sampled_from(
    [
        *(f"{name}:" for name in FIELDS),
        *("a", "failed", "2d", "7", "cal*", "*", '"', '"a b"', "\\", "(", ")", "[", "]", "{", "}"),
        *(
            " ",
            " OR ",
            " AND ",
            "NOT ",
            "-",
            " TO ",
            ">",
            "<=",
            ":",
            "//",
            "2026-03-01",
            "\x00",
            "é",
        ),
    ]
)
QUERIES = st.lists(PIECES, max_size=12).map("".join)


def conditions(query: str) -> tuple[Condition, ...]:
    return parse(query, at=AT).conditions


@given(st.text() | QUERIES)
def test_any_text_is_understood_or_refused_with_a_place_in_it(query: str) -> None:
    try:
        parse(query, at=AT)
    except InvalidRequest as error:
        place = re.search(r"at character (\d+)", str(error))
        assert place is None or 1 <= int(place[1]) <= len(query) + 1


@given(QUERIES, jobs())
def test_what_is_folded_into_a_selection_means_the_same(
    query: str, fields: dict[str, object]
) -> None:
    job = a_job(3, **fields)
    with suppress(InvalidRequest):
        read = parse(query, at=AT)
        expected = all(condition.holds(job) for condition in read.conditions)
        within = Selection(children=True, hidden=True)
        assert narrowed(within, read).matches(job) is expected


@given(st.lists(any_condition, max_size=3), jobs())
def test_a_condition_and_its_negation_never_agree(
    some: list[Condition], fields: dict[str, object]
) -> None:
    job = a_job(3, **fields)
    for one in some:
        other = Condition(one.field, one.any_of, negated=not one.negated)
        assert one.holds(job) is not other.holds(job)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_value_can_be_written_and_read_back(value: str) -> None:
    assert conditions(f"name:{written(value)}") == (Condition(Field.NAME, (Equals(value),)),)
    assert conditions(f"label:(a OR {written(value)})")[0].any_of[1] == Equals(value)


@given(st.text() | QUERIES)
def test_the_last_word_is_found_in_any_text(query: str) -> None:
    word = last_word(query)
    assert query.startswith(word.before)


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("a:b/c://d", None),
        ("name:a*", Condition(Field.NAME, (Begins("a"),))),
        (r"name:a\*", Condition(Field.NAME, (Equals("a*"),))),
        ('name:"a*"', Condition(Field.NAME, (Equals("a*"),))),
        ("labels:a", Condition(Field.LABEL, (Equals("a"),))),
        ("LABEL:a", Condition(Field.LABEL, (Equals("a"),))),
        ("-status_text:A", Condition(Field.STATUS_TEXT, (Contains("A"),), negated=True)),
        ("NOT -x", Condition(Field.TEXT, (Contains("-x"),), negated=True)),
        ("run(3)", Condition(Field.TEXT, (Contains("run(3)"),))),
        ("parent:42", Condition(Field.PARENT, (Equals(42),))),
        ("ended:*", Condition(Field.ENDED, (Exists(),))),
        ("exit_code:-1", Condition(Field.EXIT_CODE, (Within(-1, 0),))),
        ("number:[* TO 5]", Condition(Field.NUMBER, (Within(None, 6),))),
        ("hidden:false", Condition(Field.HIDDEN, (Exists(),), negated=True)),
        ("-hidden:no", Condition(Field.HIDDEN, (Exists(),))),
    ],
)
def test_a_clause_is_a_condition(query: str, condition: Condition | None) -> None:
    if condition is None:
        with pytest.raises(InvalidRequest, match="there is no field 'a'"):
            conditions(query)
    else:
        assert conditions(query) == (condition,)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("x" * (LONGEST + 1), f"at most {LONGEST} characters"),
        ("a " * (MOST_VALUES + 1), f"more than {MOST_VALUES}"),
        ("label:(" + "a OR " * MOST_VALUES + "a)", f"more than {MOST_VALUES}"),
        ("label:(a", "at character 7: this ( is not closed"),
        ("created:[a TO", "this range is not closed"),
        ("created:[2026 2027]", "TO is missing"),
        ("name:[a TO b]", "name takes no range"),
        ("name:>a", "name takes no >"),
        ("number:1.5", "number must be an integer"),
        ("number:" + "9" * 30, "number must be an integer"),
        ("created:2026-02-30", "created must be a time"),
        ("created:99999d", "created must be a time"),
        ("hidden:perhaps", "hidden must be true or false"),
        ("id:42", "id must be a UUID"),
        ("NOT", "NOT needs something behind it"),
        ('""', "a value is missing"),
        ("\ud800", "must be Unicode"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(query: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=re.escape(words)):
        parse(query, at=AT)


def test_the_same_in_another_order_is_the_same_for_a_live_channel() -> None:
    first = narrowed(Selection(), parse("night created:>2d -label:a", at=AT))
    second = narrowed(
        Selection(), parse("-label:a night night created:>2d", at=AT.replace(second=59))
    )
    assert (first, hash(first)) == (second, hash(second))


def test_indexed_fields_of_a_selection_are_filled() -> None:
    found = narrowed(
        Selection(), parse("state:failed label:a label:b name:n owner:o cluster:c", at=AT)
    )
    assert (found.states, found.labels) == (frozenset({State.FAILED}), frozenset({"a", "b"}))
    assert (found.name, found.owner, found.cluster, found.where) == ("n", "o", "c", ())


def test_a_value_beside_another_one_must_hold_as_well() -> None:
    found = narrowed(Selection(name="a"), parse("name:b", at=AT))
    assert not found.matches(a_job(name="a"))
    assert not narrowed(Selection(), parse("state:failed state:running", at=AT)).matches(a_job())


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2026", ("2026-01-01", "2027-01-01")),
        ("2025-12", ("2025-12-01", "2026-01-01")),
        ("2026-02-28", ("2026-02-28", "2026-03-01")),
        ("2026-03-01T12", ("2026-03-01T12:00", "2026-03-01T13:00")),
        ("2026-03-01T12:30", ("2026-03-01T12:30", "2026-03-01T12:31")),
        ("2026-03-01 12:30:05+02:00", ("2026-03-01T10:30:05", "2026-03-01T10:30:06")),
        ("yesterday", ("2026-03-02", "2026-03-03")),
    ],
)
def test_a_time_is_a_period(text: str, period: tuple[str, str]) -> None:
    start, end = (datetime.fromisoformat(part).replace(tzinfo=UTC) for part in period)
    assert read_period(text, at=AT) == (start, end)


@pytest.mark.parametrize("text", ["9999", "0000", "2026-13", "10000-01-01", "2026-1-1", "٢٠٢٦", ""])
def test_what_is_no_time_is_none(text: str) -> None:
    assert read_period(text, at=NOON) is None


def test_spans_are_read() -> None:
    assert read_span("1w2d3h4m5s") == timedelta(days=9, hours=3, minutes=4, seconds=5)
    assert read_span("90min") == timedelta(minutes=90)
    assert [read_span(text) for text in ("", "5", "d", "2d1w", "999999d", "-1d")] == [None] * 6
