"""From clauses to conditions."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Final, TypeAlias

import msgspec

from headway.core.errors import InvalidRequest
from headway.core.model.condition import (
    Begins,
    Condition,
    Contains,
    Equals,
    Exists,
    Field,
    Test,
    Within,
)
from headway.core.query.fields import FIELDS, INTEGER, NUMBER, UUID, Asked, Takes, field_called
from headway.core.query.syntax import Between, Clause, Given, Word, refused, shown, split
from headway.core.query.times import read_period, read_span, span_start

_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}
_SINGLE: Final = frozenset({Field.ID, Field.NUMBER, Field.NATIVE_ID})


class Query(msgspec.Struct, frozen=True):
    """What a query asks for.

    Attributes:
        conditions: all of them must hold.
        children: it names single jobs or a parent, so parts of jobs are meant as well.
        hidden: it says itself whether hidden jobs are meant.
    """

    conditions: tuple[Condition, ...] = ()
    children: bool = False
    hidden: bool = False


def parse(text: str, *, at: datetime) -> Query:
    """Read a query; spans of time in it are before ``at``.

    A parent may come as the number of a job (``Equals`` of an integer): who can read jobs puts its id there. A group comes as
    it is named: who can read groups makes it a part of the selection.

    Raises:
        InvalidRequest: it cannot be understood; the message says what is wrong and where.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"a query must be Unicode, without {text[error.start]!r}") from None
    conditions = [_condition(clause, at) for clause in split(text) if not _says_nothing(clause)]
    unique = {str(condition): condition for condition in conditions}
    return Query(
        conditions=tuple(unique[key] for key in sorted(unique)),  # one order: one live channel
        children=any(map(_lifts_children, conditions)),
        hidden=any(condition.field is Field.HIDDEN for condition in conditions),
    )


def _says_nothing(clause: Clause) -> bool:
    """Tell whether a clause is a ``*`` alone, as people type it for everything."""
    (given, *others) = clause.values
    return (
        not (clause.field or clause.negated or others)
        and not isinstance(given, Between)
        and _is_open(given.word)
    )


def _lifts_children(condition: Condition) -> bool:
    return condition.field is Field.PARENT or (condition.field in _SINGLE and not condition.negated)


def _condition(clause: Clause, at: datetime) -> Condition:
    if not clause.field:
        tests = tuple(_phrase(given) for given in clause.values)
        return Condition(Field.TEXT, tests, clause.negated)
    asked = field_called(clause.field)
    if asked is None:
        raise _no_field(clause)
    if asked.takes is Takes.FLAG:
        return _flag(asked, clause)
    tests = tuple(
        test for given in clause.values for test in _READERS[asked.takes](asked, given, at)
    )
    return Condition(asked.field, tests, clause.negated)


def _no_field(clause: Clause) -> InvalidRequest:
    close = get_close_matches(clause.field.lower(), FIELDS, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(FIELDS)}"
    return refused(
        f"there is no field {shown(clause.field)}; {hint}"
        " To look for the text itself, put it in quotation marks",
        at=clause.at,
    )


def _plain(asked: Asked, given: Given) -> Word:
    """Give the word of a field that knows no order."""
    if isinstance(given, Between):
        raise refused(f"{asked.name} takes no range", at=given.least.at)
    if given.sign not in {"", "="}:
        raise refused(
            f"{asked.name} takes no {given.sign}; to look for that text, quote it",
            at=given.word.at,
        )
    if given.word.star_at is not None:
        raise refused(
            "a * may stand at the end of a word only; to look for a *, quote the word",
            at=given.word.star_at,
        )
    return given.word


def _phrase(given: Given) -> Test:
    """Give the test for free words: a ``*`` at the end says nothing that is not meant anyway."""
    if isinstance(given, Between):
        raise refused("free words know no range", at=given.least.at)
    return Contains(given.word.text) if given.word.text else Exists()


def _text(asked: Asked, given: Given, _at: datetime) -> tuple[Test, ...]:
    word = _plain(asked, given)
    return (Contains(word.text) if word.text else Exists(),)


def _words(asked: Asked, given: Given, _at: datetime) -> tuple[Test, ...]:
    word = _plain(asked, given)
    if not word.begins:
        return (Equals(word.text),)
    return (Begins(word.text) if word.text else Exists(),)


def _choices(asked: Asked, given: Given, _at: datetime) -> tuple[Test, ...]:
    word = _plain(asked, given)
    if word.begins and not word.text:
        return (Exists(),)
    text = word.text.lower()
    meant = [
        value
        for choice, values in asked.choices.items()
        if (choice.startswith(text) if word.begins else choice == text)
        for value in values
    ]
    if not meant:
        close = get_close_matches(text, asked.choices, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(asked.choices)}"
        raise refused(f"{asked.name} cannot be {shown(word.text)}; {hint}", at=word.at)
    return tuple(Equals(value) for value in dict.fromkeys(meant))


