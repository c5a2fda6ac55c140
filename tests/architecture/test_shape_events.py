"""The pages of events and states are complete and true."""

import re
import runpy
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from headway.core.errors import Conflict
from headway.core.model.event import EventType
from headway.core.model.job import Job, Kind
from headway.core.model.names import JobId
from headway.core.model.state import REASONS, Reason, State

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


CHART = re.findall(
    r"^    (\w+) --> (\w+)(?:: (.+))?$",
    (ROOT / "docs" / "explanation" / "states.md").read_text("utf-8"),
    re.MULTILINE,
)
STARTED = datetime(2026, 1, 1, tzinfo=UTC)


def _job(state: str) -> Job:
    return Job(
        id=JobId("j"),
        kind=Kind.REPORT,
        protocol="",
        owner="",
        state=State(state),
        created=STARTED,
        updated=STARTED,
    )


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_the_chart_has_the_ordinary_steps_of_the_model_and_no_others(
    before: State, after: State
) -> None:
    drawn = (before, after, "") in CHART
    try:
        _job(before).moved_to(after, at=STARTED, reason=next(iter(REASONS[after])))
    except Conflict:
        assert not drawn
    else:
        assert drawn == (before is not after)


@pytest.mark.parametrize(("before", "after", "by"), [step for step in CHART if step[2]])
def test_the_chart_s_explicit_steps_are_those_of_the_job(before: str, after: str, by: str) -> None:
    job = _job(before)
    reason = next(iter(REASONS[State(after)]))
    moves: dict[str, Callable[[], Job]] = {
        "attempt + 1": lambda: job.next_attempt(at=STARTED),
        "retry": lambda: job.next_attempt(at=STARTED),
        "reopened": lambda: job.reopened(at=STARTED),
        "corrected": lambda: job.corrected(State(after), at=STARTED, reason=reason),
    }
    assert moves[by]().state == after
