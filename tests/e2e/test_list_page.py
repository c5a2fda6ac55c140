"""The list of jobs in Chromium: jobs come from a shell while it is open, and it is used as people use it."""

import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect
from tests.e2e.conftest import Watch, environment_of, until
from tests.processes import ending

from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

_MANY: Final = 1_200
_ARRAY: Final = 12


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1400, "height": 800}) as context:
        yield context.new_page()


@pytest.fixture
def watch(page: Page, shared: ServerProcess) -> Iterator[Watch]:
    watch = Watch(page, shared)
    yield watch
    assert watch.is_clean


def shell(server: ServerProcess, command: str) -> str:
    """Run a line as the server's own user; gives what it printed."""
    done = subprocess.run(
        ["bash", "-c", command],
        env=dict(environment_of(server)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def started(server: ServerProcess, command: str) -> Iterator[None]:
    """Start a line as the server's own user, and end it at the end if it has not ended."""
    environment = dict(environment_of(server))
    with ending(subprocess.Popen(["bash", "-c", command], env=environment)) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def submit(server: ServerProcess, name: str, *command: str, options: str = "") -> None:
    shell(server, f"headway submit --name {shlex.quote(name)} {options} -- {shlex.join(command)}")


def create(server: ServerProcess, **body: object) -> str:
    """Make a job that only reports; gives its UUID."""
    body = {"kind": "report", **body}
    answer = requests.post(f"{server.url}/api/v1/jobs", json=body, timeout=60)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def report(server: ServerProcess, job_id: str, current: float, total: float = 100) -> None:
    body = {"workers": [{"id": "main", "current": current, "total": total}]}
    answer = requests.post(f"{server.url}/api/v1/jobs/{job_id}/report", json=body, timeout=60)
    assert answer.status_code == 200, answer.text


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def names(page: Page) -> Sequence[str]:
    return page.locator(".rows .job-name").all_inner_texts()


def open_list(page: Page, server: ServerProcess, q: str = "") -> None:
    page.goto(f"{server.url}/?q={q}" if q else f"{server.url}/")
    expect(page.get_by_role("treegrid")).to_be_visible()
    expect(page.locator(".live-live")).to_be_visible()


@pytest.mark.parametrize("number", range(6))
def test_each_line_of_the_empty_page_makes_a_job_and_the_list_appears(
    page: Page, server: ServerProcess, number: int
) -> None:
    page.goto(f"{server.url}/")
    expect(page.get_by_role("heading", name="No jobs yet")).to_be_visible()
    line = page.locator(".line code").nth(number).inner_text()
    assert server.url in line
    with started(server, line):
        expect(page.get_by_role("treegrid")).to_be_visible()
        expect(page.locator(".rows .row")).to_have_count(1)


def test_a_line_of_the_empty_page_can_be_copied(chromium: Browser, server: ServerProcess) -> None:
    with chromium.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(f"{server.url}/")
        page.get_by_role("button", name="Copy: Put it before").click()
        line = f"headway run --url {server.url} -- sleep 10"
        until(lambda: page.evaluate("navigator.clipboard.readText()") == line)


@pytest.mark.usefixtures("watch")
def test_a_job_submitted_in_a_shell_appears_on_top_and_ends(
    page: Page, shared: ServerProcess
) -> None:
    create(shared, name="earlier")
    open_list(page, shared)
    submit(shared, "from a shell", "sh", "-c", "exit 3", options="--label shell")
    expect(row(page, "from a shell").locator(".cell-state")).to_contain_text("failed")
    expect(row(page, "from a shell").locator(".cell-state")).to_contain_text("exit 3")
    expect(row(page, "from a shell").locator(".label")).to_have_text("shell")
    assert names(page)[:2] == ["from a shell", "earlier"]


@pytest.mark.usefixtures("watch")
def test_progress_moves_as_it_is_reported(page: Page, shared: ServerProcess) -> None:
    job_id = create(shared, name="moving", worker_count=4)
    open_list(page, shared)
    report(shared, job_id, 50)
    bar = row(page, "moving").get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "50")
    expect(row(page, "moving").locator(".cell-progress")).to_contain_text("0/4")
    report(shared, job_id, 100)
    expect(bar).to_have_attribute("aria-valuenow", "100")
    expect(row(page, "moving").locator(".cell-progress")).to_contain_text("1/4")


@pytest.mark.usefixtures("watch")
def test_the_parts_of_a_job_are_one_row_that_opens_in_place(
    page: Page, shared: ServerProcess
) -> None:
    parent = create(shared, name="an array")
    parts = [create(shared, name=f"part {n}", parent=parent) for n in range(_ARRAY)]
    open_list(page, shared)
    assert "part 0" not in names(page)
    requests.post(f"{shared.url}/api/v1/jobs/{parts[0]}/finish", json={}, timeout=60)
    expect(row(page, "an array").locator(".cell-progress")).to_contain_text(f"1/{_ARRAY}")
    page.get_by_role("button", name="Show the jobs in an array").click()
    expect(row(page, "part 0").locator(".cell-state")).to_contain_text("succeeded")
    shown = names(page)
    here = shown.index("an array")
    assert shown[here + 1 : here + 1 + _ARRAY] == [f"part {n}" for n in range(_ARRAY)]
    create(shared, name="part late", parent=parent)
    expect(row(page, "part late")).to_have_attribute("aria-level", "2")
    page.get_by_role("button", name="Hide the jobs in an array").click()
    expect(row(page, "part 0")).to_have_count(0)


@pytest.mark.usefixtures("watch")
def test_the_list_is_used_with_keys_alone(page: Page, shared: ServerProcess) -> None:
    for name in ("key three", "key two", "key one"):
        create(shared, name=name, labels=["keys"])
    open_list(page, shared, "label:keys")
    page.keyboard.press("j")
    expect(row(page, "key one")).to_have_class("row row-accepted is-current")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator(".bulk")).to_contain_text("3 selected")
    page.keyboard.press("Escape")
    expect(page.locator(".bulk")).to_have_count(0)
    page.keyboard.press("a")
    expect(page.locator(".bulk")).to_contain_text("3 selected")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and searches")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("k")
    expect(row(page, "key two")).to_have_class("row row-accepted is-selected is-current")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="key two")).to_be_visible()
    page.go_back()
    expect(row(page, "key two")).to_be_visible()


