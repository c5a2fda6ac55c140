"""One job's page, used as a person uses it."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Unpack

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect
from tests.e2e.conftest import Until, Watch, until, whole

from headway.sdk.client import Client
from headway.sdk.model import JobDocument
from headway.sdk.specs import JobOptions
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

MILLION: Final = 1_000_000
ROWS_DRAWN: Final = 200
HOSTILE: Final = (
    "it's",
    '"$HOME" `id` $(id) !! *',
    "a\nb",
    "\x1b[31m\x03\u202e",
    "ünïcödé",
    "-n",
    "",
)
#: Sixty lines, coloured, with a progress bar that writes over itself, and more at a word on a pipe.
COLOURED: Final = (
    r'printf "\033[1;31mred\033[0m plain\n"; printf " 10%%\r 60%%\r100%%\n";'
    " for i in $(seq 3 60); do echo line $i; done;"
    ' printf "ValueError: bad beam\n" >&2'
)

#: Waits until what scrolls has come to rest: a wheel's turn is drawn over many frames.
STILL: Final = """(name) => new Promise((done) => {
  let before = -1, same = 0;
  const look = () => {
    const top = document.querySelector(name).scrollTop;
    same = top === before ? same + 1 : 0;
    before = top;
    if (same < 20) requestAnimationFrame(look); else done();
  };
  look();
})"""

Open = Callable[..., Page]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 860}) as context:
        yield context.new_page()


@pytest.fixture
def show(page: Page, shared: ServerProcess) -> Open:
    """Open a job's page; what is wrong with it is seen at the end by ``Watch`` alone."""

    def open_page(job: JobDocument, rest: str = "") -> Page:
        page.goto(f"{shared.url}/j/{job.number}{rest}")
        expect(page.locator(".job-head h1")).to_be_visible()
        return page

    return open_page


def ended(client: Client, *command: str, **options: Unpack[JobOptions]) -> JobDocument:
    return client.wait(client.submit(command, **options).id, timeout_s=120)


def report(server: ServerProcess, job: JobDocument, *workers: Mapping[str, object]) -> None:
    address = f"{server.url}/api/v1/jobs/{job.id}/report"
    assert requests.post(address, json={"workers": workers}, timeout=60).status_code == 200


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def text_of(page: Page, line: int) -> Locator:
    return page.locator(f".log-line:has([data-line='{line}']) .log-text")


def test_a_job_is_watched_from_its_first_report_to_its_end(
    show: Open, client: Client, shared: ServerProcess
) -> None:
    job = client.submit_report(name="watched")
    page = show(job)
    watch = Watch(page, shared)
    expect(page.get_by_role("heading", name="No worker has reported yet")).to_be_visible()
    report(shared, job, {"id": "rank 0", "current": 1, "total": 4, "desc": "tile 7"})
    expect(whole(page)).to_have_attribute("aria-valuenow", "25")
    row = page.get_by_role("row").filter(has_text="rank 0")
    expect(row).to_contain_text("tile 7")
    report(shared, job, {"id": "rank 0", "current": 3, "ok": False})
    expect(row).to_contain_text("problem")
    expect(row).to_contain_text("75 %")
    expect(page).to_have_title("75 % watched: running")
    client.finish(job.id, exit_code=3)
    expect(page.locator(".job-state")).to_contain_text("failed")
    expect(page.locator(".job-state")).to_contain_text("exit code 3")
    expect(page).to_have_title("watched: failed")
    assert watch.is_clean


def test_a_log_is_followed_until_somebody_scrolls_and_again_at_its_end(
    show: Open, client: Client, tmp_path: Path
) -> None:
    more = tmp_path / "more"
    script = f'seq 1 200; until [ -e "{more}" ]; do sleep 0.1; done; seq 201 400; sleep 600'
    job = client.submit(["sh", "-c", script])
    page = show(job, "?tab=log")
    expect(text_of(page, 200)).to_be_visible()
    expect(page.get_by_text("Following: new lines appear here")).to_be_visible()
    page.locator(".log-scroll").hover()
    page.mouse.wheel(0, -600)
    expect(page.get_by_text("Paused; the job writes on")).to_be_visible()
    page.evaluate(STILL, ".log-scroll")
    first = page.locator(".log-line").first.inner_text()
    more.touch()
    expect(page.locator(".log-foot")).to_contain_text("400 lines")
    page.evaluate(STILL, ".log-scroll")
    assert page.locator(".log-line").first.inner_text() == first, "what is read stays in its place"
    button(page, "Jump to end").click()
    expect(text_of(page, 400)).to_be_visible()
    expect(page.get_by_text("Following: new lines appear here")).to_be_visible()
    client.cancel(job.id)
    expect(page.get_by_text("Following: new lines appear here")).to_be_hidden()


