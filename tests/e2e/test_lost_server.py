"""The server is gone and comes back: the page says so, and goes on without a gap or a doubled row."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import whole

from headway.testing.server import ServerProcess, running_server

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

BACK_MS = 180_000  # the longest pause between two tries is half a minute


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with running_server(tmp_path / "data", arguments=("--settle", "2s")) as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


def report(server: ServerProcess, jobid: str, current: int) -> None:
    words = f"jobid={jobid}&workid=w1&current={current}&total=10"
    assert requests.get(f"{server.url}/progress/update?{words}", timeout=60).ok


def crash(server: ServerProcess) -> int:
    """Kill the server; gives the port it had."""
    port = urlsplit(server.url).port
    assert port is not None
    server.kill()
    return port


def test_the_list_says_that_the_server_is_gone_and_misses_nothing(
    page: Page, server: ServerProcess
) -> None:
    for n in range(3):
        report(server, f"before-{n}", 2)
    page.goto(f"{server.url}/")
    names = page.locator(".rows .cell-name").get_by_role("link")
    expect(page.locator(".live")).to_have_class("live live-live")
    port = crash(server)
    expect(page.get_by_role("status").filter(has_text="Connection lost")).to_be_visible()
    expect(names).to_have_text(["before-2", "before-1", "before-0"])
    server.start(port=port)
    report(server, "while-away", 1)
    report(server, "before-1", 5)
    expect(page.locator(".live")).to_have_class("live live-live", timeout=BACK_MS)
    expect(names).to_have_text(["while-away", "before-2", "before-1", "before-0"])
    expect(page.get_by_role("row").filter(has_text="before-1")).to_contain_text("50 %")
    report(server, "after", 1)
    expect(names).to_have_text(["after", "while-away", "before-2", "before-1", "before-0"])


def test_a_job_s_page_goes_on_where_it_was(page: Page, server: ServerProcess) -> None:
    report(server, "steady", 1)
    page.goto(f"{server.url}/j/1?tab=workers")
    expect(whole(page)).to_have_attribute("aria-valuenow", "10")
    port = crash(server)
    expect(page.get_by_role("status").filter(has_text="Connection lost")).to_be_visible()
    expect(whole(page)).to_have_attribute("aria-valuenow", "10")
    server.start(port=port)
    report(server, "steady", 6)
    expect(whole(page)).to_have_attribute("aria-valuenow", "60", timeout=BACK_MS)
    workers = page.get_by_role("table", name="Workers").get_by_role("row")
    expect(workers).to_have_count(2)  # the head, and the one worker
    report(server, "steady", 10)
    expect(whole(page)).to_have_attribute("aria-valuenow", "100")


def test_trying_again_can_be_asked_for(page: Page, server: ServerProcess) -> None:
    report(server, "impatient", 1)
    page.clock.install()
    page.goto(f"{server.url}/")
    expect(page.locator(".live")).to_have_class("live live-live")
    port = crash(server)
    again = page.get_by_role("button", name="Try now")
    expect(again).to_be_visible()
    # From here on the page's own tries would be for ever to come.
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))  # noqa: TID251 -- the browser's
    expect(again).to_be_visible()
    server.start(port=port)
    again.click()
    expect(page.locator(".live")).to_have_class("live live-live")
