"""A Condition as SQL that means exactly the same: ``NOT`` of it must be right as well."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from headway.core.model.condition import (
    Begins,
    Condition,
    Contains,
    Equals,
    Exists,
    Field,
    Test,
    Within,
    folded,
    prefix_end,
)
from headway.core.model.names import JobId
from headway.stores.sql.codes import STATE_CODES, sought_bytes
from headway.stores.sql.job_rows import Value, json_text
from headway.stores.sql.times import micros

#: A condition's text, and the values for its places.
Sql: TypeAlias = tuple[str, Sequence[Value]]

_LARGEST: Final = (1 << 63) - 1
#: Never true. SQLite finds no way through an index that it is told to use where a condition is plainly 0.
_NEVER: Final = "job.rev < 0"
_FALSE: Final[Sql] = (_NEVER, ())

#: The expression that gives a field's value, where one row of ``job`` has one at most.
_EXPRESSIONS: Final[Mapping[Field, str]] = {
    **{
        field: f"job.{field}"
        for field in (
            *(Field.STATE, Field.REASON, Field.NAME, Field.OWNER, Field.CLUSTER, Field.PROTOCOL),
            *(Field.KIND, Field.PROJECT, Field.STATUS_TEXT, Field.CREATED, Field.QUEUED),
            *(Field.STARTED, Field.ENDED, Field.UPDATED, Field.HIDDEN, Field.PARENT, Field.ID),
            Field.ATTEMPT,
        )
    },
    Field.NUMBER: "+job.number",  # pages know the span of numbers better than SQLite
    **{
        field: f"json_extract(job.body, '$.{field}')"
        for field in (Field.EXIT_CODE, Field.SIGNAL, Field.NATIVE_ID)
    },
}
_ANY_LABEL: Final = "EXISTS (SELECT 1 FROM json_each(job.labels) AS each WHERE {})"
#: The labels' own text, which is quick to look through, tells nearly always that none of them is meant.
_TEXT: Final = (
    "(instr(lower(job.name), ?) OR instr(lower(job.status_text), ?)"
    f" OR (instr(lower(job.labels), ?) AND {_ANY_LABEL.format('instr(lower(each.value), ?)')}))"
)


def condition_sql(condition: Condition) -> Sql:
    """Give a condition on a row of ``job``; where it does not hold it is 0 or NULL."""
    parts = [_test(condition.field, test) for test in condition.any_of]
    words = " OR ".join(text for text, _ in parts) or _NEVER
    return (
        f"({words}){' IS NOT TRUE' if condition.negated else ''}",
        [value for _, values in parts for value in values],
    )


def text_sql(text: str) -> Sql:
    """Give the condition that a text is somewhere in a job's name, status text or a label."""
    # instr and lower rather than LIKE: no wildcards, no limit of length, and a NUL is a character like any other.
    plain = folded(text)
    in_json = folded(json_text(text)[1:-1])
    return _TEXT, (plain, plain, in_json, plain)


def _test(field: Field, test: Test) -> Sql:
    if field is Field.TEXT:
        return _text(test)
    if field is Field.GROUP:
        return _FALSE
    if field is Field.LABEL:
        words, values = _word("each.value", test)
        return f"(job.labels IS NOT NULL AND {_ANY_LABEL.format(words)})", values
    return _SPECIAL.get(field, _word)(_EXPRESSIONS[field], test)


def _text(test: Test) -> Sql:
    if isinstance(test, Contains):
        return text_sql(test.text)
    parts = [_test(field, test) for field in (Field.NAME, Field.STATUS_TEXT, Field.LABEL)]
    words = " OR ".join(words for words, _ in parts)
    return f"({words})", [value for _, values in parts for value in values]


def _word(expression: str, test: Test) -> Sql:
    """Give the test of a text or a number as it is stored; an empty text is no value."""
    if isinstance(test, Equals):
        if test.value == "" or (isinstance(test.value, int) and abs(test.value) > _LARGEST):
            return _FALSE
        return f"{expression} = ?", (test.value,)
    if isinstance(test, Begins):
        return _begins(expression, test.prefix)
    if isinstance(test, Contains):
        return f"({expression} <> '' AND instr(lower({expression}), ?))", (folded(test.text),)
    if isinstance(test, Exists):
        return f"{expression} <> ''", ()
    return _within(expression, test)


def _begins(expression: str, prefix: str) -> Sql:
    end = prefix_end(prefix)
    if not prefix or end is None:
        return f"({expression} >= ? AND {expression} <> '')", (prefix,)
    return f"({expression} >= ? AND {expression} < ?)", (prefix, end)


def _within(expression: str, test: Within) -> Sql:
    words = [f"{expression} IS NOT NULL"]
    values: list[Value] = []
    for sign, bound in ((">=", test.least), ("<", test.below)):
        if bound is not None:
            words.append(f"{expression} {sign} ?")
            values.append(_bound(bound))
    return f"({' AND '.join(words)})", values


def _bound(bound: int | datetime) -> int:
    number = micros(bound) if isinstance(bound, datetime) else bound
    return max(-_LARGEST, min(number, _LARGEST))


def _state(expression: str, test: Test) -> Sql:
    codes = [code for state, code in STATE_CODES.items() if test.holds(state.value)]
    places = ", ".join("?" for _ in codes)
    return (f"{expression} IN ({places})", codes) if codes else _FALSE


def _id(expression: str, test: Test) -> Sql:
    if isinstance(test, Equals):
        wanted = sought_bytes(JobId(test.value)) if isinstance(test.value, str) else None
        return _FALSE if wanted is None else (f"{expression} = ?", (wanted,))
    return (f"{expression} IS NOT NULL", ()) if isinstance(test, Exists) else _FALSE


def _number(expression: str, test: Test) -> Sql:
    if isinstance(test, Exists):
        return f"{expression} IS NOT NULL", ()
    if isinstance(test, Within):
        return _within(expression, test)
    return _word(expression, test) if isinstance(test, Equals) else _FALSE


_SPECIAL: Final[Mapping[Field, Callable[[str, Test], Sql]]] = {
    Field.STATE: _state,
    **dict.fromkeys((Field.PARENT, Field.ID), _id),
    **dict.fromkeys(
        (
            *(Field.CREATED, Field.QUEUED, Field.STARTED, Field.ENDED, Field.UPDATED),
            *(Field.HIDDEN, Field.NUMBER, Field.ATTEMPT, Field.EXIT_CODE, Field.SIGNAL),
        ),
        _number,
    ),
}