def test_a_log_shows_colours_as_classes_and_the_last_state_of_a_progress_bar(
    show: Open, client: Client, shared: ServerProcess
) -> None:
    page = show(ended(client, "bash", "-c", COLOURED), "?tab=log#L1")
    watch = Watch(page, shared)
    expect(text_of(page, 1)).to_have_text("red plain")
    expect(page.locator(".t-bold.t-fg1")).to_have_text("red")
    expect(text_of(page, 2)).to_have_text("100%")
    assert watch.is_clean


def wheeled_up_to(page: Page, line: int) -> bool:
    """Turn the wheel once; tell whether the line has come. How high wrapped lines are is known once they were drawn."""
    page.mouse.wheel(0, -5000)
    page.evaluate(STILL, ".log-scroll")
    return text_of(page, line).is_visible()


def test_wrapped_lines_end_with_the_last_one_in_view(show: Open, client: Client) -> None:
    script = "for i in $(seq 1 80); do echo line $i $(seq -s ' ' 1 200); done"
    page = show(ended(client, "bash", "-c", script), "?tab=log")
    expect(text_of(page, 80)).to_be_visible()
    page.get_by_label("Wrap lines").check()
    wide = "document.querySelector('.log-scroll').scrollWidth"
    room = "document.querySelector('.log-scroll').clientWidth"
    until(lambda: page.evaluate(f"{wide} - {room}") <= 0)
    expect(text_of(page, 80)).to_be_in_viewport()
    page.locator(".log-scroll").hover()
    until(lambda: wheeled_up_to(page, 1))
    expect(text_of(page, 1)).to_be_in_viewport()


def test_a_progress_bar_that_makes_one_endless_line_shows_how_far_it_is(
    show: Open, client: Client
) -> None:
    script = "for i in $(seq 1 3000); do printf '\\r%5d/3000 |=====|' $i; done"
    page = show(ended(client, "bash", "-c", script), "?tab=log")
    expect(text_of(page, 1)).to_have_text(" 3000/3000 |=====|")


def test_a_line_has_an_address_that_leads_back_to_it(show: Open, client: Client) -> None:
    job = ended(client, "seq", "1", "5000")
    page = show(job, "?tab=log#L1203")
    chosen = page.locator(".is-chosen")
    expect(chosen).to_have_count(1)
    expect(text_of(page, 1203)).to_have_text("1203")
    expect(text_of(page, 1203)).to_be_in_viewport()
    page.locator("[data-line='1206']").click(modifiers=["Shift"])
    expect(chosen).to_have_count(4)
    expect(page).to_have_url(re.compile(r"\?tab=log#L1203-L1206$"))
    page.reload()
    expect(chosen).to_have_count(4)
    expect(text_of(page, 1204)).to_be_in_viewport()


def test_a_million_lines_are_searched_whole_and_drawn_a_screen_at_a_time(
    show: Open, client: Client, until: Until
) -> None:
    script = f"seq 1 {MILLION} | sed 's/$/ the quick brown fox/'; echo ERROR: no fuel >&2"
    page = show(ended(client, "sh", "-c", script), "?tab=log")
    expect(text_of(page, MILLION)).to_be_visible()
    page.get_by_label("Search the whole log").fill("654321 the")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 line matches")).to_be_visible()
    page.locator(".log-hits a").click()
    expect(text_of(page, 654_321)).to_have_text("654321 the quick brown fox")
    expect(page).to_have_url(re.compile("#L654321$"))
    for part in (0.0, 0.25, 0.9):
        page.evaluate(
            "part => { const all = document.querySelector('.log-scroll');"
            " all.scrollTop = part * (all.scrollHeight - all.clientHeight) }",
            part,
        )
        until(lambda: _is_drawn(page))
    assert page.locator(".log-line").count() < ROWS_DRAWN


def _is_drawn(page: Page) -> bool:
    """Tell whether every line in view has come, and says its own number."""
    return bool(
        page.evaluate(
            "[...document.querySelectorAll('.log-line')].every(line =>"
            " line.querySelector('.log-text').textContent.split(' ')[0]"
            " === line.querySelector('.log-number').dataset.line)"
        )
    )


def test_the_first_error_is_found_in_the_stream_that_is_shown(show: Open, client: Client) -> None:
    page = show(ended(client, "bash", "-c", COLOURED), "?tab=log")
    button(page, "First error").click()
    expect(page.get_by_text("No line of stdout looks like an error.")).to_be_visible()
    button(page, "stderr").click()
    button(page, "First error").click()
    expect(page.locator(".is-chosen")).to_contain_text("ValueError: bad beam")
    expect(page).to_have_url(re.compile(r"\?tab=log&stream=stderr#L1$"))
    button(page, "both").click()
    expect(page.locator(".log-pane")).to_have_count(2)
    expect(page.locator(".log-text", has_text="ValueError: bad beam")).to_be_visible()
    expect(text_of(page, 60)).to_have_text("line 60")


