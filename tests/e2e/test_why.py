"""Why a job waits or how it failed, on its page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Watch
from tests.rigs.slurm import Slurm

from headway.sdk.client import Client
from headway.testing.server import ServerProcess, running_server

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

TRACEBACK = r"printf '\033[1mTraceback\033[0m:\n  File <b>x.py\nKeyError\n' >&2"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 860}) as context:
        yield context.new_page()


def test_a_failed_job_says_how_what_to_do_and_what_it_wrote_last(
    page: Page, client: Client, shared: ServerProcess, axe: str, tmp_path: Path
) -> None:
    mended = tmp_path / "mended"
    script = f'[ -e "{mended}" ] && exec sleep 600; {TRACEBACK}; exit 127'
    job = client.wait(client.submit(["sh", "-c", script], name="puzzle").id, timeout_s=120)
    watch = Watch(page, shared)
    page.goto(f"{shared.url}/j/{job.number}?tab=details")
    panel = page.get_by_role("region", name="It ended with exit code 127.")
    expect(panel).to_contain_text("most often means: a program was not found")
    expect(panel.locator("code")).to_have_text(
        [f"headway logs {job.number}", f"headway retry {job.number}"]
    )
    expect(panel.locator("pre")).to_have_text("Traceback:\n  File <b>x.py\nKeyError")
    page.evaluate(axe)
    assert page.evaluate("axe.run('.why').then((found) => found.violations)") == []
    page.get_by_role("tab", name="Log").click()
    expect(panel.locator("pre")).to_be_hidden()  # the whole log is below it
    mended.touch()
    page.get_by_role("button", name="Retry").click()
    expect(panel).to_be_hidden()
    client.cancel(job.id)
    assert watch.is_clean


def test_a_job_in_slurms_queue_says_why_it_waits_and_shows_slurms_own_text(
    page: Page, slurm: Slurm, tmp_path: Path
) -> None:
    with (
        running_server(
            tmp_path / "data", arguments=("--cluster", "slurm"), environment=slurm.environment
        ) as server,
        Client(server.url) as client,
    ):
        job = client.submit(
            ["sleep", "600"],
            cluster="slurm",
            attributes={"queue_name": "short", "duration": 36_000},
        )
        watch = Watch(page, server)
        page.goto(server.url)
        row = page.get_by_role("row").filter(has_text="sleep")
        expect(row.locator(".state-more.is-stuck")).to_have_text("cannot start")
        expect(row.locator(".cell-message")).to_contain_text("no waiting helps")
        row.get_by_role("link", name="sleep").click()
        expect(page.locator(".job-state .is-stuck")).to_have_text("it cannot start as it is")
        panel = page.locator(".why")
        expect(panel.get_by_role("heading")).to_have_text(
            "It will never start as it is: its wall time is longer than allowed."
        )
        expect(panel).to_contain_text("Slurm says: PENDING, PartitionTimeLimit")
        panel.get_by_role("button", name="All that Slurm says").click()
        expect(panel.locator("pre")).to_contain_text("Reason=PartitionTimeLimit")
        native_id = client.job(job.id).native_id
        slurm.ask("scontrol", "update", f"jobid={native_id}", "timelimit=2")
        expect(page.locator(".job-state")).to_contain_text("running")
        expect(page.locator(".is-stuck")).to_have_count(0)
        expect(panel).to_be_hidden()
        client.cancel(job.id)
        assert watch.is_clean
