"""The live page and the front page in Chromium."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Watch

from headway.testing.server import ServerProcess

pytestmark = pytest.mark.service("chromium")

HOUR_S = 3600


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


def update(server: ServerProcess, **parameters: object) -> None:
    answer = requests.get(f"{server.url}/progress/update?{urlencode(parameters)}", timeout=60)
    assert answer.status_code == 200


def show(server: ServerProcess, jobid: str) -> str:
    return f"{server.url}/progress/show?jobid={jobid}"


def test_a_page_moves_with_its_job_and_is_not_loaded_again(
    page: Page, shared: ServerProcess
) -> None:
    update(shared, jobid="live", workid="w1", current=5, total=22)
    # By itself the page would look once an hour.
    page.goto(f"{show(shared, 'live')}&interval={HOUR_S}")
    page.evaluate("window.same = true")
    expect(page.locator("html")).to_have_attribute("data-live", "yes")
    before = page.locator("img.picture").get_attribute("src")
    update(shared, jobid="live", workid="w1", current=11, total=22)
    expect(page).to_have_title("50 % live")
    picture = page.locator("img.picture")
    assert picture.get_attribute("src") != before
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    assert page.evaluate("window.same") is True


def test_a_page_that_waits_for_its_job_shows_it_once_it_is_created(
    page: Page, shared: ServerProcess
) -> None:
    answer = page.goto(f"{show(shared, 'to-come')}&interval=1")
    assert answer is not None
    assert answer.status == 404
    expect(page).to_have_title("No such job yet")
    update(shared, jobid="to-come", workid="w1", current=1, total=4)
    expect(page).to_have_title("25 % to-come")


def test_a_page_goes_on_moving_when_its_name_is_taken_by_a_new_job(
    page: Page, shared: ServerProcess
) -> None:
    update(shared, jobid="again", workid="w1", current=3, total=4)
    page.goto(f"{show(shared, 'again')}&interval={HOUR_S}")
    expect(page.locator("html")).to_have_attribute("data-live", "yes")
    requests.get(f"{shared.url}/progress/create?jobid=again&desc=second", timeout=60)
    expect(page).to_have_title("second")
    update(shared, jobid="again", workid="w1", current=1, total=4)
    expect(page).to_have_title("25 % second")


def test_a_page_that_was_there_before_its_job_moves_with_it(
    page: Page, shared: ServerProcess
) -> None:
    page.clock.install()
    page.goto(f"{show(shared, 'before')}&interval={HOUR_S}")
    update(shared, jobid="before", workid="w1", current=1, total=4)
    page.clock.fast_forward(HOUR_S * 1000)
    expect(page).to_have_title("25 % before")
    update(shared, jobid="before", workid="w1", current=2, total=4)
    expect(page).to_have_title("50 % before")


def test_without_javascript_the_page_shows_the_picture_and_loads_itself_again(
    chromium: Browser, shared: ServerProcess
) -> None:
    update(shared, jobid="still", workid="w1", current=1, total=4)
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{show(shared, 'still')}&interval=1")
        first = page.locator("img.picture").get_attribute("src")
        update(shared, jobid="still", workid="w1", current=3, total=4)
        expect(page).to_have_title("75 % still")
        assert page.locator("img.picture").get_attribute("src") != first


@pytest.mark.parametrize(("width", "natural"), [(390, 400), (1280, 900)])
def test_the_picture_suits_the_width_of_the_page(
    chromium: Browser, shared: ServerProcess, width: int, natural: int
) -> None:
    update(shared, jobid="wide", workid="w1", current=1, total=4)
    with chromium.new_context(viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(show(shared, "wide"))
        assert page.locator("img.picture").evaluate("image => image.naturalWidth") == natural
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0


def test_a_page_asks_nobody_but_its_server(page: Page, shared: ServerProcess) -> None:
    update(shared, jobid="own", workid="w1", current=1, total=4)
    watch = Watch(page, shared)
    page.goto(show(shared, "own"))
    assert watch.is_clean


def test_the_light_page_leads_to_the_full_one_and_to_the_list(
    page: Page, shared: ServerProcess
) -> None:
    update(shared, jobid="linked", workid="w1", current=1, total=4)
    watch = Watch(page, shared)
    page.goto(show(shared, "linked"))
    page.get_by_role("link", name="Full page").click()
    expect(page.get_by_role("heading", name="linked")).to_be_visible()
    page.goto(show(shared, "linked"))
    page.get_by_role("link", name="Jobs").click()
    expect(page.get_by_role("link", name="linked", exact=True)).to_be_visible()
    assert watch.is_clean


def test_the_page_of_a_fresh_server_says_how_to_begin_and_becomes_the_list(
    page: Page, server: ServerProcess
) -> None:
    page.goto(f"{server.url}/")
    expect(page.get_by_role("heading", name="No jobs yet")).to_be_visible()
    lines = page.locator("pre, code").filter(has_text=server.url)
    assert lines.count() >= 6
    update(server, jobid="first", workid="w1", current=1, total=4)
    expect(page.get_by_role("link", name="first", exact=True)).to_be_visible()