def test_cancelling_asks_first(show: Open, client: Client) -> None:
    job = client.submit(["sleep", "600"], name="sleeper")
    page = show(job)
    button(page, "Cancel…").click()
    button(page, "Let it run").click()
    button(page, "Cancel…").click()
    expect(page.get_by_role("heading", name="Cancel sleeper?")).to_be_visible()
    button(page, "Cancel the job").click()
    expect(page.locator(".job-state")).to_contain_text("cancelled")
    assert client.wait(job.id, timeout_s=120).state == "cancelled"


def test_a_retry_is_another_attempt_with_a_log_of_its_own(
    show: Open, client: Client, tmp_path: Path
) -> None:
    script = "if [ -e again ]; then echo second; else touch again; echo first; exit 1; fi"
    job = client.submit(["sh", "-c", script], directory=str(tmp_path))
    client.wait(job.id, timeout_s=120)
    page = show(job, "?tab=log")
    expect(text_of(page, 1)).to_have_text("first")
    button(page, "Retry").click()
    expect(page.locator(".job-state")).to_contain_text("succeeded")
    expect(page.locator(".job-state")).to_contain_text("attempt 2")
    expect(text_of(page, 1)).to_have_text("second")
    page.get_by_label("Attempt").select_option("1")
    expect(text_of(page, 1)).to_have_text("first")
    page.get_by_role("tab", name="Timeline").click()
    expect(page.get_by_role("row").filter(has_text="Attempt 1: Running")).to_contain_text("failed")


def test_a_clone_shows_what_is_different_and_becomes_a_job(show: Open, client: Client) -> None:
    environment = {"GREETING": "hello there", "API_TOKEN": "hush"}
    job = ended(client, "sh", "-c", "echo $GREETING", environment=environment)
    page = show(job)
    button(page, "Clone…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing is changed: the same job again.")
    variables = dialog.get_by_label("Environment")
    assert "hush" not in variables.input_value()
    variables.fill(variables.input_value().replace("hello there", "good day"))
    expect(dialog.locator("del")).to_have_text("hello there")
    expect(dialog.locator("ins")).to_have_text("good day")
    dialog.get_by_label("Command").fill("sh -c 'open")
    expect(dialog.get_by_role("alert")).to_contain_text("a single quote is not closed")
    dialog.get_by_label("Command").fill("sh -c 'echo $GREETING'")
    button(page, "Submit the clone").click()
    expect(page.get_by_text(f"clone of #{job.number}")).to_be_visible()
    made = client.job(page.url.partition("/j/")[2])
    assert made.environment == {"GREETING": "good day", "API_TOKEN": "hush"}
    assert made.command == job.command


@pytest.mark.service("bash", "curl")
def test_what_is_copied_makes_the_same_job_whatever_its_words(
    show: Open, client: Client, user: Mapping[str, str], tmp_path: Path
) -> None:
    job = ended(
        client,
        *("true", *HOSTILE),
        name=f"hostile {HOSTILE[1]}",
        labels=list(HOSTILE[:2]),
        environment={"WORDS": HOSTILE[1], "MORE": HOSTILE[2]},
        directory=str(tmp_path),
    )
    page = show(job)
    button(page, "Copy as…").click()
    recipes = page.get_by_role("dialog").locator("pre")
    expect(recipes).to_have_count(3)
    line, curl, python = recipes.all_inner_texts()
    programs = (["bash", "-c", line], ["bash", "-c", curl], [sys.executable, "-c", python])
    for program in programs:
        done = subprocess.run(
            program, env=dict(user), capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, (program, done.stderr)
        made = next(iter(client.jobs(limit=1)))
        assert made.number > job.number
        again = client.job(made.id)
        for field in ("command", "name", "labels", "environment", "directory"):
            assert getattr(again, field) == getattr(job, field), (program, field)


def test_secrets_are_masked_until_they_are_asked_for(show: Open, client: Client) -> None:
    job = ended(client, "true", environment={"API_TOKEN": "hush", "THREADS": "4"})
    page = show(job, "?tab=details")
    expect(page.get_by_text("THREADS")).to_be_visible()
    assert "hush" not in page.content()
    button(page, "Reveal secrets").click()
    expect(page.get_by_text("hush")).to_be_visible()
    button(page, "Copy as…").click()
    expect(page.get_by_role("dialog")).to_contain_text("Left out: API_TOKEN")


def test_tabs_are_chosen_by_keys_and_stay_in_the_address(show: Open, client: Client) -> None:
    page = show(client.submit_report(name="tabs"))
    page.get_by_role("tab", name="Workers").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Share")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel", name="Timeline")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?tab=timeline$"))
    page.reload()
    expect(page.get_by_role("tab", name="Timeline")).to_have_attribute("aria-selected", "true")


