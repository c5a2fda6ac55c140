"""The parts of a large job, on its page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Watch

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

MANY = 203


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 860}) as context:
        yield context.new_page()


def test_failed_parts_come_first_more_can_be_shown_and_one_state_alone(
    page: Page, client: Client, shared: ServerProcess
) -> None:
    sweep = client.submit_report(name="sweep")
    parts = [
        client.submit_report(name=f"part {n}", parent=sweep.id, will_finish=True)
        for n in range(MANY)
    ]
    for each in parts[7:9]:
        client.finish(each.id, exit_code=3)
    watch = Watch(page, shared)
    page.goto(f"{shared.url}/j/{sweep.number}?tab=children")
    rows = page.locator(".children tbody tr")
    expect(rows).to_have_count(200)
    expect(rows.nth(0)).to_contain_text("part 7")
    expect(rows.nth(1)).to_contain_text("part 8")
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(MANY)
    only = page.get_by_role("button", name="2 failed")
    only.click()
    expect(rows).to_have_count(2)
    expect(only).to_have_attribute("aria-pressed", "true")
    client.finish(parts[100].id, exit_code=3)  # the page hears of it
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="3 failed").click()
    expect(rows).to_have_count(200)
    assert watch.is_clean
