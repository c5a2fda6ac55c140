"""The shape table holds: every request has a row, every row fits the code, every (state, reason) has its word at every protocol."""

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import headway.core.model
import headway.core.operations
import headway.core.ports
from headway.core.core import Core, Settings
from headway.core.model.event import EventType
from headway.core.model.state import REASONS, Reason, State, pairs

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
CORE = ROOT / "src" / "headway" / "core"


def _load() -> Any:
    """Read the data with the tool's own reader: tools/ is no package."""
    sys.path.insert(0, str(TOOLS))
    try:
        return importlib.import_module("shape_data").load()
    finally:
        sys.path.remove(str(TOOLS))


SHAPE = _load()
ROWS = {f"{door.door}: {row.request}": row for door, row in SHAPE.rows()}
CALLS = {name: row for name, row in ROWS.items() if row.operation != "none"}
VOCABULARIES = {f"{door.door}.{words.name}": words for door, words in SHAPE.vocabularies()}
FACTS = tomllib.loads((Path(__file__).parent / "shape_facts.toml").read_text("utf-8"))


# What stands in the code


def _public(package: Any) -> Iterator[tuple[str, Any]]:
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        yield from ((name, value) for name, value in vars(module).items() if name[0] != "_")


def _operations() -> dict[str, Callable[..., Any]]:
    return {
        name: value
        for name, value in _public(headway.core.operations)
        if inspect.isfunction(value) and value.__module__.startswith("headway.core.operations.")
    }


OPERATIONS = _operations()
NAMES = {"Core": Core, "Settings": Settings} | {
    name: value
    for package in (headway.core.model, headway.core.ports, headway.core.operations)
    for name, value in _public(package)
}


def stands(name: str) -> bool:
    """Tell whether ``Class.field`` or ``Class`` is in the core."""
    owner, _, field = name.partition(".")
    known = NAMES.get(owner)
    if known is None or not field:
        return known is not None
    return hasattr(known, field)


def missing(names: Iterable[str]) -> list[str]:
    return [name for name in names if not stands(name)]


def standing(names: Iterable[str]) -> list[str]:
    return [name for name in names if stands(name)]


def _claims() -> Iterator[Any]:
    """Everything in the data that names fields which stand (uses) or are to be added (needs)."""
    for door in SHAPE.doors:
        yield from (pytest.param(row, id=f"{door.door}: {row.request}") for row in door.row)
        yield from (pytest.param(out, id=f"{door.door}: {out.what}") for out in door.out)
    yield from (pytest.param(misfit, id=misfit.title) for misfit in SHAPE.misfits)


CLAIMS = list(_claims())


# Requests


@pytest.mark.parametrize("door", SHAPE.doors, ids=lambda door: door.door)
def test_every_line_of_a_protocols_own_document_is_answered_by_a_row(door: Any) -> None:
    answered = {line for part in (*door.row, *door.out) for line in part.lines}
    assert answered == set(door.lines)


@pytest.mark.parametrize("door", SHAPE.doors, ids=lambda door: door.door)
def test_every_row_answers_a_line_where_the_protocol_is_not_our_own(door: Any) -> None:
    assert [row.request for row in door.row if bool(row.lines) != bool(door.lines)] == []


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_that_calls_nothing_says_why(row: Any) -> None:
    assert (row.operation == "none") == bool(row.because)


@pytest.mark.parametrize("row", CALLS.values(), ids=CALLS)
def test_a_row_calls_an_operation_with_the_arguments_that_it_has(row: Any) -> None:
    operation = SHAPE.operations[row.operation]
    required, optional = (
        (set(operation.arguments), set(operation.optional))
        if operation.planned
        else _signature(OPERATIONS[row.operation])
    )
    given = set(row.with_) | {"actor", "protocol"}
    assert required <= given
    assert set(row.with_) <= required | optional


