"""The page in headless Chromium that draws by software: what the list, a job and a large log cost whoever looks at them.

Times are the page's own (performance.now), from what a person does to the frame that shows it. The share of a core is the
main thread's (the browser's TaskDuration over the wall clock). On a machine whose cores do other work as well, frames come
late for reasons of their own: an empty page's frames in the same minute are the limit.
"""

import contextlib
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import requests
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.figure import Figure
from bench.processes import many, real_server
from headway.testing.server import ServerProcess

JOBS: Final = 5_000
WORKERS: Final = 200
UPDATES_PER_S: Final = 200
_SENDERS: Final = 4
LOG_LINES: Final = 1_000_000
_NEEDLE: Final = "needle in the haystack"
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
)
_PATIENCE_MS: Final = 120_000
_FILTERS: Final = 15
_WATCHED_MOST_S: Final = (
    20.0  # longer tells nothing more of frames; the heap is watched for as long as is asked
)
_HEAP_SAMPLES: Final = 10
_ROW: Final = ".rows .row"

#: Gathers the time between frames until it is asked for them.
_FRAMES: Final = """() => {
  const times = (window.frames_ms = []);
  let before = performance.now();
  const next = (now) => { times.push(now - before); before = now; window.frames_on = requestAnimationFrame(next); };
  window.frames_on = requestAnimationFrame(next);
}"""
_FRAMES_END: Final = (
    "() => { cancelAnimationFrame(window.frames_on); return window.frames_ms.slice(2); }"
)
#: Resolves with the time of the first frame after a condition holds, looked at after each change of the page.
_UNTIL_PAINTED: Final = """([condition, begun]) => new Promise((done) => {
  const holds = new Function("return " + condition);
  const painted = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
  if (holds()) return painted();
  const seen = new MutationObserver(() => { if (holds()) { seen.disconnect(); painted(); } });
  seen.observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributes: true });
})"""
_SCROLL: Final = """async () => {
  const grid = document.querySelector("[role=treegrid]");
  for (let last = -1; grid.getAttribute("aria-rowcount") === "-1" || last !== grid.scrollHeight; ) {
    last = grid.scrollHeight;
    grid.scrollTop = last;
    await new Promise((done) => setTimeout(done, 50));
  }
  grid.scrollTop = 0;
  while (!document.querySelector(".rows .row")) await new Promise(requestAnimationFrame);
  return Number(grid.getAttribute("aria-rowcount")) - 1;
}"""


def page(seconds: float) -> Sequence[Figure]:
    """The list with 5,000 jobs, a job with 200 workers, a log of a million lines; memory over so many seconds."""
    with (
        tempfile.TemporaryDirectory() as place,
        real_server(Path(place) / "data") as server,
        _chromium() as browser,
    ):
        logged = _start_log(server)
        many(server.url, "submit", connections=16, count=JOBS)
        moving = _moving(server)
        watched_s = min(seconds, _WATCHED_MOST_S)
        empty = _frames_ms(_blank(browser), watched_s)
        return (
            *_list(browser, server, watched_s, empty),
            *_job(browser, server, moving, watched_s, empty),
            *_log(browser, server, logged),
            *_heaps(browser, server, moving, seconds),
        )


# The list -----------------------------------------------------------------------------------------------------------------


def _list(
    browser: Browser, server: ServerProcess, seconds: float, empty: float
) -> Sequence[Figure]:
    ready = statistics.median(_ready_ms(browser, f"{server.url}/", _ROW) for _ in range(3))
    with _opened(browser, f"{server.url}/") as (shown, devtools):
        _painted(shown, f"document.querySelectorAll('{_ROW}').length > 5")
        rows = shown.evaluate(_SCROLL)
        filters = [_filter_ms(shown, n) for n in range(_FILTERS)]
        shown.locator("#search").fill("")
        with _updates(server, jobs=WORKERS):
            share, p95 = _watched(shown, devtools, seconds)
    return (
        _ms("ready with 5,000 jobs: address to rows drawn", ready, floor="1,500 ms"),
        _ms(
            f"filter to paint, p50, {rows:,} jobs in the list",
            statistics.median(filters),
            floor="50 ms",
        ),
        _ms("  slowest of 15", max(filters)),
        _share("list, 200 updates/s of 200 jobs: main thread", share),
        _frame("  p95 of a frame", p95, empty),
    )


