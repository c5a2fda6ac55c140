"""Conditions put into a Selection: in its own fields where they fit, for which stores have indexes, else in ``where``."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from headway.core.model.condition import Condition, Equals, Exists, Field
from headway.core.model.names import JobId
from headway.core.model.selection import Selection
from headway.core.model.state import State
from headway.core.query.meaning import Query

_NEVER: Final = Condition(Field.STATE, ())
_ATTRIBUTES: Final = {
    Field.LABEL: "labels",
    Field.NAME: "name",
    Field.OWNER: "owner",
    Field.CLUSTER: "cluster",
    Field.PARENT: "parent",
}


def narrowed(selection: Selection, query: Query) -> Selection:
    """Give what both select."""
    selection = replace(
        selection,
        children=selection.children or (query.children and selection.parent is None),
        hidden=selection.hidden or query.hidden,
    )
    left: list[Condition] = []
    for condition in query.conditions:
        fitting = _fitted(selection, condition)
        if fitting is None:
            left.append(condition)
        else:
            selection = fitting
    return replace(selection, where=(*selection.where, *left))


def _fitted(selection: Selection, condition: Condition) -> Selection | None:
    """Give the selection with a condition in one of its own fields; None when it does not fit into them."""
    if condition.field is Field.STATE:
        return _with_states(selection, condition)
    value = _single_text(condition)
    attribute = _ATTRIBUTES.get(condition.field)
    if value is None or attribute is None:
        return None
    if attribute == "labels":
        return replace(selection, labels=selection.labels | {value})
    if getattr(selection, attribute) is not None:
        return None  # both must hold
    if attribute == "parent":
        return replace(selection, parent=JobId(value), children=False)
    return replace(selection, **{attribute: value})


def _with_states(selection: Selection, condition: Condition) -> Selection:
    named = frozenset(_states(condition))
    meant = frozenset(State) - named if condition.negated else named
    states = meant & (selection.states or frozenset(State))
    if not states:
        return replace(selection, where=(*selection.where, _NEVER))
    return replace(selection, states=states)


def _states(condition: Condition) -> Iterable[State]:
    for test in condition.any_of:
        if isinstance(test, Exists):
            yield from State
        elif isinstance(test, Equals):
            yield State(str(test.value))


def _single_text(condition: Condition) -> str | None:
    """Give the one text that a field must be, if that is all that a condition says."""
    if condition.negated or len(condition.any_of) != 1:
        return None
    (test,) = condition.any_of
    return test.value if isinstance(test, Equals) and isinstance(test.value, str) else None
