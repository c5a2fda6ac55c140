"""Jobs that were handed to a real Grid Engine by hand: it lists no ended ones, and its accounting knows them one by one."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.server.scripts import Gate
from tests.rigs.sge import GridEngine
from tests.rigs.site import Site


@pytest.fixture
def site(sge: GridEngine, tmp_path: Path) -> Iterator[Site]:
    sge.clear()
    with Site("sge", sge, tmp_path / "data") as made:
        yield made
    sge.clear()


def test_jobs_are_followed_to_the_ends_that_accounting_tells(
    site: Site, sge: GridEngine, tmp_path: Path
) -> None:
    site.start()
    gate = Gate(tmp_path / "gate")
    failed = sge.submit(shlex.join(gate.command("exit 3")), "-N", "bad")
    ended = sge.submit(shlex.join(gate.command("exit 0")), "-N", "good")
    held = sge.submit("true", "-h", "-N", "held")
    assert site.until_state(failed, "running")["name"] == "bad"
    assert site.until_state(ended, "running")["name"] == "good"
    assert site.until_state(held, "queued")["reason"] == "held"
    gate.open()
    job = site.until_state(failed, "failed")
    assert (job["reason"], job["exit_code"]) == ("nonzero_exit", 3)
    assert site.until_state(ended, "succeeded")["exit_code"] == 0


def test_an_array_is_one_job_with_its_tasks(site: Site, sge: GridEngine, tmp_path: Path) -> None:
    site.start()
    gate = Gate(tmp_path / "gate")
    array = sge.submit(shlex.join(gate.command("exit 0")), "-t", "1-3", "-N", "sweep")
    site.until(array, lambda job: job["children"] == {"running": 3})
    gate.open()
    assert site.until_state(array, "succeeded")["children"] == {"succeeded": 3}