def _filter_ms(shown: Page, n: int) -> float:
    """Type a query of which one job is the answer; the time from the key to the frame with it."""
    name = f"bench-{n % 16}-{100 + n}"
    shown.evaluate(
        """(text) => {
          const box = document.querySelector("#search");
          window.begun = performance.now();
          box.value = text;
          box.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }""",
        f"name:{name}",
    )
    one = f"document.querySelectorAll('{_ROW}').length === 1"
    return _painted(
        shown, f"{one} && document.querySelector('{_ROW}').textContent.includes('{name}')"
    )


# A job --------------------------------------------------------------------------------------------------------------------


def _job(
    browser: Browser, server: ServerProcess, job: str, seconds: float, empty: float
) -> Sequence[Figure]:
    address = f"{server.url}/j/{job}?tab=workers"
    with _opened(browser, address) as (shown, devtools), _updates(server, job=job):
        _painted(shown, "document.querySelectorAll('.worker-progress').length > 10")
        sent, begun_s = _sent(server, job), time.perf_counter()
        share, p95 = _watched(shown, devtools, seconds)
        arrived = (_sent(server, job) - sent) / (time.perf_counter() - begun_s)
    return (
        _share("job with 200 workers, 200 updates/s: main thread", share),
        _frame("  p95 of a frame", p95, empty),
        _plain(
            "  updates that the server took", arrived, "/s", limit=f"{UPDATES_PER_S} were meant"
        ),
    )


# Their heaps --------------------------------------------------------------------------------------------------------------


def _heaps(browser: Browser, server: ServerProcess, job: str, seconds: float) -> Sequence[Figure]:
    """Watch what the list and a job hold, each after a collection, while both are told 200 updates a second."""
    times: list[float] = []
    heaps: tuple[list[float], list[float]] = ([], [])
    with (
        _opened(browser, f"{server.url}/") as (listed, of_list),
        _opened(browser, f"{server.url}/j/{job}?tab=workers") as (shown, of_job),
        _updates(server, jobs=WORKERS),
        _updates(server, job=job),
    ):
        _painted(listed, f"document.querySelectorAll('{_ROW}').length > 5")
        _painted(shown, "document.querySelectorAll('.worker-progress').length > 10")
        listed.evaluate(_SCROLL)
        begun_s = time.perf_counter()
        for _ in range(_HEAP_SAMPLES + 1):
            times.append((time.perf_counter() - begun_s) / 60)
            for devtools, samples in zip((of_list, of_job), heaps, strict=True):
                samples.append(_heap_mb(devtools))
            shown.wait_for_timeout(1000 * seconds / _HEAP_SAMPLES)
    return (
        *_grown("list: heap", times, heaps[0], seconds),
        *_grown("job: heap", times, heaps[1], seconds),
    )


def _grown(
    what: str, times_min: Sequence[float], heap_mb: Sequence[float], seconds: float
) -> Sequence[Figure]:
    slope = statistics.linear_regression(times_min, heap_mb).slope
    return (
        _plain(f"{what} at first, after a collection", heap_mb[0], "MB"),
        _plain(f"  after {seconds:.0f} s", heap_mb[-1], "MB"),
        _plain("  least, most", min(heap_mb), "MB", limit=f"most: {max(heap_mb):.2f} MB"),
        _plain("  slope of the line through 11 samples", slope, "MB/min", floor="flat"),
    )


# A log --------------------------------------------------------------------------------------------------------------------


def _start_log(server: ServerProcess) -> str:
    script = (
        f"BEGIN {{ for (i = 1; i <= {LOG_LINES}; i++)"
        f' print "step " i ": residual " i * 7919 % 1000003 (i == {LOG_LINES} - 10 ? " {_NEEDLE}" : "") }}'
    )
    body = {"command": ["awk", script], "name": "a million lines"}
    made = requests.post(f"{server.url}/api/v1/jobs", json=body, timeout=30).json()
    return str(made["number"])


