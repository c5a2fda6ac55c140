"""The page behind proxies: below a prefix, without websockets, with events kept back."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Watch, whole
from tests.e2e.proxy import Proxy, proxied

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

# Two tries at a websocket, and two at events that are given up after six seconds each.
LONG_MS = 180_000

#: The page gives up a websocket that is not made in six seconds, as long as a busy machine may take for the rest of a test.
PATIENT = """const soon = setTimeout;
window.setTimeout = (act, ms, ...more) => soon(act, ms > 5000 ? 600_000 : ms, ...more);"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


@pytest.fixture
def proxy(shared: ServerProcess) -> Iterator[Proxy]:
    with proxied(shared.url) as proxy:
        yield proxy


def report(server: ServerProcess, jobid: str, current: int, workid: str = "w1") -> None:
    words = f"jobid={jobid}&workid={workid}&current={current}&total=10"
    assert requests.get(f"{server.url}/progress/update?{words}", timeout=60).ok


def number_of(server: ServerProcess, name: str) -> int:
    found = requests.get(f"{server.url}/api/v1/jobs", params={"name": name}, timeout=60).json()
    return int(found["jobs"][0]["number"])


def test_behind_a_prefix_every_page_works_and_moves(
    page: Page, shared: ServerProcess, proxy: Proxy
) -> None:
    report(shared, "prefixed", 1)
    watch = Watch(page, shared, own=proxy.url)
    page.goto(f"{proxy.url}/")
    expect(page.locator(".live")).to_have_class("live live-live")
    page.get_by_role("link", name="prefixed", exact=True).click()
    expect(page).to_have_url(f"{proxy.url}/j/{number_of(shared, 'prefixed')}")
    expect(page.locator(".live")).to_have_class("live live-live")
    report(shared, "prefixed", 7)
    expect(whole(page)).to_have_attribute("aria-valuenow", "70")
    page.reload()
    expect(whole(page)).to_have_attribute("aria-valuenow", "70")
    page.get_by_role("link", name="Admin").click()
    expect(page.get_by_role("heading", name="Clusters")).to_be_visible()
    assert watch.is_clean


def test_a_page_that_is_left_before_it_is_connected_leaves_no_complaint_and_no_connection(
    page: Page, shared: ServerProcess, proxy: Proxy
) -> None:
    report(shared, "left-early", 7)
    proxy.websockets_may_open.clear()
    page.add_init_script(PATIENT)
    watch = Watch(page, shared, own=proxy.url)
    with page.expect_websocket() as opened:
        page.goto(f"{proxy.url}/j/{number_of(shared, 'left-early')}")
    expect(whole(page)).to_have_attribute("aria-valuenow", "70")
    page.get_by_role("link", name="Admin").click()
    expect(page.get_by_role("heading", name="Clusters")).to_be_visible()
    with opened.value.expect_event("close"):
        proxy.websockets_may_open.set()
    assert watch.is_clean


def test_without_websockets_the_page_is_live_by_events(
    page: Page, shared: ServerProcess, proxy: Proxy
) -> None:
    proxy.refuses_websockets = True
    report(shared, "by-events", 1)
    page.goto(f"{proxy.url}/j/{number_of(shared, 'by-events')}")
    expect(page.get_by_role("status").filter(has_text="server-sent events")).to_be_visible(
        timeout=LONG_MS
    )
    report(shared, "by-events", 5)
    expect(whole(page)).to_have_attribute("aria-valuenow", "50")


@pytest.mark.parametrize("where", ["list", "job"])
def test_with_events_kept_back_too_the_page_asks_again_and_again(
    page: Page, shared: ServerProcess, proxy: Proxy, where: str
) -> None:
    proxy.refuses_websockets = proxy.keeps_events_back = True
    name = f"polled-{where}"
    report(shared, name, 1)
    path = "" if where == "list" else f"j/{number_of(shared, name)}"
    page.goto(f"{proxy.url}/{path}")
    expect(page.locator(".live-live").filter(has_text="no live connection")).to_be_visible(
        timeout=LONG_MS
    )
    report(shared, name, 5)
    report(shared, name, 5, workid="w2")
    expect(page.get_by_text("50 %").first).to_be_visible(timeout=LONG_MS)


def test_a_list_that_is_asked_for_again_and_again_forgets_what_is_gone(
    page: Page, shared: ServerProcess, proxy: Proxy
) -> None:
    proxy.refuses_websockets = proxy.keeps_events_back = True
    report(shared, "asked-gone", 1)
    report(shared, "asked-stays", 1)
    page.goto(f"{proxy.url}/?q=name:asked-* state:active")
    expect(page.locator(".live-live").filter(has_text="no live connection")).to_be_visible(
        timeout=LONG_MS
    )
    rows = page.locator(".rows .row")
    expect(rows).to_have_count(2)
    report(shared, "asked-gone", 10)
    report(shared, "asked-new", 1)
    expect(page.get_by_role("link", name="asked-new", exact=True)).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_role("link", name="asked-gone", exact=True)).to_have_count(0)
    expect(rows).to_have_count(2)


def test_a_job_that_comes_while_its_siblings_are_being_read_is_shown_with_them(
    page: Page, shared: ServerProcess, proxy: Proxy
) -> None:
    with Client(shared.url) as client:
        whole = client.submit_report(name="read-late")
        first = client.submit_report(name="read-late-1", parent=whole.id)
        page.goto(f"{proxy.url}/")
        expect(page.locator(".live")).to_have_class("live live-live")
        row = page.locator(f"#row-{whole.id}")
        proxy.keeps_back = f"parent={whole.id}"
        row.get_by_role("button", name="Show").click()
        assert proxy.is_kept.wait(60)
        second = client.submit_report(name="read-late-2", parent=whole.id)
        expect(row).to_contain_text("0/2")
        proxy.may_go.set()
        for each in (first, second):
            expect(page.locator(f"#row-{each.id}")).to_be_visible()
