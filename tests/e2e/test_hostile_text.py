"""A job whose every field is hostile: each of its addresses opened in Chromium, and nothing runs."""

import json
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlencode

import pytest
import requests
from playwright.sync_api import Browser, Page
from tests.e2e.conftest import Until, Watch

from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.testing.server import ServerProcess

pytestmark = pytest.mark.service("chromium")

#: Leaves text, attributes, elements and comments in HTML, XML and JSON; runs something, or asks another host.
HOSTILE: Final = (
    "</title></pre></script><script>window.hacked=1;alert('ran')</script>"
    "\"'--><img src=x onerror=alert('ran')><svg/onload=alert('ran')>]]>&lt;b&gt;"
    "<img src=http://203.0.113.9/x><iframe srcdoc='<script>parent.hacked=1</script>'>"
    "<a href=javascript:alert('ran')>x</a>{{7*7}}${7*7}\u202e\u0007%0d%0aSet-Cookie:a=b"
)
#: The same with what a terminal would obey in front.
LOG: Final = f"\x1b]8;;http://203.0.113.9\x07\x1b[31m{HOSTILE}\x1b[0m\r\n\ufffe\u2028{HOSTILE}\n"

PAGES: Final = (
    "/",
    "/progress/show?id={id}",
    "/progress/show?id={id}&style=status&interval=1",
    "/progress/show?{named}",
    "/progress/render.svg?id={id}",
    "/progress/render.svg?id={id}&theme=auto&width=400",
    "/progress/render?{named}",
    "/progress/render.svg?{named}",
    "/api/v1/jobs",
    "/api/v1/jobs/{id}",
    "/api/v1/jobs/{id}/workers",
    "/api/v1/jobs/{id}/events",
    "/api/v1/jobs/{id}/log/stdout",
    "/api/v1/jobs/{id}/log/stderr",
    "/api/v1/events?after=0",
    "/api/v1/openapi.json",
    "/metrics",
)
MISSING: Final = (
    "/progress/show?{unknown}",
    "/progress/render.svg?{unknown}",
    "/progress/show?interval={hostile}&jobid=x",
    "/api/v1/jobs?state={hostile}",
    "/api/v1/jobs/{hostile}",
    "/{hostile}",
)


@pytest.fixture(scope="module")
def hostile(shared: ServerProcess) -> JobDocument:
    """A job that ran, with hostile text wherever text can be."""
    base = f"{shared.url}/api/v1/jobs"
    sent = {
        "name": HOSTILE,
        "labels": [HOSTILE[:60], "<script>"],
        "command": ["sh", "-c", 'printf %s "$LOG"; printf %s "$LOG" >&2; : "$1"', "sh", HOSTILE],
        "environment": {"LOG": LOG, "X": HOSTILE},
        "extra": {HOSTILE: HOSTILE},
        "inputs": {HOSTILE: [HOSTILE]},
        "attributes": {"queue_name": HOSTILE[:60], "account": HOSTILE[:60]},
        "url": f"https://203.0.113.9/{quote(HOSTILE)}",
    }
    made = requests.post(base, json=sent, timeout=60)
    assert made.status_code == 201, made.text
    job_id = made.json()["id"]
    reported = requests.post(
        f"{base}/{job_id}/report",
        json={
            "workers": [
                {"id": HOSTILE[:190], "current": 1, "total": 2, "ok": False, "desc": HOSTILE}
            ],
            "counters": {HOSTILE[:90]: HOSTILE, "<script>": 1},
            "status_text": HOSTILE,
        },
        timeout=60,
    )
    assert reported.status_code == 200, reported.text
    named = requests.get(
        f"{shared.url}/progress/create?{_named()}&desc={quote(HOSTILE)}", timeout=60
    )
    assert named.status_code == 200, named.text
    with Client(shared.url) as client:
        return client.wait(job_id, timeout_s=120)


@pytest.fixture(scope="module")
def only_page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


@pytest.fixture
def page(only_page: Page) -> Page:
    """An empty page, always the same: to make another costs as much as a test."""
    only_page.goto("about:blank")
    return only_page


def _named() -> str:
    return urlencode({"jobid": HOSTILE[:400]})


def address(server: ServerProcess, pattern: str, job: JobDocument) -> str:
    unknown = urlencode({"jobid": f"nobody {HOSTILE[:300]}"})
    words = {"id": job.id, "named": _named(), "unknown": unknown, "hostile": quote(HOSTILE[:90])}
    return server.url + pattern.format(**words)


@pytest.mark.parametrize("pattern", PAGES)
def test_nothing_runs_at_any_address_of_a_hostile_job(
    page: Page, shared: ServerProcess, hostile: JobDocument, pattern: str
) -> None:
    watch = Watch(page, shared)
    answer = page.goto(address(shared, pattern, hostile), wait_until="commit")
    assert answer is not None
    assert answer.status == 200
    assert page.evaluate("[window.hacked, document.querySelectorAll('iframe').length]") == [None, 0]
    assert watch.is_clean


@pytest.mark.parametrize("pattern", MISSING)
def test_nothing_runs_where_nothing_is_found(
    page: Page, shared: ServerProcess, hostile: JobDocument, pattern: str
) -> None:
    watch = Watch(page, shared)
    answer = page.goto(address(shared, pattern, hostile))
    assert answer is not None
    assert answer.status in {400, 404}
    assert page.evaluate("[window.hacked, document.querySelectorAll('iframe').length]") == [None, 0]
    assert (watch.dialogs, watch.outside) == ([], [])
    # That the page itself was not found is all that the browser has to say.
    assert {words[:70] for words in watch.complaints} <= {
        "Failed to load resource: the server responded with a status of 404 (Not Found)"[:70],
        "Failed to load resource: the server responded with a status of 400 (Bad Request)"[:70],
    }


def test_the_page_shows_the_hostile_words_as_words(
    page: Page, shared: ServerProcess, hostile: JobDocument
) -> None:
    page.goto(address(shared, "/progress/show?id={id}", hostile))
    texts = page.locator("pre").all_inner_texts()
    assert len(texts) == 3
    assert all("<script>window.hacked=1;alert('ran')</script>" in text for text in texts[1:])
    assert "\x1b" not in "".join(texts)
    assert page.locator("th").first.inner_text() == HOSTILE[:90]


def test_the_page_stays_clean_while_it_moves(
    page: Page, shared: ServerProcess, hostile: JobDocument, until: Until
) -> None:
    watch = Watch(page, shared)
    page.goto(address(shared, "/progress/show?{named}", hostile))
    before = page.title()
    report = {"workid": HOSTILE[:190], "current": 1, "total": 2, "desc": HOSTILE}
    requests.get(f"{shared.url}/progress/update?{_named()}&{urlencode(report)}", timeout=60)
    page.wait_for_function("before => document.title !== before", arg=before)
    assert watch.is_clean


def test_the_worker_file_is_text_that_the_browser_does_not_run(shared: ServerProcess) -> None:
    answer = requests.get(f"{shared.url}/worker.py", timeout=60)
    assert answer.headers["content-type"] == "text/x-python; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_document_gives_the_hostile_words_back_as_they_were(
    shared: ServerProcess, hostile: JobDocument
) -> None:
    told = requests.get(f"{shared.url}/api/v1/jobs/{hostile.id}", timeout=60)
    assert "<script" not in told.headers["content-type"]
    document = json.loads(told.content)
    assert (document["name"], document["status_text"]) == (HOSTILE, HOSTILE)
    log = requests.get(f"{shared.url}/api/v1/jobs/{hostile.id}/log/stdout", timeout=60)
    assert log.content.decode() == LOG
