"""Eighty hostile texts in every field of a job: each page in both themes shows them as they were sent, and nothing runs."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

import msgspec
import pytest
import requests
from playwright.sync_api import Browser, Locator, Page
from tests.e2e.conftest import Until, Watch
from tests.e2e.payloads import PAYLOADS, TERMINAL, TERMINAL_SHOWN, cleaned

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

THEMES: Final = ("light", "dark")
TABS: Final = ("workers", "log", "timeline", "counters", "io", "details", "events", "share")
#: All that the page says: scrolls through whatever scrolls, since what is out of sight is not drawn.
READ: Final = """async () => {
  const texts = [];
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const scrolls = (e) => e.scrollHeight > e.clientHeight + 4 && /auto|scroll/.test(getComputedStyle(e).overflowY);
  const all = [document.scrollingElement, ...[...document.querySelectorAll("main *")].filter(scrolls)];
  for (const scroller of all) {
    for (let top = 0; top <= scroller.scrollHeight; top += Math.max(100, scroller.clientHeight * 0.7)) {
      scroller.scrollTop = top;
      await frame();
      texts.push(document.querySelector("main").textContent);
    }
  }
  return texts;
}"""
#: Says every refusal of the Content-Security-Policy, which a console may leave out.
NOTE_REFUSALS: Final = """window.refusals = [];
addEventListener("securitypolicyviolation", (event) => window.refusals.push(event.violatedDirective));"""


class Hostile(msgspec.Struct, frozen=True):
    """Two jobs full of hostile text: one that ran here, one that only told."""

    ran: str
    told: str


def _submitted(server: ServerProcess, **body: object) -> str:
    made = requests.post(f"{server.url}/api/v1/jobs", json=body, timeout=60)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def _sent(method: str, address: str, body: object) -> None:
    answer = requests.request(method, address, json=body, timeout=60)
    assert answer.ok, answer.text


def _keys() -> Sequence[str]:
    return [text.replace("=", ":") for text in PAYLOADS]


def _run_one(server: ServerProcess) -> str:
    everything = " ".join(PAYLOADS)
    return _submitted(
        server,
        name=everything[:1000],
        command=["sh", "-c", 'printf "%s\\n" "$@" | tee /dev/stderr', "sh", *PAYLOADS, *TERMINAL],
        environment={
            **dict.fromkeys(_keys(), "value"),
            **{f"X{n}": text for n, text in enumerate(PAYLOADS)},
        },
        inputs={text: [text] for text in PAYLOADS},
        extra={text: {"deep": text} for text in PAYLOADS},
        labels=list(PAYLOADS),
        attributes={"queue_name": PAYLOADS[0], "account": PAYLOADS[4]},
        url=f"https://203.0.113.9/{quote(everything[:500])}",
    )


def _tell_one(server: ServerProcess) -> str:
    everything = " ".join(PAYLOADS)
    job_id = _submitted(
        server,
        kind="report",
        name=everything[-1000:],
        labels=list(PAYLOADS),
        native_id=PAYLOADS[0],
        will_finish=True,
    )
    base = f"{server.url}/api/v1/jobs/{job_id}"
    workers = [
        {"id": text, "current": n, "total": 100, "ok": n % 7 != 0, "desc": text}
        for n, text in enumerate(PAYLOADS)
    ]
    counters = {text: text for text in PAYLOADS}
    report = {"workers": workers, "counters": counters, "status_text": everything}
    _sent("POST", f"{base}/report", report)
    for text in PAYLOADS[:8]:
        _sent("PUT", f"{base}/status-text", {"text": text})
    _sent("PUT", f"{base}/status-text", {"text": everything})
    _sent("POST", f"{base}/finish", {"exit_code": 1, "message": everything})
    return job_id


@pytest.fixture(scope="module")
def hostile(shared: ServerProcess) -> Hostile:
    for text in PAYLOADS:
        _submitted(shared, kind="report", name=text, labels=[text], native_id=text)
        _sent("POST", f"{shared.url}/api/v1/tokens", {"scopes": ["read"], "note": text})
    jobs = Hostile(ran=_run_one(shared), told=_tell_one(shared))
    with Client(shared.url) as client:
        client.wait(jobs.ran, timeout_s=120)
    return jobs


@pytest.fixture(scope="module", params=THEMES)
def themed(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with chromium.new_context(color_scheme=request.param) as context:
        page = context.new_page()
        page.add_init_script(NOTE_REFUSALS)
        yield page


@pytest.fixture
def page(themed: Page) -> Page:
    """An empty page, always the same of a theme: to make another costs as much as a test."""
    themed.goto("about:blank")
    return themed


def _is_untouched(page: Page, watch: Watch) -> bool:
    found = page.evaluate(
        "[window.hacked, window.refusals, document.querySelectorAll('iframe, object, embed, base').length,"
        " [...document.querySelectorAll('main *')].flatMap((e) => e.getAttributeNames())"
        ".filter((name) => name.startsWith('on'))]"
    )
    assert found == [None, [], 0, []]
    assert not page.locator("main a[href^='javascript:' i]").count()
    return watch.is_clean


def _shows(page: Page, texts: Sequence[str], until: Until) -> None:
    """Wait until the page says all of these, wherever it must be scrolled to for them."""
    left = dict.fromkeys(map(cleaned, texts))

    def nothing_is_left() -> bool:
        for said in page.evaluate(READ):
            for text in [text for text in left if text in said]:
                del left[text]
        return not left

    try:
        until(nothing_is_left)
    except AssertionError:
        raise AssertionError(f"the page does not show {list(left)}") from None


JOB_SHOWS: Final[Mapping[tuple[str, str], Sequence[str]]] = {
    ("ran", "log"): (*PAYLOADS, *TERMINAL_SHOWN),
    ("ran", "io"): PAYLOADS,
    ("ran", "details"): (*PAYLOADS, *_keys()),
    ("told", "workers"): PAYLOADS,
    ("told", "counters"): PAYLOADS,
    ("told", "details"): PAYLOADS,
    ("told", "events"): PAYLOADS,
}


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("which", ["ran", "told"])
def test_a_job_s_page_shows_hostile_words_as_words(
    page: Page, shared: ServerProcess, hostile: Hostile, until: Until, which: str, tab: str
) -> None:
    watch = Watch(page, shared)
    page.goto(f"{shared.url}/j/{getattr(hostile, which)}?tab={tab}")
    page.get_by_role("tabpanel").wait_for()
    _shows(page, (*PAYLOADS[:8], *JOB_SHOWS.get((which, tab), ())), until)
    assert _is_untouched(page, watch)


@pytest.mark.parametrize("path", ["", "admin"], ids=["list", "admin"])
def test_the_pages_of_all_jobs_show_hostile_words_as_words(
    page: Page, shared: ServerProcess, hostile: Hostile, until: Until, path: str
) -> None:
    assert hostile.ran
    watch = Watch(page, shared)
    page.goto(f"{shared.url}/{path}")
    _shows(page, PAYLOADS, until)
    assert _is_untouched(page, watch)


def test_a_hostile_filter_is_shown_and_does_nothing(
    page: Page, shared: ServerProcess, hostile: Hostile, until: Until
) -> None:
    assert hostile.ran
    for text in PAYLOADS[::8]:
        watch = Watch(page, shared)
        page.goto(f"{shared.url}/?q={quote(text)}", wait_until="load")
        box = page.locator("#search")
        until(partial(_holds, box, text))
        found = page.evaluate("[window.hacked, window.refusals]")
        assert (found, watch.dialogs, watch.outside) == ([None, []], [], [])


def _holds(box: Locator, text: str) -> bool:
    return box.input_value() == text


@pytest.mark.parametrize("where", ["j/{}", "j/{}?tab={}", "login?to={}", "admin?x={}#{}"])
def test_hostile_addresses_do_nothing(page: Page, shared: ServerProcess, where: str) -> None:
    for text in PAYLOADS[::8]:
        watch = Watch(page, shared)
        page.goto(f"{shared.url}/{where.replace('{}', quote(text, safe=''))}")
        page.locator("h1, pre").first.wait_for()
        found = page.evaluate("[window.hacked, window.refusals ?? []]")
        assert (found, watch.dialogs, watch.outside) == ([None, []], [], [])


@pytest.mark.parametrize("text", PAYLOADS[::8])
def test_no_user_and_no_cluster_can_be_called_that(shared: ServerProcess, text: str) -> None:
    token = {"scopes": ["read"], "user": text}
    assert requests.post(f"{shared.url}/api/v1/tokens", json=token, timeout=60).status_code == 400
    job = {"command": ["true"], "cluster": text}
    assert requests.post(f"{shared.url}/api/v1/jobs", json=job, timeout=60).status_code == 400