def _log(browser: Browser, server: ServerProcess, job: str) -> Sequence[Figure]:
    _wait_for_end(server, job)
    address = f"{server.url}/j/{job}?tab=log"
    drawn = ".log-line .log-text:not(:empty)"
    first = statistics.median(_ready_ms(browser, address, drawn) for _ in range(3))
    blank = _private_mb(browser, "about:blank", "html")
    with _opened(browser, f"{server.url}/j/{job}?tab=timeline") as (shown, devtools):
        shown.get_by_role("tab", name="Log").wait_for()
        shown.evaluate(
            "window.begun = performance.now(); document.querySelector('#tab-log').click()"
        )
        opened = _painted(shown, f"document.querySelectorAll('{drawn}').length > 5")
        searched = _search_ms(shown)
        _leaf_through(shown)
        memory = _renderer_mb(browser, devtools)
    return (
        _ms("log of 1,000,000 lines: tab to first screen", opened, floor="300 ms"),
        _ms("  address to first screen, page and all", first),
        _ms("  search of the whole to hits drawn", searched, floor="2,000 ms"),
        _plain(
            "  page memory, its own",
            memory,
            "MB",
            floor="150 MB",
            limit=f"an empty page: {blank:.0f} MB",
        ),
    )


def _wait_for_end(server: ServerProcess, job: str) -> None:
    while requests.get(f"{server.url}/api/v1/jobs/{job}", timeout=30).json()["ended"] is None:
        time.sleep(0.2)


def _search_ms(shown: Page) -> float:
    shown.get_by_role("searchbox", name="Search the whole log").fill(_NEEDLE)
    shown.evaluate(
        "window.begun = performance.now(); document.querySelector('.log-search').requestSubmit()"
    )
    return _painted(shown, "document.querySelectorAll('.log-hits li').length === 1")


def _leaf_through(shown: Page) -> None:
    """Look at places all over the log, as somebody who drags the scroll bar does."""
    shown.evaluate(
        """async () => {
          const log = document.querySelector(".log-scroll");
          for (let n = 0; n <= 40; n += 1) {
            log.scrollTop = (log.scrollHeight * n) / 40;
            await new Promise((done) => setTimeout(done, 60));
          }
        }"""
    )


# The load -----------------------------------------------------------------------------------------------------------------


def _moving(server: ServerProcess) -> str:
    body = {"kind": "report", "name": "200 workers", "worker_count": WORKERS}
    made = requests.post(f"{server.url}/api/v1/jobs", json=body, timeout=30).json()
    return str(made["id"])


def _sent(server: ServerProcess, job: str) -> float:
    """Give about how many updates of a job have arrived: each worker counts one up with each of its own."""
    address = f"{server.url}/api/v1/jobs/{job}/workers?limit=1000"
    workers = requests.get(address, timeout=30).json()["workers"]
    return float(sum(worker["current"] for worker in workers))


@contextlib.contextmanager
def _updates(server: ServerProcess, *, job: str = "", jobs: int = 0) -> Iterator[None]:
    """Send 200 updates a second from a process of its own: of a job's 200 workers, or of one worker of many jobs."""
    words = [sys.executable, "-m", "bench.page", server.url, job, str(jobs)]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _send_updates(url: str, job: str, jobs: int) -> None:
    """Report for ever, at the pace asked for; what was late is made up for."""
    newest = requests.get(f"{url}/api/v1/jobs?limit={jobs or 1}", timeout=30).json()["jobs"]
    targets = [job] if job else [one["id"] for one in newest]
    begun_s = time.monotonic()
    with ThreadPoolExecutor(_SENDERS) as senders:
        for first in range(_SENDERS):
            senders.submit(_send_every, url, targets, first, begun_s)