def test_single_keys_can_be_turned_off(page: Page, shared: ServerProcess) -> None:
    create(shared, name="quiet")
    open_list(page, shared)
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Single keys do this").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator(".bulk")).to_have_count(0)


def test_of_many_jobs_only_those_in_sight_are_drawn(page: Page, server: ServerProcess) -> None:
    with requests.Session() as session:
        for n in range(_MANY):
            body = {"kind": "report", "name": f"many {n}"}
            session.post(f"{server.url}/api/v1/jobs", json=body, timeout=60)
    open_list(page, server)
    expect(page.locator(".count")).to_have_text(f"{_MANY:,} jobs")
    assert page.locator(".rows .row").count() < 60
    page.keyboard.press("j")
    page.keyboard.press("End")
    expect(row(page, "many 0")).to_be_in_viewport()
    assert page.locator(".rows .row").count() < 60
    create(server, name="on top")
    page.keyboard.press("Home")
    expect(row(page, "on top")).to_be_in_viewport()


def _headings(page: Page) -> Sequence[str]:
    return page.get_by_role("columnheader").all_inner_texts()


def test_columns_are_chosen_and_ordered_and_stay_so(page: Page, shared: ServerProcess) -> None:
    create(shared, name="columns")
    open_list(page, shared)
    assert "Owner" in _headings(page)
    page.get_by_role("button", name="Columns").press("Enter")
    page.get_by_role("checkbox", name="Owner").uncheck()
    page.get_by_role("button", name="Move Name up").press("Enter")
    page.keyboard.press("Escape")
    until(lambda: _headings(page)[:3] == ["", "Name", "State"])
    page.reload()
    expect(page.get_by_role("treegrid")).to_be_visible()
    assert _headings(page)[:3] == ["", "Name", "State"]
    assert "Owner" not in _headings(page)


def test_on_a_phone_progress_stays_and_nothing_sticks_out(
    chromium: Browser, shared: ServerProcess
) -> None:
    job_id = create(shared, name="seen on a phone, with a name that is longer than it is wide")
    report(shared, job_id, 40)
    with chromium.new_context(viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        open_list(page, shared)
        first = page.locator(".rows .row").first
        expect(first.get_by_role("progressbar")).to_be_visible()
        expect(first.locator(".job-number")).to_be_hidden()
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) == 0


def test_times_are_the_viewers_with_utc_in_the_title(
    chromium: Browser, shared: ServerProcess
) -> None:
    job_id = create(shared, name="timed")
    report(shared, job_id, 1)
    answer = requests.get(f"{shared.url}/api/v1/jobs/{job_id}", timeout=60)
    started: Mapping[str, str] = answer.json()
    with chromium.new_context(
        timezone_id="Asia/Kolkata", viewport={"width": 1400, "height": 800}
    ) as context:
        page = context.new_page()
        open_list(page, shared)
        time = row(page, "timed").locator("time")
        utc = started["started"][:19].replace("T", " ")
        expect(time).to_have_attribute("title", f"{utc} UTC")
        minutes = (int(utc[14:16]) + 30) % 60
        assert time.inner_text().split(":")[1] == f"{minutes:02}"
