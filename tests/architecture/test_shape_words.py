"""The shape's words hold: every (state, reason) has one word at every protocol, and every native word becomes an allowed pair."""

import importlib
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headway.core.model.state import REASONS, Reason, State, pairs

ROOT = Path(__file__).resolve().parents[2]
SHAPE: Any = runpy.run_path(str(ROOT / "tools" / "shape_data.py"))["load"]()
VOCABULARIES = {f"{door.door}.{words.name}": words for door, words in SHAPE.vocabularies()}
FACTS = tomllib.loads((Path(__file__).parent / "shape_facts.toml").read_text("utf-8"))


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


WIRED = [(door.door, words) for door, words in SHAPE.vocabularies() if words.wire]


@pytest.mark.parametrize(("door", "words"), WIRED)
def test_a_wire_that_stands_says_the_words_of_the_table(door: str, words: Any) -> None:
    wire = importlib.import_module(f"headway.protocols.{door}.wire")
    told = {pair: words.find(*pair).word for pair in pairs()}
    assert getattr(wire, words.wire) == told


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