def _signature(function: Callable[..., Any]) -> tuple[set[str], set[str]]:
    core, *rest = inspect.signature(function).parameters.values()
    assert core.name == "core"
    assert all(argument.kind is argument.KEYWORD_ONLY for argument in rest)
    required = {argument.name for argument in rest if argument.default is argument.empty}
    return required, {argument.name for argument in rest} - required


def test_an_operation_stands_in_the_code_unless_it_is_planned() -> None:
    planned = {name for name, operation in SHAPE.operations.items() if operation.planned}
    assert set(SHAPE.operations) - planned <= set(OPERATIONS)
    assert not planned & set(OPERATIONS), "it has landed: take its plan out of operations.toml"


@pytest.mark.parametrize("name", SHAPE.operations)
def test_a_planned_operation_says_what_of_the_model_it_uses(name: str) -> None:
    operation = SHAPE.operations[name]
    assert bool(operation.uses) == operation.planned
    assert missing(operation.uses) == []


@pytest.mark.parametrize("row", CALLS.values(), ids=CALLS)
def test_the_other_operations_that_a_row_calls_stand(row: Any) -> None:
    assert set(row.also) <= set(OPERATIONS)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_field_that_is_used_stands(claim: Any) -> None:
    assert missing(claim.uses) == []


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_field_that_is_to_be_added_does_not_stand_yet(claim: Any) -> None:
    assert standing(claim.needs) == [], "it has landed: move it from needs to uses"


def test_every_field_that_a_row_needs_is_argued_for_where_a_row_did_not_fit() -> None:
    argued = {name for misfit in SHAPE.misfits for name in misfit.needs}
    asked = {name for part in CLAIMS for name in part.values[0].needs}
    assert asked == argued


@pytest.mark.parametrize("misfit", SHAPE.misfits, ids=lambda misfit: misfit.title)
def test_a_misfit_names_protocols_that_are_there_and_a_known_kind(misfit: Any) -> None:
    assert set(misfit.doors) <= {door.door for door in SHAPE.doors}
    assert misfit.kind in {"fits", "rule", "addition"}


# Words


@pytest.mark.parametrize("cancel", [False, True], ids=["", "cancel asked for"])
@pytest.mark.parametrize(("state", "reason"), pairs())
@pytest.mark.parametrize("words", VOCABULARIES.values(), ids=VOCABULARIES)
def test_every_pair_has_one_word_of_the_vocabulary(
    words: Any, state: State, reason: Reason | None, cancel: bool
) -> None:
    rule = words.find(state, reason, cancel=cancel)
    assert rule is not None
    assert rule.word in words.vocabulary
    assert set(rule.extra) == set(words.columns)


@pytest.mark.parametrize("words", VOCABULARIES.values(), ids=VOCABULARIES)
def test_no_rule_is_hidden_behind_those_before_it(words: Any) -> None:
    won = {
        id(words.find(state, reason, cancel=cancel))
        for state, reason in pairs()
        for cancel in (False, True)
    }
    assert [rule.word for rule in words.rule if id(rule) not in won] == []


@pytest.mark.parametrize("words", VOCABULARIES.values(), ids=VOCABULARIES)
def test_a_word_that_is_never_said_is_explained(words: Any) -> None:
    said = {rule.word for rule in words.rule}
    assert set(words.vocabulary) - said == set(words.never)


@pytest.mark.parametrize("words", VOCABULARIES.values(), ids=VOCABULARIES)
def test_a_rule_names_reasons_that_its_states_can_have(words: Any) -> None:
    assert [rule.word for rule in words.rule if not set(rule.reason) <= _possible(rule)] == []


def _possible(rule: Any) -> set[str]:
    return {str(reason or "none") for state in rule.state for reason in REASONS[state]}


@pytest.mark.parametrize("words", VOCABULARIES.values(), ids=VOCABULARIES)
def test_a_final_state_is_told_by_the_mapped_word_and_not_by_free_text(words: Any) -> None:
    assert not any(state.is_final for state in words.text_while)


def _agreed() -> Iterator[Any]:
    for fact in FACTS["ours"]:
        for reason in fact["reasons"]:
            for name, word in fact["says"].items():
                yield pytest.param(name, fact, reason, word, id=f"{name}: {fact['state']} {reason}")


