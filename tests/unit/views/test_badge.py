"""The badge: one line of SVG that says a job's name and state."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.core.model.job import CancelRequest
from headway.core.model.state import State
from headway.core.model.worker import NO_TALLY, Tally
from headway.testing.fakes import NOON
from headway.testing.samples import a_job
from headway.views.badge import badge, badge_words, unknown_badge
from headway.views.palette import Theme, colours, rgb
from headway.views.words import percent


def _texts(svg: str) -> list[str]:
    root = ET.fromstring(svg)
    return [node.text or "" for node in root.iter() if node.tag.endswith("}text")]


def _colours(svg: str) -> list[str]:
    root = ET.fromstring(svg)
    return [node.attrib["fill"] for node in root.iter() if node.tag.endswith("}path")]


@pytest.mark.parametrize("state", list(State))
def test_a_badge_says_name_and_state(state: State) -> None:
    drawn = badge(a_job(name="nightly", state=state), NO_TALLY)
    assert _texts(drawn) == ["nightly", state.value]


def test_a_running_jobs_badge_says_how_far_it_is() -> None:
    running = a_job(name="n", state=State.RUNNING)
    tally = Tally(workers=2, finished=1, not_ok=0, progress=0.434)
    assert badge_words(running, tally) == f"running {percent(0.434)}"
    assert badge_words(a_job(state=State.SUCCEEDED), tally) == "succeeded"


def test_a_job_that_is_being_cancelled_says_so() -> None:
    job = a_job(state=State.RUNNING, cancel=CancelRequest(by="ada", at=NOON))
    assert badge_words(job, NO_TALLY) == "running, being cancelled"


def test_good_bad_and_running_have_colours_of_their_own() -> None:
    ends = [
        _colours(badge(a_job(state=state), NO_TALLY))[1]
        for state in (State.SUCCEEDED, State.FAILED, State.RUNNING, State.QUEUED)
    ]
    assert len(set(ends)) == 4


def test_a_label_stands_in_the_names_place() -> None:
    assert _texts(badge(a_job(name="n"), NO_TALLY, label="build"))[0] == "build"
    assert _texts(badge(a_job(name="n"), NO_TALLY, label="")) == ["accepted"]


def test_a_job_that_is_not_there_has_a_badge_too() -> None:
    assert _texts(unknown_badge("gone")) == ["gone", "unknown"]


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize("state", list(State))
def test_what_a_badge_says_can_be_read(theme: Theme, state: State) -> None:
    root = ET.fromstring(badge(a_job(name="n", state=state), NO_TALLY, theme=theme))
    grounds = [node.attrib["fill"] for node in root.iter() if node.tag.endswith("}path")]
    inks = [node.attrib["fill"] for node in root.iter() if node.tag.endswith("}text")]
    assert set(grounds + inks) <= set(colours(theme).values())
    for ground, ink in zip(grounds, inks, strict=True):
        assert _contrast(ground, ink) >= 4.5


@given(st.text(max_size=400))
def test_any_name_makes_a_well_formed_badge_that_is_not_wide(name: str) -> None:
    drawn = badge(a_job(name=name), NO_TALLY)
    root = ET.fromstring(drawn)
    assert int(root.attrib["width"]) <= 600
    assert not [node for node in root.iter() if "script" in node.tag or "href" in str(node.attrib)]


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted(_luminance(colour) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in rgb(colour)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
