"""Every page looked at: axe finds nothing in light and dark, nothing sticks out, and pictures are kept for people."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from tests.e2e.conftest import until
from tests.e2e.scene import Scene, set_up

from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

_TABS: Final = ("workers", "log", "timeline", "counters", "io", "details", "events", "share")
PLACES: Final[Mapping[str, str]] = {
    "list": "",
    "list-filtered": "?q=label:nightly",
    "list-nothing-found": "?q=name:nowhere",
    "list-not-understood": "?q=state:(",
    **{f"job-{tab}": f"j/{{moving}}?tab={tab}" for tab in _TABS},
    **{f"failed-{tab}": f"j/{{failed}}?tab={tab}" for tab in ("log", "timeline", "details", "io")},
    "job-staged": "j/{staged}?tab=io",
    "job-array": "j/{array}",
    "job-waiting": "j/{waiting}",
    "job-missing": "j/999999",
    "admin": "admin",
    "login": "login",
    "progress": "progress/show?id={moving}",
    "progress-failed": "progress/show?id={failed}",
}
#: WCAG 2.2 A and AA, and what axe's makers call good practice.
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_STILL: Final = (
    "!document.querySelector('[aria-busy=true], .job-reading') && document.querySelector('h1')"
)


Theme: TypeAlias = Literal["light", "dark"]


class Look(NamedTuple):
    """A theme, and a window's size in pixels."""

    theme: Theme
    viewport: ViewportSize


LOOKS: Final = {
    "light": Look("light", {"width": 1280, "height": 860}),
    "dark": Look("dark", {"width": 1280, "height": 860}),
    "phone": Look("light", {"width": 390, "height": 844}),
}


@pytest.fixture(scope="module")
def scene(shared: ServerProcess) -> Scene:
    return set_up(shared)


@pytest.fixture(scope="module", params=LOOKS)
def look(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[str, Page]]:
    """A look's name, and a page that looks so. One for all places: to make another costs more than to look at most of them."""
    theme, viewport = LOOKS[request.param]
    with chromium.new_context(color_scheme=theme, viewport=viewport) as context:
        yield request.param, context.new_page()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    until(lambda: page.evaluate(_STILL))


def _ids(scene: Scene) -> Mapping[str, str]:
    return {name: getattr(scene, name) for name in scene.__struct_fields__}


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing_and_nothing_sticks_out(
    look: tuple[str, Page],
    shared: ServerProcess,
    scene: Scene,
    axe: str,
    pictures: Path,
    place: str,
) -> None:
    name, page = look
    _open(page, f"{shared.url}/{PLACES[place].format(**_ids(scene))}")
    page.screenshot(path=pictures / f"{place}-{name}.png", full_page=True)
    assert found_by_axe(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def found_by_axe(page: Page, axe: str) -> list[str]:
    """Give what axe complains about, and where."""
    page.evaluate(axe)
    found = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", _RULES
    )
    return [
        f"{broken['id']}: {node['html'][:300]} {node.get('failureSummary', '')}"
        for broken in found["violations"]
        for node in broken["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_first_page_of_a_fresh_server_is_fit_to_be_seen(
    chromium: Browser, server: ServerProcess, axe: str, pictures: Path, theme: Theme
) -> None:
    with chromium.new_context(color_scheme=theme) as context:
        page = context.new_page()
        _open(page, f"{server.url}/")
        page.screenshot(path=pictures / f"first-run-{theme}.png", full_page=True)
        assert found_by_axe(page, axe) == []


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_a_chosen_theme_counts_more_than_the_system_s_and_is_kept(
    chromium: Browser, shared: ServerProcess, scene: Scene, choice: Theme
) -> None:
    assert scene.moving
    other: Theme = "dark" if choice == "light" else "light"
    with chromium.new_context(color_scheme=other) as context:
        page = context.new_page()
        _open(page, f"{shared.url}/admin")
        before = _ground(page)
        page.get_by_label("Colours").select_option(choice)
        until(lambda: _ground(page) != before)
        chosen = _ground(page)
        page.reload()
        until(lambda: page.evaluate(_STILL))
        assert _ground(page) == chosen


def _ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))
