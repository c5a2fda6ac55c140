"""The page by somebody who presses only keys."""

import re
from collections.abc import Callable, Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import until

from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

MOST_TABS = 60


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(reduced_motion="reduce") as context:
        yield context.new_page()


def submit(server: ServerProcess, **body: object) -> int:
    made = requests.post(f"{server.url}/api/v1/jobs", json=body, timeout=60)
    assert made.status_code == 201, made.text
    return int(made.json()["number"])


def focused(page: Page) -> str:
    """Give the words of what has the focus."""
    return str(
        page.evaluate(
            "(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent).trim()"
        )
    )


def tab_to(page: Page, is_there: Callable[[], bool]) -> None:
    """Press Tab until the focus is where it is wanted; what has it must always be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(f"document.activeElement === document.body || {outline} !== 'none'"), (
            f"nobody sees that {focused(page)!r} has the focus"
        )
        if is_there():
            return
    raise AssertionError("Tab never leads there")


def test_a_job_is_found_opened_read_and_cancelled(page: Page, server: ServerProcess) -> None:
    submit(server, command=["sleep", "300"], name="other")
    number = submit(
        server, command=["sh", "-c", "echo hello from the job; exec sleep 300"], name="wanted"
    )
    page.goto(f"{server.url}/")
    expect(page.get_by_role("link", name="wanted", exact=True)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("name:wanted")
    expect(page).to_have_url(re.compile("[?]q=name(:|%3A)wanted$"))
    expect(page.locator(".rows .row")).to_have_count(1)
    page.keyboard.press("Escape")  # the suggestions
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    expect(page.locator(".rows .is-current")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{server.url}/j/{number}")
    tabs = page.get_by_role("tablist")
    expect(tabs).to_be_visible()
    tab_to(page, lambda: tabs.locator(":focus").count() == 1)
    page.keyboard.press("Home")
    for _ in range(MOST_TABS):
        if focused(page) == "Log":
            break
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel")).to_contain_text("hello from the job")
    page.keyboard.press("Shift+Tab")
    for _ in range(MOST_TABS):
        if focused(page).startswith("Cancel"):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    until(lambda: focused(page).startswith("Cancel"))
    page.keyboard.press("Enter")
    tab_to(page, lambda: focused(page) == "Cancel the job")
    page.keyboard.press("Enter")
    expect(page.locator(".state-cancelled").first).to_be_visible()


def test_rows_are_chosen_and_help_is_there(page: Page, server: ServerProcess) -> None:
    for n in range(3):
        submit(server, kind="report", name=f"job-{n}")
    page.goto(f"{server.url}/")
    rows = page.locator(".rows .row")
    expect(rows).to_have_count(3)
    for key in "jxjx":
        page.keyboard.press(key)
    expect(page.locator(".rows [aria-selected=true]")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator(".rows [aria-selected=true]")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_first_key_leads_past_the_head_of_the_page(page: Page, server: ServerProcess) -> None:
    page.goto(f"{server.url}/admin")
    expect(page.get_by_role("heading", name="Admin")).to_be_visible()
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"
    page.keyboard.press("Enter")
    until(lambda: page.evaluate("document.activeElement.id") == "main")
    expect(page.get_by_text("Make a token")).to_be_visible()
    tab_to(page, lambda: focused(page) == "Make a token")


def test_a_token_is_revoked(page: Page, server: ServerProcess) -> None:
    body = {"scopes": ["read"], "note": "old laptop"}
    assert requests.post(f"{server.url}/api/v1/tokens", json=body, timeout=60).ok
    page.goto(f"{server.url}/admin")
    expect(page.get_by_role("button", name="Revoke old laptop")).to_be_visible()
    tab_to(page, lambda: focused(page).startswith("Revoke old laptop"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ended tokens (1)")).to_be_visible()
