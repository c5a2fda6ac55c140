"""moi's own scripts in a browser, unchanged, and ours in their place."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.moi.application import running_application
from tests.moi.conftest import ORIGINALS

from headway.moi.support import moi_js
from headway.sdk.client import Client
from headway.testing.server import ServerProcess

pytestmark = pytest.mark.service("chromium")

_OURS = Path(moi_js()).parent


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(bypass_csp=True) as context:
        yield context.new_page()


@pytest.fixture
def group(shared: ServerProcess, request: pytest.FixtureRequest) -> str:
    """A moi user of this test's own; gives the id of their group."""
    said = httpx.post(f"{shared.url}/moi-ws/users", json={"user": request.node.name}, timeout=60)
    return str(said.json()["id"])


def show(page: Page, server: ServerProcess, scripts: Path, group: str) -> None:
    """Have a page of the server's own address, with no more on it than these scripts and what they show."""
    page.goto(f"{server.url}/healthz")
    for name in ("moi.js", "moi_list.js"):
        page.add_script_tag(path=scripts / name)
    page.evaluate("group => moi_list.init(group)", group)


def new_job(client: Client, group: str, name: str, url: str | None = "/result") -> str:
    """Make a job that says itself how it is."""
    kept = {"moi": {"url": url}} if url else {}
    spec = {"kind": "report", "will_finish": True, "name": name, "groups": [group], "extra": kept}
    headers = {"content-type": "application/json"}
    said = httpx.post(
        f"{client.url}/api/v1/jobs", content=json.dumps(spec), headers=headers, timeout=60
    )
    return str(said.json()["id"])


@pytest.mark.parametrize("scripts", [ORIGINALS, _OURS], ids=["originals", "ours"])
def test_a_list_shows_what_comes_how_it_is_and_how_it_ends(
    page: Page, shared: ServerProcess, client: Client, group: str, scripts: Path
) -> None:
    early = new_job(client, group, "early")
    show(page, shared, scripts, group)
    rows = page.locator("#moi-list p")
    expect(rows).to_have_count(1)
    late = new_job(client, group, "late")
    expect(rows).to_have_count(2)
    client.set_status_text(early, "half way")
    expect(page.locator(f"[id='{early}']")).to_contain_text("early: half way")
    client.finish(early)
    link = page.locator(f"[id='{early}'] a")
    expect(link).to_have_text("Success")
    expect(link).to_have_attribute("href", re.compile(f"/result/{early}$"))
    page.locator(f"[id='{late}'] input").click()
    expect(rows).to_have_count(1)
    show(page, shared, scripts, group)
    expect(rows).to_have_count(1)
    expect(link).to_have_text("Success")


@pytest.mark.parametrize("scripts", [ORIGINALS, _OURS], ids=["originals", "ours"])
def test_a_group_in_a_list_leads_to_its_own(
    page: Page, shared: ServerProcess, client: Client, group: str, scripts: Path
) -> None:
    show(page, shared, scripts, group)
    body = {"name": "inner", "parent": group, "url": "/group"}
    inner = httpx.post(f"{shared.url}/moi-ws/groups", json=body, timeout=60).json()["id"]
    job = new_job(client, inner, "deep")
    expect(page.locator(f"[id='{inner}'] a")).to_have_text("Group details")
    expect(page.locator("#moi-list p")).to_have_count(1)
    show(page, shared, scripts, inner)
    expect(page.locator(f"[id='{job}']")).to_contain_text("deep: Running")


def test_our_list_comes_back_after_the_server_was_away_and_shows_what_it_missed(
    page: Page, shared: ServerProcess, client: Client, group: str
) -> None:
    job = new_job(client, group, "long")
    show(page, shared, _OURS, group)
    expect(page.locator(f"[id='{job}']")).to_contain_text("long: Running")
    port = int(shared.url.rpartition(":")[2])
    shared.kill()
    shared.start(port=port)
    client.set_status_text(job, "after all")
    expect(page.locator(f"[id='{job}']")).to_contain_text("after all")


@pytest.mark.parametrize("url", ["/result", "javascript:window.pwned=1//"])
def test_our_list_sets_text_as_text(
    page: Page, shared: ServerProcess, client: Client, group: str, url: str
) -> None:
    evil = "<img src=x onerror='window.pwned=1'>"
    job = new_job(client, group, evil, url)
    show(page, shared, _OURS, group)
    client.set_status_text(job, evil)
    expect(page.locator(f"[id='{job}']")).to_contain_text(f"{evil}: {evil}")
    client.finish(job)
    expect(page.locator(f"[id='{job}']")).to_contain_text("Success")
    assert page.locator("#moi-list img").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert page.evaluate("window.pwned") is None