def _job(asked: Asked, given: Given, _at: datetime) -> tuple[Test, ...]:
    word = _plain(asked, given)
    if word.begins and not word.text:
        return (Exists(),)
    if not word.begins and UUID.fullmatch(word.text):
        return (Equals(word.text.lower()),)
    if not word.begins and asked.field is Field.PARENT and NUMBER.fullmatch(word.text):
        return (Equals(int(word.text)),)
    kinds = "a UUID or a number" if asked.field is Field.PARENT else "a UUID"
    raise refused(f"{asked.name} must be {kinds}, not {shown(word.text)}", at=word.at)


def _group(asked: Asked, given: Given, _at: datetime) -> tuple[Test, ...]:
    word = _plain(asked, given)
    if word.begins:
        raise refused(
            f"{asked.name} takes whole names; to look for a *, quote the word", at=word.at
        )
    return (Equals(word.text),)


def _flag(asked: Asked, clause: Clause) -> Condition:
    if len(clause.values) > 1:
        raise refused(f"{asked.name} takes one value, true or false", at=clause.at)
    word = _plain(asked, clause.values[0])
    if word.begins or word.text.lower() not in _FLAGS:
        raise refused(f"{asked.name} must be true or false, not {shown(word.text)}", at=word.at)
    return Condition(asked.field, (Exists(),), negated=_FLAGS[word.text.lower()] is clause.negated)


def _numbers(asked: Asked, given: Given, _at: datetime) -> tuple[Test, ...]:
    if isinstance(given, Between):
        least = None if _is_open(given.least) else _integer(asked, given.least)
        most = None if _is_open(given.most) else _integer(asked, given.most)
        return (
            Within(
                least=None if least is None else least + (not given.with_least),
                below=None if most is None else most + given.with_most,
            ),
        )
    if _is_open(given.word) and not given.sign:
        return (Exists(),)
    value = _integer(asked, given.word)
    return (_compared(given.sign, value, value + 1),)


def _integer(asked: Asked, word: Word) -> int:
    if word.begins or not INTEGER.fullmatch(word.text):
        raise refused(
            f"{asked.name} must be an integer, or a range of them, not {shown(word.text)}",
            at=word.at,
        )
    return int(word.text)


def _times(asked: Asked, given: Given, at: datetime) -> tuple[Test, ...]:
    if isinstance(given, Between):
        least = None if _is_open(given.least) else _period(asked, given.least, at)
        most = None if _is_open(given.most) else _period(asked, given.most, at)
        return (
            Within(
                least=None if least is None else least[not given.with_least],
                below=None if most is None else most[given.with_most],
            ),
        )
    if _is_open(given.word) and not given.sign:
        return (Exists(),)
    start, end = _period(asked, given.word, at)
    sign = given.sign
    if not sign and (asked.name == "since" or read_span(given.word.text) is not None):
        sign = ">="  # "created:2d" is in the last two days
    return (_compared(sign, start, end),)


def _period(asked: Asked, word: Word, at: datetime) -> tuple[datetime, datetime]:
    """Give where the period that a word says begins and ends. A span before ``at`` is a moment."""
    span = None if word.begins else read_span(word.text)
    if span is not None:
        start = span_start(span, at=at.astimezone(UTC))
        return start, start
    period = None if word.begins else read_period(word.text, at=at.astimezone(UTC))
    if period is None:
        raise refused(
            f"{asked.name} must be a time such as 2026-03-01 or 2026-03-01T12:00Z, or one before now"
            f" such as 30m, 12h or 2d, not {shown(word.text)}",
            at=word.at,
        )
    return period


Bound: TypeAlias = int | datetime


def _compared(sign: str, start: Bound, end: Bound) -> Within:
    """Give the test for a value that lies so to a period, or to an integer and the one behind it."""
    return {
        "": Within(start, end),
        "=": Within(start, end),
        ">": Within(least=end),
        ">=": Within(least=start),
        "<": Within(below=start),
        "<=": Within(below=end),
    }[sign]


def _is_open(word: Word) -> bool:
    """Tell whether a word is a ``*`` alone: an end that is open, or any value."""
    return word.begins and not word.text


_READERS: Final[Mapping[Takes, Callable[[Asked, Given, datetime], tuple[Test, ...]]]] = {
    Takes.WORDS: _words,
    Takes.CHOICES: _choices,
    Takes.TEXT: _text,
    Takes.TIMES: _times,
    Takes.NUMBERS: _numbers,
    Takes.JOB: _job,
    Takes.GROUP: _group,
}
