"""The log on a job's page: the ways to a line, and what is found marked where it stands."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.e2e.test_job_page import STILL

from headway.sdk.client import Client
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

#: Every thousandth of five thousand lines has two needles in it, coloured.
NEEDLES: Final = (
    "for i in $(seq 1 5000); do case $i in *000)"
    r' printf "$i \033[31mneedle\033[0m and Needle\n";; *) echo $i hay;; esac; done'
)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 860}) as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def log(shared: ServerProcess) -> int:
    """The number of a job with a log to look through."""
    with Client(shared.url) as client:
        job = client.submit(["bash", "-c", NEEDLES])
        client.wait(job.id, timeout_s=120)
        return job.number


@pytest.fixture
def opened(page: Page, shared: ServerProcess, log: int) -> Page:
    page.goto(f"{shared.url}/j/{log}?tab=log")
    expect(text_of(page, 5000)).to_be_visible()
    return page


def text_of(page: Page, line: int) -> Locator:
    return page.locator(f".log-line:has([data-line='{line}']) .log-text")


def chosen(page: Page) -> Locator:
    return page.locator(".log-line.is-chosen")


def search(page: Page, text: str) -> None:
    page.get_by_label("Search the whole log").fill(text)
    page.keyboard.press("Enter")


def test_a_line_is_gone_to_by_its_number(opened: Page) -> None:
    opened.keyboard.press("g")
    field = opened.get_by_label("Go to line")
    expect(field).to_be_focused()
    field.fill("1203")
    opened.keyboard.press("Enter")
    expect(text_of(opened, 1203)).to_be_in_viewport()
    expect(chosen(opened)).to_contain_text("1203 hay")
    assert opened.url.endswith("#L1203")
    opened.locator(".log-scroll").hover()
    opened.mouse.wheel(0, 5000)
    expect(text_of(opened, 1203)).not_to_be_in_viewport()
    opened.evaluate(STILL, ".log-scroll")
    field.press("Enter")
    expect(text_of(opened, 1203)).to_be_in_viewport()


@pytest.mark.parametrize("text", ["0", "5001", "ten", "-3"])
def test_a_line_that_is_not_there_is_said_to_be_none(opened: Page, text: str) -> None:
    field = opened.get_by_label("Go to line")
    field.fill(text)
    field.press("Enter")
    expect(opened.get_by_text("The lines are 1 to 5,000.")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(chosen(opened)).to_have_count(0)
    field.fill("5,000")
    expect(field).to_have_attribute("aria-invalid", "false")
    field.press("Enter")
    expect(chosen(opened)).to_have_count(1)


def test_what_is_found_is_marked_in_its_lines_and_gone_through_by_keys(opened: Page) -> None:
    search(opened, "needle")
    expect(opened.get_by_text("5 lines match")).to_be_visible()
    expect(text_of(opened, 5000).locator("mark")).to_have_text(["needle", "Needle"])
    opened.locator(".log-scroll").focus()
    for line, words in ((1000, "line 1 of 5"), (2000, "line 2 of 5")):
        opened.keyboard.press("n")
        expect(chosen(opened)).to_contain_text(f"{line} needle and Needle")
        expect(opened.get_by_text(f"{words} that match")).to_be_visible()
        expect(chosen(opened).locator("mark")).to_have_count(2)
    opened.keyboard.press("Shift+N")
    expect(chosen(opened)).to_contain_text("1000 needle")
    opened.keyboard.press("Shift+N")
    expect(chosen(opened)).to_contain_text("5000 needle")
    opened.keyboard.press("n")
    expect(chosen(opened)).to_contain_text("1000 needle")
    opened.get_by_role("button", name="Next", exact=True).click()
    expect(chosen(opened)).to_contain_text("2000 needle")
    opened.get_by_role("button", name="Clear", exact=True).click()
    expect(opened.locator("mark")).to_have_count(0)


def test_enter_once_more_goes_on_and_what_is_typed_is_no_key(opened: Page) -> None:
    search(opened, "ng")
    expect(opened.get_by_text("No line of stdout matches.")).to_be_visible()
    assert opened.get_by_label("Search the whole log").input_value() == "ng"
    search(opened, "Needle")
    expect(opened.get_by_text("5 lines match")).to_be_visible()
    opened.keyboard.press("Enter")
    expect(chosen(opened)).to_contain_text("1000 needle")
    opened.keyboard.press("Shift+Enter")
    expect(chosen(opened)).to_contain_text("5000 needle")


def test_an_expression_is_marked_wherever_one_looks(opened: Page) -> None:
    opened.get_by_role("button", name="Regular expression").click()
    search(opened, r"^\d*7 h[a-z]y$")
    expect(opened.get_by_text("the first 200 lines that match")).to_be_visible()
    expect(text_of(opened, 4997).locator("mark")).to_have_text("4997 hay")
    opened.get_by_label("Go to line").fill("2500")
    opened.get_by_label("Go to line").press("Enter")
    expect(text_of(opened, 2507).locator("mark")).to_have_text("2507 hay")
    opened.locator(".log-scroll").focus()
    opened.keyboard.press("n")
    expect(chosen(opened)).to_contain_text("2507 hay")
    opened.keyboard.press("Shift+N")
    expect(chosen(opened)).to_contain_text("2497 hay")
    expect(text_of(opened, 2500).locator("mark")).to_have_count(0)


def test_a_finished_progress_bar_above_other_lines_shows_how_it_ended(
    page: Page, shared: ServerProcess, client: Client
) -> None:
    script = "for i in $(seq 1 3000); do printf '\\r%5d/3000 |=====|' $i; done; echo; echo after"
    job = client.submit(["bash", "-c", script])
    client.wait(job.id, timeout_s=120)
    page.goto(f"{shared.url}/j/{job.number}?tab=log")
    expect(text_of(page, 1)).to_have_text(" 3000/3000 |=====|")
    expect(text_of(page, 2)).to_have_text("after")
    search(page, "3000/3000")
    expect(text_of(page, 1).locator("mark")).to_have_text("3000/3000")


def test_what_is_found_far_to_the_right_is_scrolled_to(
    page: Page, shared: ServerProcess, client: Client
) -> None:
    job = client.submit(["bash", "-c", "printf 'x%.0s' $(seq 1 4000); echo needle; seq 1 30"])
    client.wait(job.id, timeout_s=120)
    page.goto(f"{shared.url}/j/{job.number}?tab=log")
    expect(text_of(page, 31)).to_be_visible()
    search(page, "needle")
    expect(page.get_by_text("1 line matches")).to_be_visible()
    expect(page.locator(".log-line mark")).not_to_be_in_viewport()
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator(".log-line mark")).to_be_in_viewport()
