"""A job with a sandbox on its page: what is brought and fetched, and the same again from there."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.test_job_page import button, ended

from headway.lib.jsonvalue import JsonObject
from headway.sdk.client import Client
from headway.testing.server import ServerProcess

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

_HOSTILE: Final = "it's <b>\u202e$(id).csv"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 860}) as context:
        yield context.new_page()


@pytest.fixture
def sandbox(tmp_path: Path) -> JsonObject:
    (tmp_path / _HOSTILE).write_text("1\n")
    return {
        "stage_in": [{"source": f"{tmp_path}/{_HOSTILE}", "target": "in/data.csv"}],
        "stage_out": [{"source": "in", "target": f"{tmp_path}/out=1"}],
        "delete": "never",
    }


def rows(page: Page, name: str) -> list[list[str]]:
    found = page.get_by_role("table", name=name).locator("tbody tr")
    expect(found.first).to_be_visible()
    return [row.locator("td").all_inner_texts() for row in found.all()]


def test_its_files_are_shown_as_text_with_where_they_go(
    page: Page, shared: ServerProcess, client: Client, sandbox: JsonObject, tmp_path: Path
) -> None:
    job = ended(client, "true", sandbox={**sandbox, "stderr": f"{tmp_path}/err.txt"})
    page.goto(f"{shared.url}/j/{job.number}?tab=io")
    shown = f"{tmp_path}/{_HOSTILE}".replace("\u202e", "\ufffd")
    assert rows(page, "Brought in before the start") == [[shown, "in/data.csv"]]
    assert rows(page, "Fetched after the end") == [
        ["standard error", f"{tmp_path}/err.txt"],
        ["in", f"{tmp_path}/out=1"],
    ]
    expect(page.get_by_role("tabpanel")).to_contain_text("stays as long as the job is remembered")


def test_a_job_without_a_sandbox_says_nothing_of_one(
    page: Page, shared: ServerProcess, client: Client
) -> None:
    job = ended(client, "true", inputs={"run": 7})
    page.goto(f"{shared.url}/j/{job.number}?tab=io")
    expect(page.get_by_role("heading", name="Inputs")).to_be_visible()
    expect(page.get_by_text("Sandbox")).to_have_count(0)


@pytest.mark.service("bash", "curl")
def test_what_is_copied_asks_for_the_same_sandbox(
    page: Page, shared: ServerProcess, client: Client, user: Mapping[str, str], sandbox: JsonObject
) -> None:
    job = ended(client, "true", sandbox=sandbox, attributes={"total_duration": 90})
    page.goto(f"{shared.url}/j/{job.number}")
    button(page, "Copy as…").click()
    recipes = page.get_by_role("dialog").locator("pre")
    expect(recipes).to_have_count(3)
    line, curl, python = recipes.all_inner_texts()
    for program in (["bash", "-c", line], ["bash", "-c", curl], [sys.executable, "-c", python]):
        done = subprocess.run(
            program, env=dict(user), capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, (program, done.stderr)
        made = next(iter(client.jobs(limit=1)))
        assert made.number > job.number
        again = client.job(made.id)
        assert (again.sandbox, again.attributes) == (job.sandbox, job.attributes), program


def test_a_clone_has_its_sandbox_with_what_was_edited(
    page: Page, shared: ServerProcess, client: Client, sandbox: JsonObject, tmp_path: Path
) -> None:
    sandbox = {**sandbox, "keep_s": 60.0}
    job = ended(client, "true", sandbox=sandbox, attributes={"total_duration": 90})
    page.goto(f"{shared.url}/j/{job.number}")
    button(page, "Clone…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing is changed: the same job again.")
    dialog.get_by_label("Fetched from its sandbox").fill("in")
    expect(dialog.get_by_role("alert")).to_contain_text("from and to")
    dialog.get_by_label("Fetched from its sandbox").fill(f"in {tmp_path}/elsewhere")
    dialog.get_by_label("Total limit").fill("00:02:00")
    button(page, "Submit the clone").click()
    expect(page.get_by_text(f"clone of #{job.number}")).to_be_visible()
    made = client.wait(page.url.partition("/j/")[2], timeout_s=120)
    assert made.sandbox == {
        **sandbox,
        "stage_out": [{"source": "in", "target": f"{tmp_path}/elsewhere"}],
    }
    assert made.attributes == {"total_duration": 120}
    assert made.state == "succeeded"
