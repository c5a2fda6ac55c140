"""The page of groups in Chromium: a tree with bars, live, whatever the groups are called."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.e2e.conftest import Watch
from tests.e2e.payloads import PAYLOADS
from tests.e2e.test_list_page import names

from headway.core.model.group import LONGEST_NAME, has_controls
from headway.sdk.client import Client
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1400, "height": 800}) as context:
        yield context.new_page()


def row(page: Page, name: str) -> Locator:
    """Give the rows of the groups of a name."""
    return page.locator(".group-row", has=page.get_by_role("link", name=name, exact=True))


def test_a_tree_of_groups_follows_what_happens_and_leads_to_their_jobs(
    page: Page, shared: ServerProcess, client: Client
) -> None:
    watch = Watch(page, shared)
    client.create_group("nightly", group_id="n")
    client.create_group("fits", group_id="f", parent="n")
    client.submit_report(name="a fit", groups=["f"])
    client.submit_report(name="other")
    page.goto(f"{shared.url}/groups")
    expect(row(page, "fits").get_by_role("img")).to_have_attribute("aria-label", "1 running")
    ends = client.submit_report(name="a second fit", groups=["n"])
    expect(row(page, "nightly").locator(".roll-words")).to_have_text("2 running")
    client.finish(ends.id)
    expect(row(page, "nightly").locator(".roll-words")).to_have_text("1 succeeded, 1 running")
    client.create_group("late", group_id="l", parent="f")
    expect(row(page, "late").locator(".roll-words")).to_have_text("no jobs")
    page.get_by_role("button", name="Fold nightly").click()
    expect(row(page, "fits")).to_have_count(0)
    page.get_by_role("link", name="nightly", exact=True).click()
    expect(page.locator(".rows .row")).to_have_count(2)
    assert sorted(names(page)) == ["a fit", "a second fit"]
    assert watch.is_clean


def test_hostile_names_stay_text(
    page: Page, shared: ServerProcess, client: Client, axe: str
) -> None:
    watch = Watch(page, shared)
    client.create_group("hostile", group_id="hostile")
    hostile = [
        text.strip()
        for text in PAYLOADS
        if 0 < len(text.strip()) <= LONGEST_NAME and not has_controls(text)
    ]
    for number, name in enumerate(hostile):
        client.create_group(name, group_id=f"{number}{name}"[:200], url=name, parent="hostile")
    page.goto(f"{shared.url}/groups?id=hostile")
    expect(page.locator(".group-row")).to_have_count(len(hostile) + 1)
    assert page.evaluate("window.hacked") is None
    addresses = page.locator(".group-url").evaluate_all("all => all.map(one => one.protocol)")
    assert set(addresses) <= {"http:", "https:"}
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']})")
    assert [one["id"] for one in found["violations"]] == []
    assert watch.is_clean
