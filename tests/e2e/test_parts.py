"""The parts of a large job, on its page."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Watch

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

MANY = 403


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 860}) as context:
        yield context.new_page()


def test_failed_parts_come_first_more_can_be_shown_and_one_state_alone(
    page: Page, client: Client, shared: ServerProcess
) -> None:
    sweep = client.submit_report(name="sweep")
    wanted = [
        {"kind": "report", "name": f"part {n}", "parent": sweep.id, "will_finish": True}
        for n in range(MANY)
    ]
    made = requests.post(f"{shared.url}/api/v1/jobs/many", json={"jobs": wanted}, timeout=60)
    parts = [client.job(each["id"]) for each in made.json()["jobs"][7:10]]
    for each in parts[:2]:
        client.finish(each.id, exit_code=3)
    watch = Watch(page, shared)
    page.goto(f"{shared.url}/j/{sweep.number}?tab=children")
    rows = page.locator(".children tbody tr")
    expect(rows).to_have_count(200)
    expect(rows.nth(0)).to_contain_text("part 7")
    expect(rows.nth(1)).to_contain_text("part 8")
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(400)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(MANY)
    only = page.get_by_role("button", name="2 failed")
    only.click()
    expect(rows).to_have_count(2)
    expect(only).to_have_attribute("aria-pressed", "true")
    client.finish(parts[2].id, exit_code=3)  # the page hears of it
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="3 failed").click()
    expect(rows).to_have_count(200)
    assert watch.is_clean


def test_an_array_has_elements_and_any_other_job_with_jobs_in_it_has_parts(
    page: Page, client: Client, shared: ServerProcess
) -> None:
    array = client.submit(["true"], array={"indices": "3-4"}, name="sweep of two")
    client.wait(array.id, timeout_s=60)
    page.goto(f"{shared.url}/j/{array.number}")
    expect(page.get_by_role("tab", name="Elements")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="Parts")).to_have_count(0)
    page.get_by_role("tab", name="Log").click()
    expect(page.get_by_text("Each of its elements has one of its own.")).to_be_visible()
    page.get_by_role("tab", name="Elements").click()
    page.locator(".child-name a").first.click()
    expect(page.get_by_role("link", name=f"element 3 of #{array.number}")).to_be_visible()
    whole = client.submit_report(name="whole")
    part = client.submit(["true"], parent=whole.id)
    page.goto(f"{shared.url}/j/{whole.number}")
    expect(page.get_by_role("tab", name="Parts")).to_have_attribute("aria-selected", "true")
    page.goto(f"{shared.url}/j/{part.number}")
    expect(page.get_by_role("link", name=f"part of #{whole.number}")).to_be_visible()
