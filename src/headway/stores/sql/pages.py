"""A Selection as SQL: which index to walk, and what else must hold.

A page is a walk down the numbers. Where no index has the wanted jobs in one range, several ranges are walked side by side
(one a state) and merged.
"""

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Any, Final

from headway.core.model.condition import Begins, Field, Within, prefix_end
from headway.core.model.job import Job
from headway.core.model.selection import Selection, Visibility
from headway.core.model.state import State
from headway.stores.sql.codes import STATE_CODES, sought_bytes
from headway.stores.sql.conditions import Sql, condition_sql, text_sql
from headway.stores.sql.database import Database, snapshot
from headway.stores.sql.group_conditions import in_groups_sql
from headway.stores.sql.job_rows import SELECTED, Value, job_of
from headway.stores.sql.times import micros

_NEWEST: Final = (1 << 63) - 1
_FEW: Final = 2_000
_AT_ONCE: Final = 200
_INDEXED: Final = frozenset({Field.STATE, Field.NUMBER, Field.CREATED})
_NAMED: Final = (
    "SELECT number FROM job INDEXED BY job_name WHERE name >= ? AND name < ? AND name <> '' LIMIT ?"
)


class Clause:
    """Conditions that must all hold, with their values."""

    def __init__(self, *conditions: str, values: Sequence[Value] = ()) -> None:
        self.conditions = list(conditions)
        self.values = list(values)

    def add(self, condition: str, *values: Value) -> None:
        """Ask for one thing more."""
        self.conditions.append(condition)
        self.values += values

    def text(self) -> str:
        """Give the conditions as SQL."""
        return " AND ".join(self.conditions) or "1"


def read_page(
    database: Database,
    selection: Selection,
    visibility: Visibility,
    *,
    limit: int,
    before: int | None,
) -> list[Job]:
    """Read a page of jobs, the newest number first; see Store.jobs. A job that changes its state meanwhile is in it once."""
    if visibility == Visibility():  # nothing can be seen
        return []
    least, below = _span(selection, _NEWEST if before is None else min(before, _NEWEST))
    rest = rest_of(selection, visibility)
    rows: Iterator[Sequence[Any]]
    with snapshot(database):
        numbers = _with_prefix(database, selection)
        if numbers is not None:
            rows = _walk_numbers(database, [number for number in numbers if number < below], rest)
        else:
            walks = [
                _walk(database, source, clause, rest, least, below)
                for source, clause in _ranges(selection, visibility)
            ]
            rows = merge(*walks, key=_number, reverse=True)
        return [job_of(row) for row in islice(rows, limit)]


def rest_of(selection: Selection, visibility: Visibility) -> Clause:
    """Give all that a selection and a visibility ask of a row of ``job``."""
    clause = visible(visibility)
    if selection.states:
        states = sorted(STATE_CODES[state] for state in selection.states)
        clause.add(f"job.state IN ({', '.join('?' for _ in states)})", *states)
    for label in sorted(selection.labels):
        clause.add(
            "EXISTS (SELECT 1 FROM label WHERE label.label = ?"
            " AND label.child = (job.parent IS NOT NULL) AND label.state = job.state"
            " AND label.job = job.number)",
            label,
        )
    for column in ("name", "owner", "cluster"):
        wanted = getattr(selection, column)
        if wanted is not None:
            clause.add(f"job.{column} = ?", str(wanted))
    if selection.since is not None:
        clause.add("job.created >= ?", micros(selection.since))
    if selection.text is not None:
        _add(clause, text_sql(selection.text))
    add_parent(clause, selection)
    if not selection.hidden:
        clause.add("job.hidden IS NULL")
    for condition in selection.where:
        _add(clause, condition_sql(condition))
    add_groups(clause, selection)
    return clause


def _add(clause: Clause, sql: Sql) -> None:
    clause.add(sql[0], *sql[1])


def visible(visibility: Visibility) -> Clause:
    """Give what a visibility asks of a row of ``job``."""
    if visibility.everything:
        return Clause()
    seen = Clause()
    if visibility.owner is not None:
        seen.add("job.owner = ?", visibility.owner)
    if visibility.job is not None:
        seen.add("job.id = ?", sought_bytes(visibility.job))
    words = " OR ".join(seen.conditions) or "0"
    return Clause(f"({words})", values=seen.values)


def add_parent(clause: Clause, selection: Selection) -> None:
    """Ask for what a selection says of the parent."""
    if selection.children:
        return
    if selection.parent is None:
        clause.add("job.parent IS NULL")
    else:
        clause.add("job.parent = ?", sought_bytes(selection.parent))


def add_groups(clause: Clause, selection: Selection) -> None:
    """Ask for what a selection says of groups."""
    for within in selection.groups:
        _add(clause, in_groups_sql(within))