def test_of_many_workers_only_those_in_view_are_drawn(
    show: Open, client: Client, shared: ServerProcess
) -> None:
    job = client.submit_report(name="many")
    reports = [
        {"id": f"rank {n}", "current": n % 100, "total": 100, "ok": n != 1234} for n in range(1500)
    ]
    report(shared, job, *reports)
    page = show(job)
    names = page.locator(".worker-scroll .worker-name")
    expect(names.nth(0)).to_have_text("rank 0")
    expect(names.nth(2)).to_have_text("rank 2")
    assert names.count() < ROWS_DRAWN
    page.locator(".worker-scroll").hover()
    page.mouse.wheel(0, 38 * 700)
    expect(page.get_by_text("rank 700", exact=True)).to_be_in_viewport()
    expect(page.get_by_text("rank 690", exact=True)).not_to_be_in_viewport()
    page.mouse.wheel(0, -38 * 1500)
    page.get_by_label("Sort by").select_option("slowest")
    expect(names.nth(0)).to_have_text("rank 1234")
    page.get_by_label("Find a worker").fill("rank 149")
    expect(names).to_have_count(0)
    expect(page.locator(".worker-name bdi")).to_have_count(11)


def test_a_link_is_signed_and_shown_with_ways_to_use_it(show: Open, client: Client) -> None:
    page = show(client.submit_report(name="shared"), "?tab=share")
    expect(page.get_by_role("img", name="Picture (SVG) of shared")).to_be_visible()
    page.get_by_label("What").select_option("svg")
    button(page, "Make a link").click()
    expect(page.get_by_text("Good until")).to_be_visible()
    addresses = page.get_by_role("textbox", name="Address")
    assert "link=" in addresses.last.input_value()


def test_on_a_phone_an_arrow_shows_that_there_are_more_tabs_and_leads_to_them(
    chromium: Browser, shared: ServerProcess, client: Client
) -> None:
    job = client.submit_report(name="many tabs")
    with chromium.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto(f"{shared.url}/j/{job.number}")
        before, after = page.locator(".more-before button"), page.locator(".more-after button")
        expect(after).to_be_visible()
        expect(before).to_have_count(0)
        after.click()
        expect(before).to_be_visible()
        page.get_by_role("tab", name="Workers").focus()
        page.keyboard.press("End")
        share = page.get_by_role("tab", name="Share")
        expect(share).to_be_in_viewport(ratio=0.98)
        expect(after).to_have_count(0)
        page.goto(f"{shared.url}/j/{job.number}?tab=details")
        expect(after).to_be_visible()
        chosen, arrow = page.get_by_role("tab", name="Details").bounding_box(), after.bounding_box()
        assert chosen is not None
        assert arrow is not None
        assert chosen["x"] + chosen["width"] <= arrow["x"]


def test_tabs_that_all_have_room_have_no_arrow(show: Open, client: Client) -> None:
    page = show(client.submit_report(name="room enough"))
    expect(page.get_by_role("tab", name="Share")).to_be_in_viewport(ratio=0.98)
    expect(page.locator(".more")).to_have_count(0)


def test_a_job_that_is_not_there_is_said_plainly(page: Page, shared: ServerProcess) -> None:
    page.goto(f"{shared.url}/j/999999")
    expect(page.get_by_role("heading", name="There is no job 999999 here")).to_be_visible()


def test_on_a_phone_what_can_be_done_stands_in_one_row_and_fields_take_the_width(
    chromium: Browser, shared: ServerProcess, client: Client
) -> None:
    done = ended(client, "true", name="small")
    moving = client.submit_report(name="moving")
    report(shared, moving, {"id": "rank 0", "current": 1, "total": 4})
    with chromium.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto(f"{shared.url}/j/{done.number}")
        expect(page.get_by_role("heading", name="small")).to_be_visible()
        buttons = page.locator(".job-actions > button")
        expect(buttons).to_have_count(4)
        tops = buttons.evaluate_all("all => all.map((one) => one.getBoundingClientRect().top)")
        assert len(set(tops)) == 1
        page.goto(f"{shared.url}/j/{moving.number}")
        field = page.get_by_label("Find a worker").bounding_box()
        assert field is not None
        assert field["width"] > 350