def _send_every(url: str, targets: Sequence[str], first: int, begun_s: float) -> None:
    session = requests.Session()
    for n in itertools.count(first, _SENDERS):
        time.sleep(max(0.0, begun_s + n / UPDATES_PER_S - time.monotonic()))
        worker = f"worker-{n % WORKERS:03}" if len(targets) == 1 else "worker"
        report = {"id": worker, "current": n // WORKERS, "total": 1_000_000, "desc": f"step {n}"}
        address = f"{url}/api/v1/jobs/{targets[n % len(targets)]}/report"
        session.post(address, json={"workers": [report]}, timeout=30)


# Chromium -----------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_FLAGS))
        yield browser
        browser.close()


def _blank(browser: Browser) -> Page:
    shown = browser.new_context().new_page()
    shown.goto("about:blank")
    return shown


@contextlib.contextmanager
def _opened(browser: Browser, address: str) -> Iterator[tuple[Page, CDPSession]]:
    with browser.new_context(viewport={"width": 1280, "height": 860}) as context:
        shown = context.new_page()
        shown.set_default_timeout(_PATIENCE_MS)
        devtools = context.new_cdp_session(shown)
        devtools.send("Performance.enable")
        shown.goto(address, wait_until="commit")
        shown.evaluate("window.begun = 0")
        yield shown, devtools


def _painted(shown: Page, condition: str) -> float:
    """Wait for the frame after a condition holds; gives its time in ms since ``window.begun``."""
    return float(shown.evaluate(_UNTIL_PAINTED, [condition, shown.evaluate("window.begun")]))


def _ready_ms(browser: Browser, address: str, drawn: str) -> float:
    with _opened(browser, address) as (shown, _):
        return _painted(shown, f"document.querySelectorAll('{drawn}').length > 5")


def _frames_ms(shown: Page, seconds: float) -> float:
    """Give the 95th percentile of the time between frames."""
    shown.evaluate(_FRAMES)
    shown.wait_for_timeout(1000 * seconds)
    return _percentile(shown.evaluate(_FRAMES_END), 0.95)


def _watched(shown: Page, devtools: CDPSession, seconds: float) -> tuple[float, float]:
    """Give the share of a core that the main thread takes, and the 95th percentile of frames."""
    shown.wait_for_timeout(1000)
    before, begun_s = _metric(devtools, "TaskDuration"), time.perf_counter()
    shown.wait_for_timeout(1000 * seconds)
    share = (_metric(devtools, "TaskDuration") - before) / (time.perf_counter() - begun_s)
    return share, _frames_ms(shown, seconds)


def _metric(devtools: CDPSession, name: str) -> float:
    told: Any = devtools.send("Performance.getMetrics")
    return float(next(one["value"] for one in told["metrics"] if one["name"] == name))


def _heap_mb(devtools: CDPSession) -> float:
    for _ in range(2):
        devtools.send("HeapProfiler.collectGarbage")
    return _metric(devtools, "JSHeapUsedSize") / 1e6


def _private_mb(browser: Browser, address: str, drawn: str) -> float:
    with _opened(browser, address) as (shown, devtools):
        shown.locator(drawn).first.wait_for(state="attached")
        return _renderer_mb(browser, devtools)


def _renderer_mb(browser: Browser, devtools: CDPSession) -> float:
    """Give the memory that only the page's own process holds: the busiest renderer is it."""
    devtools.send("HeapProfiler.collectGarbage")
    told: Any = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    pids = [one["id"] for one in told["processInfo"] if one["type"] == "renderer"]
    return max(_uss_bytes(pid) for pid in pids) / 1e6


def _uss_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Private_"))


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]


# Figures ------------------------------------------------------------------------------------------------------------------


def _plain(what: str, value: float, unit: str, *, floor: str = "", limit: str = "") -> Figure:
    return Figure(part="page", what=what, value=value, unit=unit, floor=floor, limit=limit)


def _ms(what: str, value: float, *, floor: str = "") -> Figure:
    return _plain(what, value, "ms", floor=floor)


def _share(what: str, share: float) -> Figure:
    return _plain(what, 100 * share, "% of a core", floor="12 %")


def _frame(what: str, p95: float, empty: float) -> Figure:
    return Figure(
        part="page",
        what=what,
        value=p95,
        unit="ms",
        floor="33 ms",
        limit=f"an empty page: {empty:.1f} ms",
        ratio=p95 / empty,
    )


if __name__ == "__main__":
    _send_updates(sys.argv[1], sys.argv[2], int(sys.argv[3]))
