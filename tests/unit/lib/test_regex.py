"""Regular expressions without going back: the same lines as Python's own, in bounded time."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties import examples

from headway.lib.regex import Pattern, PatternError, Span

ATOMS = [
    "a",
    "b",
    "B",
    ".",
    r"\d",
    r"\w",
    "[ab]",
    "[^a]",
    r"\s",
    "1",
    " ",
    "[a-c1]",
    r"\W",
    r"\S",
    r"\.",
    "é",
]


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeat = st.sampled_from(["*", "+", "?", "{1,2}", "{2}", "{0,3}", "{1,}", "*?", "+?"])
    place = st.sampled_from(["^", "$", r"\b"])
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, repeat).map(lambda two: f"({two[0]}){two[1]}"),
        st.tuples(place, inner).map("".join),
    )


EXPRESSIONS = st.recursive(st.sampled_from(ATOMS), _joined, max_leaves=8)
LINES = st.lists(st.text("aAbBc1 _.é\t", min_size=0, max_size=9), min_size=1, max_size=6)


def found(pattern: Pattern, lines: list[str]) -> list[tuple[int, str]]:
    """Give the number and the matching part of each line that matches."""
    text = "".join(f"{line}\n" for line in lines).encode()
    finding = pattern.over(text)
    matches: list[tuple[int, str]] = []
    at = 0
    while at < len(text) and (span := finding.find(at)) is not None:
        if isinstance(span, int):
            at = span
            continue
        matches.append((text.count(b"\n", 0, span.start), text[span.start : span.end].decode()))
        at = text.index(b"\n", span.end) + 1
    return matches


@settings(max_examples=examples(200), deadline=None)
@given(expression=EXPRESSIONS, lines=LINES, ignore_case=st.booleans())
def test_the_lines_found_are_those_that_python_finds(
    expression: str, lines: list[str], ignore_case: bool
) -> None:
    theirs = re.compile(expression, re.ASCII | (re.IGNORECASE if ignore_case else 0))
    expected = [number for number, line in enumerate(lines) if theirs.search(line)]
    ours = found(Pattern(expression, ignore_case=ignore_case), lines)
    assert [number for number, _ in ours] == expected


@settings(max_examples=examples(150), deadline=None)
@given(expression=EXPRESSIONS, lines=LINES)
def test_the_part_that_is_shown_is_a_match(expression: str, lines: list[str]) -> None:
    if set(expression) & set("^$") or r"\b" in expression:
        return  # these look at what is beside the part
    theirs = re.compile(expression, re.ASCII)
    for _, part in found(Pattern(expression), lines):
        assert theirs.fullmatch(part)


@given(st.text(max_size=40))
@settings(max_examples=examples(200), deadline=None)
def test_any_text_is_an_expression_or_is_refused_with_words(text: str) -> None:
    try:
        pattern = Pattern(text)
    except PatternError as error:
        assert str(error)  # noqa: PT017 -- most texts are expressions
    else:
        found(pattern, ["some line", ""])


@pytest.mark.parametrize(
    ("expression", "line", "part"),
    [
        ("b+", "abbbc", "bbb"),
        (r"\bnan\b", "loss nan.", "nan"),
        ("(foo|foobar)", "a foobar b", "foobar"),
        ("^a.*z$", "abcz", "abcz"),
        ("[]x]+", "a]x]b", "]x]"),
        ("[-a]+", "b-a-", "-a-"),
        ("a{,2}b", "aaab", "aab"),
        ("a{x}", "a{x}", "a{x}"),
        (r"\x41\u00e9", "xAé", "Aé"),
        ("[é€]+", "x€é", "€é"),
        ("(?P<name>ab)", "cab", "ab"),
        (r"[\d\s]+", "a1 2b", "1 2"),
        ("^.{3}$", "é€a", "é€a"),
    ],
)
def test_an_expression_means_what_it_means_elsewhere(expression: str, line: str, part: str) -> None:
    assert found(Pattern(expression), ["other", line]) == [(1, part)]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("(a", r"a \( without its \)"),
        ("a)", r"a \) without its \("),
        ("[a", r"a \[ without its \]"),
        ("a\\", "at the end"),
        ("*a", "nothing to repeat"),
        ("a**", "repeated twice"),
        ("a{2}{3}", "repeated twice"),
        ("^*", "cannot be repeated"),
        (r"(a)\1", "not understood"),
        ("(?=a)", "looking ahead"),
        ("(?<!a)", "looking behind"),
        ("(?>a)", "atomic"),
        ("(?P=n)", "back-reference"),
        ("(?i)a", "kind of group"),
        ("[z-a]", "range"),
        ("[a-é]", "range"),
        ("[^é]", "ASCII"),
        (r"\n", "never within a line"),
        (r"\xg0", "hexadecimal"),
        ("a{1001}", "at most 1000"),
        ("a{3,2}", "smaller number first"),
        ("(a{100}){100}", "too large"),
        ("(" * 60 + ")" * 60, "deep"),
        ("a" * 1001, "at most 1000"),
        (r"\ud800", "surrogate"),
    ],
)
def test_what_is_not_understood_is_refused_with_words(expression: str, words: str) -> None:
    with pytest.raises(PatternError, match=words):
        Pattern(expression)


@pytest.mark.parametrize("expression", ["(a*)*c", "(a|aa)+$", "(.*a){9}b", "(a|b)*a(a|b){50}c"])
def test_a_turn_makes_a_bounded_number_of_steps_and_gets_on(expression: str) -> None:
    text = b"ab" * 4000 + b"\n"
    finding = Pattern(expression).over(text)
    at, turns = 0, 0
    while isinstance(paused := finding.find(at), int):
        assert at < paused <= len(text)
        at, turns = paused, turns + 1
    assert paused is None or isinstance(paused, Span)
    assert turns < 250
