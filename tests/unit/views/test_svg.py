"""Pictures as SVG."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.views.samples import AT, job, tally, worker, workers

from headway.core.model.worker import NO_TALLY
from headway.views.bars import picture_of
from headway.views.message import message_picture
from headway.views.palette import Theme, colours
from headway.views.svg import svg

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "style", "defs", "pattern", "path", "g", "use", "text"}
HOSTILE = "<script>alert(1)</script>\"'&\x00\x1b]\u202e\ud800\uffff]]><!--"


def drawn(count: int, *, theme: Theme = Theme.LIGHT) -> str:
    of = workers(count)
    return svg(picture_of(job(), of, tally(of), at=AT, theme=theme))


@settings(deadline=None)
@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_gives_valid_xml_without_script(
    name: str, label: str, desc: str, status: str
) -> None:
    of = [worker(label, desc=desc), worker(label + "2", ok=False, total=None, desc=desc)]
    text = svg(picture_of(job(name, status_text=status), of, tally(of), at=AT))
    root = ET.fromstring(text.encode("utf-8"))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ELEMENTS


def test_hostile_text_is_only_ever_text() -> None:
    of = [worker(HOSTILE, 90, desc=HOSTILE)]
    text = svg(picture_of(job(HOSTILE), of, tally(of), at=AT))
    ET.fromstring(text.encode("utf-8"))
    assert "<script" not in text
    assert "<!--" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("count", [0, 1, 60, 150, 450])
def test_nothing_refers_to_anything_outside_the_picture(count: int) -> None:
    root = ET.fromstring(drawn(count))
    ids = {element.get("id") for element in root.iter()}
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name != "style"
            if name == "href":
                assert value.removeprefix("#") in ids
            for target in re.findall(r"url\((.*?)\)", value):
                assert target.removeprefix("#") in ids


def test_the_same_picture_gives_the_same_text() -> None:
    assert drawn(60) == drawn(60)


def test_light_and_dark_are_attributes_and_need_no_style() -> None:
    assert "<style" not in drawn(3)
    assert f'fill="{colours(Theme.DARK)["paper"]}"' in drawn(3, theme=Theme.DARK)


def test_auto_follows_the_readers_setting_and_falls_back_to_light() -> None:
    text = drawn(3, theme=Theme.AUTO)
    assert "prefers-color-scheme:dark" in text
    assert f'class="hw-paper" fill="{colours(Theme.LIGHT)["paper"]}"' in text


def test_the_picture_says_what_it_shows_to_those_who_cannot_see_it() -> None:
    root = ET.fromstring(drawn(3))
    assert root.get("role") == "img"
    assert "3 workers" in (root.get("aria-label") or "")
    assert root.findtext(f"{SVG}title") == "Demo"


def test_a_text_in_the_measured_font_keeps_its_measured_length() -> None:
    root = ET.fromstring(svg(message_picture("Hello", "日本語")))
    hello, japanese = root.iter(f"{SVG}text")
    assert float(hello.get("textLength") or 0) == pytest.approx(50, abs=5)
    assert japanese.get("textLength") is None


def test_a_job_without_workers_is_valid_too() -> None:
    ET.fromstring(svg(picture_of(job(), [], NO_TALLY, at=AT)))
