"""The page of groups in Chromium: a tree with bars, live, whatever the groups are called."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.e2e.conftest import Watch, point_at_undo
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
    page.get_by_role("button", name="What to do with nightly").click()
    page.get_by_role("menuitem", name="Show its jobs").click()
    expect(page.locator(".rows .row")).to_have_count(2)
    assert sorted(names(page)) == ["a fit", "a second fit"]
    assert watch.is_clean


def test_a_group_is_made_filled_emptied_and_forgotten_on_its_page(
    page: Page, shared: ServerProcess, client: Client
) -> None:
    watch = Watch(page, shared)
    job = client.submit_report(name="lonely")
    page.goto(f"{shared.url}/groups")
    page.get_by_role("button", name="New group…").click()
    page.get_by_label("Name").fill("made here")
    page.get_by_role("button", name="Make it").click()
    row(page, "made here").get_by_role("link", name="made here").click()
    expect(page.get_by_text("There is nothing in it.")).to_be_visible()
    page.get_by_role("button", name="Add…").click()
    page.locator("dialog input").first.fill(f"#{job.number}")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".group-job")).to_have_count(1)
    page.get_by_role("button", name="Remove lonely from the group").click()
    point_at_undo(page)
    expect(page.locator(".group-job")).to_have_count(0)
    assert client.job(job.id).cancel is None
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".group-job")).to_have_count(1)
    page.get_by_role("button", name="Cancel all running…").click()
    page.get_by_role("button", name="Cancel 1 job").click()
    expect(page.locator(".group-job .state-cancelled")).to_have_count(1)
    page.get_by_role("button", name="What to do with made here").click()
    page.get_by_role("menuitem", name="Delete…").click()
    page.get_by_role("button", name="Delete the group").click()
    expect(page.get_by_role("heading", name="Groups", exact=True)).to_be_visible()
    expect(row(page, "made here")).to_have_count(0)
    assert client.job(job.id).state == "cancelled"
    assert watch.is_clean


def test_a_jobs_page_leads_to_its_groups_and_takes_it_in_and_out(
    page: Page, shared: ServerProcess, client: Client
) -> None:
    client.create_group("<b>first</b>", group_id="first/1")
    client.create_group("second", group_id="second")
    job = client.submit_report(name="in groups", groups=["first/1"])
    page.goto(f"{shared.url}/j/{job.number}")
    head = page.locator(".job-facts .j-group-links")
    expect(head).to_have_text("<b>first</b>")
    page.get_by_role("tab", name="Details").click()
    page.get_by_role("button", name="Add to a group…").click()
    page.locator("dialog select").select_option("second")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(head.get_by_role("link")).to_have_count(2)
    page.get_by_role("button", name="Remove from second").click()
    expect(head).to_have_text("<b>first</b>")
    head.get_by_role("link").click()
    expect(page.get_by_role("heading", name="<b>first</b>")).to_be_visible()
    expect(page.locator(".group-job")).to_have_count(1)


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
    expect(page.locator(".group-row")).to_have_count(len(hostile))
    assert page.evaluate("window.hacked") is None
    addresses = page.locator(".group-url").evaluate_all("all => all.map(one => one.protocol)")
    assert set(addresses) <= {"http:", "https:"}
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']})")
    assert [one["id"] for one in found["violations"]] == []
    assert watch.is_clean


def test_a_groups_name_turns_no_words_around_in_the_pages_title(
    page: Page, shared: ServerProcess, client: Client
) -> None:
    client.create_group("\u202ecod\u2066.exe", group_id="turned")
    page.goto(f"{shared.url}/groups?id=turned")
    expect(page).to_have_title("\ufffdcod\ufffd.exe · Headway")
    expect(page.get_by_role("heading", level=1)).to_have_text("\ufffdcod\ufffd.exe")


def test_without_javascript_the_page_leads_to_plain_ones(
    chromium: Browser, shared: ServerProcess, client: Client
) -> None:
    client.create_group("plain", group_id="plain/1")
    client.create_group("below plain", group_id="plain/2", parent="plain/1")
    job = client.submit_report(name="a plain job", groups=["plain/2"])
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{shared.url}/groups?id=plain%2F1")
        page.get_by_role("link", name="your groups").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("plain")
        page.get_by_role("link", name="below plain").click()
        expect(page.get_by_role("row", name="a plain job")).to_contain_text("running")
        page.get_by_role("link", name="a plain job").click()
        expect(page).to_have_title("a plain job")
        page.goto(f"{shared.url}/j/{job.number}")
        page.get_by_role("link", name="the newest jobs").click()
        page.get_by_role("link", name="groups", exact=True).click()
        expect(page.get_by_role("link", name="plain", exact=True)).to_be_visible()