def show_list(page: Page, server: ServerProcess, group: str, *words: str) -> None:
    """Have a page of the server's own with our list on it."""
    page.goto(f"{server.url}/healthz")
    page.add_script_tag(url=f"{server.url}/moi-ws/headway-list.js")
    page.evaluate(
        """([group, words]) => {
          const list = document.createElement('headway-list');
          list.setAttribute('group', group);
          for (const word of words) list.setAttribute(word, '');
          document.body.replaceChildren(list);
        }""",
        [group, list(words)],
    )


def test_a_headway_list_shows_a_group_and_all_below_it_as_it_is(
    page: Page, shared: ServerProcess, client: Client, group: str
) -> None:
    body = {"name": "inner", "parent": group, "url": "/group"}
    inner = httpx.post(f"{shared.url}/moi-ws/groups", json=body, timeout=60).json()["id"]
    top, deep = new_job(client, group, "top"), new_job(client, inner, "deep")
    show_list(page, shared, group, "removable")
    rows = page.locator("headway-list li")
    expect(rows).to_have_count(3)
    client.set_status_text(deep, "half way")
    expect(rows.filter(has_text="inner").locator("li")).to_contain_text("deephalf way")
    client.finish(top)
    expect(rows.filter(has_text="top").get_by_role("link")).to_have_text("Success")
    page.get_by_role("button", name="Remove inner").click()
    expect(rows).to_have_count(1)


def test_a_headway_list_shows_what_is_below_its_group_and_nothing_else(
    page: Page, shared: ServerProcess, client: Client, group: str
) -> None:
    other, inner = (
        client.create_group(name, parent=place).id
        for name, place in (("other", None), ("inner", group))
    )
    show_list(page, shared, group)
    rows = page.locator("headway-list li")
    job = new_job(client, other, "elsewhere")
    client.add_to_group(other, groups=[inner])
    new_job(client, inner, "deep")
    expect(rows).to_have_text(["innerdeepRunning", "deepRunning"])
    client.add_to_group(inner, jobs=[job])
    expect(rows).to_have_count(3)
    client.remove_from_group(group, inner)
    expect(rows).to_have_count(0)
    client.add_to_group(group, groups=[inner])
    expect(rows).to_have_count(3)
    client.remove_from_group(inner, job)
    expect(rows).to_have_text(["innerdeepRunning", "deepRunning"])


def test_our_list_follows_what_is_in_another_group_too(
    page: Page, shared: ServerProcess, client: Client, group: str
) -> None:
    other = client.create_group("other").id
    show(page, shared, _OURS, group)
    job = new_job(client, other, "shared")
    client.add_to_group(group, jobs=[job])
    rows = page.locator("#moi-list p")
    expect(rows).to_have_count(1)
    client.remove_from_group(group, job)
    expect(rows).to_have_count(0)
    client.add_to_group(group, jobs=[job])
    expect(rows).to_have_count(1)


def test_a_headway_list_sets_text_as_text_and_comes_back(
    page: Page, shared: ServerProcess, client: Client, group: str
) -> None:
    evil = "<img src=x onerror='window.pwned=1'>"
    job = new_job(client, group, evil, "javascript:window.pwned=1//")
    gone = new_job(client, group, "gone")
    show_list(page, shared, group)
    expect(page.locator("headway-list li")).to_have_count(2)
    port = int(shared.url.rpartition(":")[2])
    shared.kill()
    expect(page.locator("headway-list").get_by_role("status")).to_contain_text("trying again")
    shared.start(port=port)
    client.set_status_text(job, evil)
    client.remove_from_group(group, gone)
    client.finish(job)
    rows = page.locator("headway-list li")
    expect(rows).to_have_text([f"{evil}Success"])
    assert page.locator("headway-list img, headway-list a").count() == 0
    assert page.evaluate("window.pwned") is None


def test_the_example_application_works_in_a_browser_with_its_own_scripts(
    page: Page, shared: ServerProcess, tmp_path: Path
) -> None:
    with running_application(tmp_path, shared) as url:
        page.goto(url)
        page.locator("input[name=jobname]").fill("grace")
        page.get_by_role("button", name="Submit a job").click()
        row = page.locator("#moi-list p", has_text="grace")
        expect(row.locator("a")).to_have_text("Success")
        row.locator("a").click()
        expect(page.locator("table")).to_contain_text("hello from grace!")
        page.get_by_text("Go home").click()
        page.locator("input[name=jobgroup]").fill("crowd")
        page.get_by_role("button", name="Submit a group of jobs").click()
        page.get_by_text("Group details").click()
        expect(page.locator("#moi-list p a")).to_have_count(5)
