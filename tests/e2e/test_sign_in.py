"""Tokens made, used and revoked in the browser, by people who do not own the server."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Watch, until
from tests.e2e.proxy import Proxy, proxied

from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]


@pytest.fixture
def proxy(shared: ServerProcess) -> Iterator[Proxy]:
    """A way to the server by which it knows nobody."""
    with proxied(shared.url, "/headway", says_so=True) as proxy:
        yield proxy


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


def token_of(server: ServerProcess, *scopes: str, user: str = "kim") -> str:
    body = {"scopes": list(scopes), "user": user, "note": "browser"}
    made = requests.post(f"{server.url}/api/v1/tokens", json=body, timeout=60)
    assert made.status_code == 201, made.text
    return str(made.json()["token"])


def sign_in(page: Page, token: str) -> None:
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()


def test_whoever_is_not_known_signs_in_and_comes_back(
    page: Page, shared: ServerProcess, proxy: Proxy
) -> None:
    token = token_of(shared, "run")
    page.goto(f"{proxy.url}/?q=state%3Afailed")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page, token)
    expect(page).to_have_url(f"{proxy.url}/?q=state%3Afailed")
    expect(page.get_by_text("kim")).to_be_visible()
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert token not in page.evaluate("document.cookie + JSON.stringify(localStorage)")
    page.reload()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_wrong_token_is_refused_in_words(page: Page, proxy: Proxy) -> None:
    page.goto(f"{proxy.url}/login")
    sign_in(page, "kims-password")
    expect(page.get_by_role("alert")).to_contain_text("begins with hw_")
    sign_in(page, "hw_" + "x" * 43)
    expect(page.get_by_role("alert")).to_contain_text("not known here")


@pytest.mark.parametrize("to", ["https://203.0.113.9/", "//203.0.113.9/", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(
    page: Page, shared: ServerProcess, proxy: Proxy, to: str
) -> None:
    watch = Watch(page, shared, own=proxy.url)
    page.goto(f"{proxy.url}/login?to={quote(to, safe='')}")
    sign_in(page, token_of(shared, "run"))
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert page.url.startswith(proxy.url)
    assert (watch.outside, watch.dialogs) == ([], [])


def test_a_token_is_made_shown_once_copied_used_and_revoked(
    chromium: Browser, shared: ServerProcess
) -> None:
    with chromium.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(f"{shared.url}/admin")
        page.get_by_text("Make a token", exact=True).click()
        page.get_by_label("What for").fill("nightly campaign")
        page.get_by_role("button", name="Make it").click()
        secret = page.get_by_role("group").locator("code").inner_text()
        page.get_by_role("button", name="Copy").click()
        until(lambda: page.evaluate("navigator.clipboard.readText()") == secret)
        known = {"Authorization": f"Bearer {secret}"}
        who = requests.get(f"{shared.url}/api/v1/whoami", headers=known, timeout=60)
        assert who.json()["scopes"] == ["read", "report", "run"]
        page.get_by_role("button", name="I have it").click()
        page.reload()
        row = page.get_by_role("row").filter(has_text="nightly campaign")
        expect(row).to_contain_text("run")
        assert secret not in page.content()
        row.get_by_role("button", name="Revoke").click()
        page.get_by_role("button", name="Keep it").click()
        row.get_by_role("button", name="Revoke").click()
        page.get_by_role("button", name="Revoke it").click()
        expect(page.get_by_text("Ended tokens (1)")).to_be_visible()
        gone = requests.get(f"{shared.url}/api/v1/whoami", headers=known, timeout=60)
        assert gone.status_code == 401


def test_who_is_no_admin_is_told_so(page: Page, shared: ServerProcess, proxy: Proxy) -> None:
    page.goto(f"{proxy.url}/login?to=admin")
    sign_in(page, token_of(shared, "read"))
    expect(page.get_by_role("region", name="Tokens")).to_contain_text("admin")
