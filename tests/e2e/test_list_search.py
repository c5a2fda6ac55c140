"""Searching the list of jobs in Chromium: the filter is live, in the address, suggested, saved."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import point_at_undo, until
from tests.e2e.test_list_page import create, names, open_list, row

from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1400, "height": 800}) as context:
        yield context.new_page()


def query_of(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query).get("q", [""])[0]


def finish(server: ServerProcess, job_id: str) -> None:
    answer = requests.post(f"{server.url}/api/v1/jobs/{job_id}/finish", json={}, timeout=60)
    assert answer.status_code == 200, answer.text


def test_a_search_filters_while_it_is_typed_and_is_in_the_address(
    page: Page, shared: ServerProcess
) -> None:
    create(shared, name="apple tart")
    create(shared, name="pear cake")
    open_list(page, shared)
    page.keyboard.press("/")
    page.keyboard.type("apple")
    expect(page.locator(".rows .row")).to_have_count(1)
    assert names(page) == ["apple tart"]
    expect(page).to_have_url(f"{shared.url}/?q=apple")  # once no more is typed
    page.reload()
    expect(page.locator(".rows .row")).to_have_count(1)
    expect(page.get_by_role("combobox", name="Search jobs")).to_have_value("apple")
    page.get_by_role("button", name="Clear the search").click()
    expect(row(page, "pear cake")).to_be_visible()
    expect(page).to_have_url(f"{shared.url}/")


def test_a_search_stays_live_both_ways(page: Page, shared: ServerProcess) -> None:
    stays = create(shared, name="still going", labels=["live-search"])
    open_list(page, shared, "label:live-search state:active")
    create(shared, name="of no interest")
    create(shared, name="just begun", labels=["live-search"])
    expect(row(page, "just begun")).to_be_visible()
    expect(row(page, "of no interest")).to_have_count(0)
    finish(shared, stays)
    expect(row(page, "still going")).to_have_count(0)
    assert names(page) == ["just begun"]


def test_the_server_says_what_it_does_not_understand_and_where(
    page: Page, shared: ServerProcess
) -> None:
    create(shared, name="kept while typing")
    open_list(page, shared)
    box = page.get_by_role("combobox", name="Search jobs")
    box.fill("kept stat:failed")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("did you mean state?")
    expect(page.locator(".search-place mark")).to_have_text("stat:failed")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(row(page, "kept while typing")).to_be_visible()
    box.fill("kept")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_suggestion_is_taken_with_keys(page: Page, shared: ServerProcess) -> None:
    finish(shared, create(shared, name="has ended", labels=["suggested"]))
    create(shared, name="has not ended", labels=["suggested"])
    open_list(page, shared)
    box = page.get_by_role("combobox", name="Search jobs")
    box.press_sequentially("label:suggested state:succ")
    expect(page.locator("#suggestions").get_by_role("option")).to_have_text(
        ["state:succeededstate"]
    )
    box.press("ArrowDown")
    expect(page.get_by_role("option", selected=True, name="state:succeeded")).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value("label:suggested state:succeeded ")
    expect(page.locator(".rows .row")).to_have_count(1)
    assert names(page) == ["has ended"]


def test_a_search_that_finds_nothing_says_how_to_widen_it(
    page: Page, shared: ServerProcess
) -> None:
    create(shared, name="narrow", labels=["widen"])
    page.goto(f"{shared.url}/?q=label:widen+state:failed")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_role("link", name="without state:failed").click()
    expect(row(page, "narrow")).to_be_visible()
    until(lambda: query_of(page) == "label:widen")


def test_a_search_that_found_nothing_becomes_the_list_when_something_comes(
    page: Page, shared: ServerProcess
) -> None:
    page.goto(f"{shared.url}/?q=label:to-come")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    create(shared, name="here now", labels=["to-come"])
    expect(row(page, "here now")).to_be_visible()


def test_a_label_leads_to_the_jobs_that_have_it(page: Page, shared: ServerProcess) -> None:
    create(shared, name="spaced", labels=["beam line 7"])
    open_list(page, shared)
    row(page, "spaced").get_by_role("link", name="beam line 7").click()
    expect(page.get_by_role("combobox", name="Search jobs")).to_have_value('label:"beam line 7"')
    expect(page.locator(".rows .row")).to_have_count(1)


def test_a_search_is_saved_chosen_and_deleted(page: Page, shared: ServerProcess) -> None:
    create(shared, name="kept", labels=["kept"])
    open_list(page, shared, "label:kept")
    filters = page.get_by_role("button", name="Filters")
    filters.click()
    page.get_by_role("button", name="Save this search…").click()
    page.get_by_label("Name", exact=True).fill("my kept ones")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Saved as “my kept ones”")
    open_list(page, shared)
    filters.click()
    page.get_by_role("button", name="my kept ones label:kept").click()
    until(lambda: query_of(page) == "label:kept")
    filters.click()
    page.get_by_role("button", name="Delete the filter my kept ones").click()
    point_at_undo(page)
    expect(page.get_by_text("No search is saved yet.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    filters.click()
    expect(page.get_by_role("button", name="my kept ones label:kept")).to_be_visible()
