"""A job that is shown to somebody else: by a signed link to a stranger, or to whoever may read and nothing more."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, Request, Response, expect
from tests.e2e.conftest import Watch, whole
from tests.e2e.proxy import Proxy, proxied

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

FIRST_REFUSAL: Final = 400
ACTIONS: Final = ("Cancel…", "Retry", "Clone…", "Hide", "Show in lists")


@pytest.fixture
def proxy(shared: ServerProcess) -> Iterator[Proxy]:
    """A way to the server by which it knows nobody."""
    with proxied(shared.url, "/headway", says_so=True) as proxy:
        yield proxy


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A stranger's browser: it has no cookie and no token."""
    with chromium.new_context() as context:
        yield context.new_page()


class Asked:
    """What a page asked of the server.

    Attributes:
        changing: requests that were to change something.
        refused: addresses that were not answered.
    """

    def __init__(self, page: Page) -> None:
        self.changing: list[str] = []
        self.refused: list[str] = []
        page.on("request", self._request)
        page.on("response", self._response)

    def _request(self, request: Request) -> None:
        if request.method not in {"GET", "HEAD"}:
            self.changing.append(request.url)

    def _response(self, response: Response) -> None:
        if response.status >= FIRST_REFUSAL:
            self.refused.append(f"{response.status} {response.url}")


def link_of(server: ServerProcess, proxy: Proxy, job: str, what: str = "page") -> str:
    """Have a link made by the job's owner, and give it as strangers reach it."""
    made = requests.post(f"{server.url}/api/v1/jobs/{job}/links", json={"what": what}, timeout=60)
    assert made.status_code == 201, made.text
    place = urlsplit(made.json()["url"])
    return f"{proxy.url}{place.path}?{place.query}"


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("tab", name=name)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def offers_nothing(page: Page) -> None:
    for name in ACTIONS:
        expect(button(page, name)).to_have_count(0)
    expect(page.get_by_label("Add a label")).to_have_count(0)


def test_a_stranger_looks_at_all_of_a_job_and_is_offered_nothing_that_is_refused(
    page: Page, shared: ServerProcess, proxy: Proxy, client: Client
) -> None:
    command = ["sh", "-c", "seq 1 300; echo the end"]
    environment = {"API_TOKEN": "hush", "THREADS": "4"}
    job = client.submit(command, name="shown", labels=["nightly"], environment=environment)
    client.wait(job.id, timeout_s=120)
    watch, asked = Watch(page, shared, own=proxy.url), Asked(page)
    page.goto(link_of(shared, proxy, job.id))
    expect(page.get_by_role("heading", name="shown")).to_be_visible()
    expect(page.get_by_text("shown by a link")).to_be_visible()
    offers_nothing(page)
    expect(button(page, "Copy as…")).to_have_count(0)
    expect(page.get_by_role("link", name="Jobs")).to_have_count(0)
    expect(page.get_by_role("link", name="Admin")).to_have_count(0)
    tab(page, "Log").click()
    expect(page.get_by_text("the end", exact=True)).to_be_visible()
    page.get_by_label("Search the whole log").fill("123")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 line matches")).to_be_visible()
    download = page.get_by_role("link", name="Download").get_attribute("href")
    assert download is not None
    assert requests.get(download, timeout=60).text.endswith("the end\n")
    for name in ("Workers", "Timeline", "Counters", "In / Out", "Events"):
        tab(page, name).click()
        expect(page.get_by_role("tabpanel", name=name)).to_be_visible()
    tab(page, "Details").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("nightly")
    expect(page.get_by_text("a link shows no values")).to_be_visible()
    assert "hush" not in page.content()
    offers_nothing(page)
    expect(tab(page, "Share")).to_have_count(0)
    assert watch.is_clean
    assert (asked.changing, asked.refused, page.context.cookies()) == ([], [], [])


def test_a_stranger_sees_a_job_move(
    page: Page, shared: ServerProcess, proxy: Proxy, client: Client
) -> None:
    job = client.submit_report(name="moving")
    page.goto(link_of(shared, proxy, job.id))
    expect(page.get_by_role("heading", name="No worker has reported yet")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("curl")
    client.report(job.id, "w1", current=1, total=4)
    expect(whole(page)).to_have_attribute("aria-valuenow", "25")
    client.finish(job.id)
    expect(page.locator(".job-state")).to_contain_text("succeeded")
    offers_nothing(page)


def test_a_stranger_sees_the_pictures_and_the_log_that_links_are_for(
    page: Page, shared: ServerProcess, proxy: Proxy, client: Client
) -> None:
    job = client.submit(["echo", "all is well"])
    client.wait(job.id, timeout_s=120)
    for what in ("png", "svg", "badge"):
        source = link_of(shared, proxy, job.id, what)
        page.goto(f"{proxy.url}/login")  # a page of the same place, for the picture to be put in
        width = page.evaluate(
            "source => new Promise((done, failed) => { const picture = new Image();"
            " picture.onload = () => done(picture.naturalWidth);"
            " picture.onerror = () => failed(new Error(source)); picture.src = source; })",
            source,
        )
        assert width > 0, what
        answer = page.goto(source.partition("&link=")[0])
        assert answer is not None
        assert answer.status == 401, what
    page.goto(link_of(shared, proxy, job.id, "log"))
    expect(page.get_by_text("all is well")).to_be_visible()


def test_who_shares_a_log_is_given_an_address_of_each_of_its_streams(
    page: Page, shared: ServerProcess, proxy: Proxy, client: Client
) -> None:
    job = client.submit(["sh", "-c", "echo to stdout; echo to stderr >&2"])
    client.wait(job.id, timeout_s=120)
    page.goto(f"{shared.url}/j/{job.number}?tab=share")
    page.get_by_label("What").select_option("log")
    button(page, "Make a link").click()
    for stream, words in (("Standard output", "to stdout\n"), ("Standard error", "to stderr\n")):
        address = page.get_by_role("region", name=stream).get_by_label("Address", exact=True)
        place = urlsplit(address.input_value())
        answer = requests.get(f"{proxy.url}{place.path}?{place.query}", timeout=60)
        assert (answer.status_code, answer.text) == (200, words)
    page.get_by_label("What").select_option("page")
    button(page, "Make a link").click()
    expect(page.get_by_role("region", name="Standard error")).to_have_count(0)


def test_a_link_that_is_not_good_says_so_and_asks_for_no_token(page: Page, proxy: Proxy) -> None:
    page.goto(f"{proxy.url}/j/1?link=page.spoilt")
    expect(page.get_by_role("heading", name="This link shows nothing any more")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("This link is not known here.")


def test_whoever_may_only_read_is_offered_to_share_and_nothing_that_is_refused(
    page: Page, shared: ServerProcess, proxy: Proxy, client: Client
) -> None:
    who = client.whoami().name
    token = client.create_token(["read"], user=who).token
    job = client.submit(["echo", "hello"], name="looked at", labels=["nightly"])
    client.wait(job.id, timeout_s=120)
    page.goto(f"{proxy.url}/login?to=j/{job.number}")
    page.get_by_label("Token").fill(token)
    button(page, "Sign in").click()
    expect(page.get_by_role("heading", name="looked at")).to_be_visible()
    asked = Asked(page)
    offers_nothing(page)
    tab(page, "Details").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("nightly")
    offers_nothing(page)
    tab(page, "Share").click()
    button(page, "Make a link").click()
    expect(page.get_by_text("Good until")).to_be_visible()
    assert asked.refused == []