@pytest.mark.parametrize(("name", "fact", "reason", "word"), list(_agreed()))
def test_the_words_are_those_of_the_agreed_mapping(
    name: str, fact: dict[str, Any], reason: str, word: str
) -> None:
    why = None if reason == "none" else Reason(reason)
    rule = VOCABULARIES[name].find(State(fact["state"]), why)
    assert rule.word == word
    if rule.extra:
        assert {**rule.extra, **fact.get("extra", {})} == rule.extra


# Native words


SYSTEMS = {system.name: system for system in SHAPE.systems}
NATIVE = [(name, word) for name, system in SYSTEMS.items() for word in system.word]


@pytest.mark.parametrize(("name", "word"), NATIVE, ids=lambda part: getattr(part, "native", part))
def test_a_native_word_becomes_an_allowed_pair(name: str, word: Any) -> None:
    assert word.reason in REASONS[word.state]


@pytest.mark.parametrize("system", SHAPE.systems, ids=lambda system: system.name)
def test_a_native_word_with_two_meanings_says_when_it_has_which(system: Any) -> None:
    keys = [(word.native, word.when) for word in system.word]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", FACTS["native"])
def test_native_words_are_those_of_the_agreed_mapping(name: str) -> None:
    agreed = {
        (word, *place.partition(" ")[::2])
        for place, words in FACTS["native"][name].items()
        for word in words
    }
    here = SYSTEMS[name].word
    full = {(word.native, str(word.state), str(word.reason or "")) for word in here}
    by_state = {(word.native, str(word.state), "") for word in here}
    assert agreed <= full | by_state
    assert {(word, state) for word, state, _ in full} == {
        (word, state) for word, state, _ in agreed
    }


def test_every_system_of_the_agreed_mapping_is_there_and_no_other() -> None:
    assert set(SYSTEMS) == set(FACTS["native"])


# Events, states, pages


def test_every_event_type_has_its_row() -> None:
    assert [event.type for event in SHAPE.events] == [str(kind) for kind in EventType]


CORE_TEXTS = {
    f"{path.parent.name}.{path.stem}": path.read_text("utf-8")
    for room in ("operations", "passes")
    for path in (CORE / room).glob("*.py")
}


@pytest.mark.parametrize("event", SHAPE.events, ids=lambda event: event.type)
def test_a_module_that_names_an_event_is_among_its_writers(event: Any) -> None:
    named = re.compile(rf"EventType\.{EventType(event.type).name}\b")
    assert {name for name, text in CORE_TEXTS.items() if named.search(text)} <= set(event.by)


@pytest.mark.parametrize("event", SHAPE.events, ids=lambda event: event.type)
def test_the_writers_of_an_event_can_write_it(event: Any) -> None:
    can = re.compile(rf"EventType\.{EventType(event.type).name}\b|\bof_state\(|\baccepted\(")
    assert [name for name in event.by if not can.search(CORE_TEXTS[name])] == []


def test_events_that_go_out_are_of_known_types_and_planned_ones_are_not() -> None:
    known = {str(kind) for kind in EventType}
    outs = [out for door in SHAPE.doors for out in door.out]
    assert {event for out in outs for event in out.events} <= known
    assert not {event for out in outs for event in out.planned_events} & known


def test_every_state_and_reason_is_explained() -> None:
    assert list(SHAPE.meanings.states) == list(State)
    assert list(SHAPE.meanings.reasons) == list(Reason)


def test_the_pages_are_what_their_data_say() -> None:
    told = subprocess.run(
        [sys.executable, str(TOOLS / "shape.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr == ""
    assert told.returncode == 0


def test_the_data_refuse_a_key_that_nobody_reads() -> None:
    kind = type(SHAPE.doors[0].row[0])
    with pytest.raises(msgspec.ValidationError, match="operatoin"):
        msgspec.convert({"request": "", "lines": [], "operatoin": "", "answer": ""}, kind)
