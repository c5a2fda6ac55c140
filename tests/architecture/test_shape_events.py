"""The pages of events and states are complete and true."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from headway.core.model.event import EventType
from headway.core.model.state import Reason, State

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "src" / "headway" / "core"
SHAPE: Any = runpy.run_path(str(ROOT / "tools" / "shape_data.py"))["load"]()


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