def _ranges(selection: Selection, visibility: Visibility) -> list[tuple[str, Clause]]:
    """Give the ranges to walk: where from, and which part of it. Together they have all jobs that are wanted."""
    is_one = visibility.job is not None and visibility.owner is None and not visibility.everything
    if is_one or any(not within.negated for within in selection.groups):
        return [("job", Clause())]  # found by their numbers
    states = sorted(STATE_CODES[state] for state in selection.states or State)
    roots = not selection.children and selection.parent is None
    if not selection.children and selection.parent is not None:
        return [_indexed("job_parent", "job.parent = ?", sought_bytes(selection.parent))]
    if selection.labels:
        label = min(selection.labels)
        return [
            _labelled(label, child, state)
            for child in ([0] if roots else [0, 1])
            for state in states
        ]
    if selection.name:
        return [_indexed("job_name", "job.name = ? AND job.name <> ''", selection.name)]
    if not roots or _needs_rows(selection, visibility):
        return [("job", Clause())]  # all rows, in the order in which they lie
    return _by_state(selection, visibility, states)


def is_slow(selection: Selection) -> bool:
    """Tell whether reading a page may go through all rows."""
    return selection.text is not None or any(
        condition.field not in _INDEXED for condition in selection.where
    )


def _needs_rows(selection: Selection, visibility: Visibility) -> bool:
    """Tell whether nearly all rows must be looked at: their own order is then quicker than that of an index."""
    if selection.states or _only_owner(selection, visibility) is not None:
        return False
    return is_slow(selection)


def _by_state(
    selection: Selection, visibility: Visibility, states: Sequence[int]
) -> list[tuple[str, Clause]]:
    owner = _only_owner(selection, visibility)
    if owner is not None:
        condition = "job.parent IS NULL AND job.owner = ? AND job.state = ?"
        return [_indexed("job_root_owner", condition, owner, state) for state in states]
    condition = "job.parent IS NULL AND job.state = ?"
    return [_indexed("job_root_state", condition, state) for state in states]


def _only_owner(selection: Selection, visibility: Visibility) -> str | None:
    if selection.owner is not None:
        return selection.owner
    if visibility.everything or visibility.job is not None:
        return None
    return visibility.owner


def _indexed(index: str, condition: str, *values: Value) -> tuple[str, Clause]:
    return f"job INDEXED BY {index}", Clause(condition, values=values)


def _labelled(label: str, child: int, state: int) -> tuple[str, Clause]:
    condition = "walked.label = ? AND walked.child = ? AND walked.state = ?"
    source = "label AS walked CROSS JOIN job ON job.number = walked.job"
    return source, Clause(condition, values=(label, child, state))


def _span(selection: Selection, below: int) -> tuple[int, int]:
    """Give the number from which on, and below which, jobs can be selected."""
    least = -_NEWEST
    for condition in selection.where:
        if condition.field is Field.NUMBER and not condition.negated:
            tests = [test for test in condition.any_of if isinstance(test, Within)]
            if len(tests) == len(condition.any_of) > 0:
                least = max(least, min(_or(test.least, -_NEWEST) for test in tests))
                below = min(below, max(_or(test.below, _NEWEST) for test in tests))
    return least, below


def _or(bound: object, otherwise: int) -> int:
    return bound if isinstance(bound, int) else otherwise


def _walk(
    database: Database, source: str, part: Clause, rest: Clause, least: int, below: int
) -> Iterator[Sequence[Any]]:
    number = "walked.job" if "walked" in source else "job.number"
    span = Clause(f"{number} < ?", values=(below,))
    if least > -_NEWEST:
        span.add(f"{number} >= ?", least)
    sql = (
        f"SELECT {SELECTED} FROM {source} LEFT JOIN spec ON spec.id = job.spec"  # noqa: S608 -- our own words
        f" WHERE {span.text()} AND {part.text()} AND {rest.text()} ORDER BY {number} DESC"
    )
    rows = database.execute(sql, (*span.values, *part.values, *rest.values))
    while (row := rows.fetchone()) is not None:
        yield row


def _number(row: Sequence[Any]) -> int:
    return int(row[0])


def _with_prefix(database: Database, selection: Selection) -> list[int] | None:
    """Give the numbers of all jobs with names that begin as wanted, newest first.

    None when nothing is said about how names begin, or when there are many such jobs: a walk soon finds enough of them.
    """
    prefix = _prefix(selection)
    end = prefix_end(prefix)
    if not prefix or end is None:
        return None
    rows = database.execute(_NAMED, (prefix, end, _FEW + 1)).fetchall()
    return None if len(rows) > _FEW else sorted((row[0] for row in rows), reverse=True)


def _prefix(selection: Selection) -> str:
    for condition in selection.where:
        if condition.field is Field.NAME and not condition.negated and len(condition.any_of) == 1:
            (test,) = condition.any_of
            if isinstance(test, Begins):
                return test.prefix
    return ""


def _walk_numbers(
    database: Database, numbers: Sequence[int], rest: Clause
) -> Iterator[Sequence[Any]]:
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        places = ", ".join("?" for _ in some)
        sql = (
            f"SELECT {SELECTED} FROM job LEFT JOIN spec ON spec.id = job.spec"  # noqa: S608 -- our own words
            f" WHERE job.number IN ({places}) AND {rest.text()} ORDER BY job.number DESC"
        )
        yield from database.execute(sql, (*some, *rest.values)).fetchall()
