"""A cluster that goes away and comes back, on the page and in the shell."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.e2e.conftest import Watch, environment_of
from tests.rigs.slurm import Slurm

from headway.sdk.client import Client
from headway.testing.server import ServerProcess, running_server

pytestmark = [pytest.mark.service("chromium"), pytest.mark.usefixtures("built")]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 860}) as context:
        yield context.new_page()


def test_a_cluster_that_is_away_says_so_above_the_list_and_its_jobs_until_it_is_back(
    page: Page, slurm: Slurm, tmp_path: Path
) -> None:
    arguments = ("--cluster", "slurm", "--no-adopt")
    with (
        running_server(
            tmp_path / "data", arguments=arguments, environment=slurm.environment
        ) as server,
        Client(server.url) as client,
    ):
        work = client.submit(["sleep", "600"], cluster="slurm", name="work")
        watch = Watch(page, server)
        page.goto(server.url)
        row = page.get_by_role("row").filter(has_text="work")
        expect(row).to_contain_text("running")
        banner = page.get_by_role("main").locator(".outage")
        expect(banner).to_have_count(0)
        slurm.kill_controller()
        expect(banner).to_contain_text("The cluster slurm has not answered since")
        expect(banner).to_contain_text("News of 1 job there comes when it is back.")
        later = client.submit(["true"], cluster="slurm", name="later")
        expect(banner).to_contain_text("1 job waits, and is handed over when it is back.")
        told = subprocess.run(
            [sys.executable, "-m", "headway", "jobs"],
            env=environment_of(server),
            capture_output=True,
            text=True,
            check=True,
        )
        assert "headway: cluster slurm has not answered since" in told.stderr
        assert "1 job waits for it" in told.stderr
        row.get_by_role("link", name="work").click()
        expect(page.get_by_role("heading", name="work")).to_be_visible()
        expect(banner).to_contain_text("The cluster slurm has not answered since")
        slurm.start_controller()
        expect(banner).to_have_count(0)
        client.wait(later.id, timeout_s=180)
        client.cancel(work.id)
        assert watch.is_clean


def test_a_trouble_that_was_dismissed_stays_away_and_another_one_comes_and_goes(
    page: Page, shared: ServerProcess, client: Client, axe: str
) -> None:
    """What the server says is made up here: a cluster that is slow when a test wants it is hard to come by."""
    job = client.submit(["sleep", "600"], name="here")
    trouble = {"what": "slow", "since": "2026-01-01T10:00:00Z", "concerns_you": True}
    local = {"name": "local", "detail": "it hangs <b>", "accepted": 2, "queued": 0, "running": 0}

    told = [{**local, "trouble": trouble}]

    def answer(route: Route) -> None:
        route.fulfill(json={"clusters": told})

    page.route("**/api/v1/clusters?health=trouble", answer)
    page.goto(shared.url)
    banner = page.locator(".outage")
    expect(banner).to_contain_text("The cluster local has been too slow to answer since")
    expect(banner).to_contain_text("2 jobs wait, and are handed over when it is back.")
    expect(banner).to_contain_text("it hangs <b>")
    page.evaluate(axe)
    assert page.evaluate("axe.run('.outages').then((found) => found.violations)") == []
    banner.get_by_role("button", name="Dismiss").click()
    expect(banner).to_have_count(0)
    page.goto(f"{shared.url}/j/{job.number}")
    expect(page.get_by_role("heading", name="here")).to_be_visible()
    expect(banner).to_have_count(0)
    trouble["since"] = "2026-01-01T11:00:00Z"
    expect(banner).to_be_visible()
    told.clear()
    expect(banner).to_have_count(0)
    client.cancel(job.id)
