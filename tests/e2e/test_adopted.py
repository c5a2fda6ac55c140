"""Jobs that were not submitted through Headway, on the page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import Watch
from tests.rigs.slurm import Slurm

from headway.testing.server import running_server

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]

COUNTS = "for i in $(seq 1 9); do echo step $i/4000; done; exec sleep 600"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 860}) as context:
        yield context.new_page()


def test_a_job_handed_to_slurm_by_hand_is_in_the_list_with_its_log_and_nothing_to_end_it(
    page: Page, slurm: Slurm, tmp_path: Path
) -> None:
    native_id = slurm.submit(COUNTS, f"--output={tmp_path}/%j.log", "--job-name=by-hand")
    arguments = ("--cluster", "slurm")
    with running_server(
        tmp_path / "data", arguments=arguments, environment=slurm.environment
    ) as server:
        watch = Watch(page, server)
        page.goto(f"{server.url}/?q=native_id:{native_id}")
        row = page.get_by_role("row").filter(has_text="by-hand")
        expect(row).to_contain_text("adopted")
        expect(row).to_contain_text("running")
        expect(row.get_by_role("progressbar")).to_be_visible()
        row.get_by_role("link", name="by-hand").click()
        expect(page.get_by_role("heading", name="by-hand")).to_be_visible()
        actions = page.locator(".job-actions").get_by_role("button")
        expect(actions).to_have_count(0)
        page.get_by_role("tab", name="Log").click()
        expect(page.locator(".log")).to_contain_text(re.compile(r"step \d+/4000"))
        expect(page.get_by_role("button", name="stderr")).to_have_count(0)
        slurm.ask("scancel", native_id)
        expect(page.locator(".job-state")).to_contain_text("cancelled")
        assert watch.is_clean
