"""Jobs that were handed to a real Slurm by hand are shown by a server, and only shown."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.server.scripts import Gate
from tests.rigs.kept import require
from tests.rigs.site import Site
from tests.rigs.slurm import DBD_PROGRAMS, PROGRAMS, Slurm

COUNTS = "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo step $i/400; sleep 0.2; done"


@pytest.fixture
def site(slurm: Slurm, tmp_path: Path) -> Iterator[Site]:
    slurm.clear()
    made = Site("slurm", slurm, tmp_path / "data")
    with made:
        yield made
    slurm.clear()


def test_what_ran_before_the_server_is_there_with_state_reason_log_and_progress(
    site: Site, slurm: Slurm, tmp_path: Path
) -> None:
    counts = slurm.submit(COUNTS, f"--output={tmp_path}/%x-%j.log", "--job-name=counts")
    held = slurm.submit("true", "--hold", "--job-name=held")
    slurm.until(counts, "RUNNING")
    site.start()
    job = site.until(counts, lambda job: job["progress"] is not None)
    assert (job["name"], job["state"], job["cluster"]) == ("counts", "running", "slurm")
    assert (job["kind"], job["protocol"]) == ("adopted", "adopted")
    assert not {"cancel", "retry", "clone"} & set(site.get(f"jobs/{job['id']}")["may"])
    log = site.http.get(f"{site.server.url}/api/v1/jobs/{job['id']}/log/stdout")
    assert log.text.startswith("step 1/400\n")
    waiting = site.until_state(held, "queued")
    assert waiting["reason"] == "held"
    why = site.get(f"jobs/{waiting['id']}/why")
    assert why["native_reason"].startswith("JobHeldUser")
    assert "JobName=held" in site.get(f"jobs/{waiting['id']}/native")["text"]


def test_jobs_are_followed_to_their_ends(site: Site, slurm: Slurm) -> None:
    site.start()
    failed = slurm.submit("exit 3")
    ended = slurm.submit("true")
    long = slurm.submit("sleep 600")
    job = site.until_state(failed, "failed")
    assert (job["reason"], job["exit_code"]) == ("nonzero_exit", 3)
    assert site.until_state(ended, "succeeded")["exit_code"] == 0
    site.until_state(long, "running")
    slurm.ask("scancel", long)
    assert site.until_state(long, "cancelled")["ended"] is not None


def test_an_array_is_one_job_with_its_elements(site: Site, slurm: Slurm, tmp_path: Path) -> None:
    site.start()
    array = slurm.submit("echo $SLURM_ARRAY_TASK_ID", "--array=3-6", f"--output={tmp_path}/%a")
    parent = site.until_state(array, "succeeded")
    assert parent["children"] == {"succeeded": 4}
    element = site.until_state(f"{array}_5", "succeeded")
    assert (element["parent"], element["index"]) == (parent["id"], 5)
    log = site.http.get(f"{site.server.url}/api/v1/jobs/{element['id']}/log/stdout")
    assert log.text == "5\n"


def test_a_job_that_slurm_puts_back_into_its_queue_is_still_the_same_job(
    site: Site, slurm: Slurm
) -> None:
    site.start()
    job_id = slurm.submit("sleep 600", "--requeue")
    job = site.until_state(job_id, "running")
    slurm.ask("scontrol", "requeue", job_id)
    again = site.until(job_id, lambda job: job["attempt"] == 2)
    assert (again["id"], again["state"]) == (job["id"], "queued")


def test_a_server_that_was_killed_goes_on_with_the_same_jobs(site: Site, slurm: Slurm) -> None:
    site.start()
    ended, alive = slurm.submit("true"), slurm.submit("sleep 600")
    before = (site.until_state(ended, "succeeded"), site.until_state(alive, "running"))
    site.server.kill()
    later = slurm.submit("sleep 600")
    site.start()
    site.until_state(later, "running")
    now = site.adopted()
    assert [now[ended]["id"], now[alive]["id"]] == [job["id"] for job in before]
    assert [now[ended]["rev"], now[alive]["rev"]] == [job["rev"] for job in before]


def others(site: Site) -> int:
    """Give how many jobs the cluster lists that are not the server's own."""
    listed = site.get("clusters")["clusters"]
    (cluster,) = [one for one in listed if one["name"] == "slurm"]
    assert cluster["adopts"] is True
    return int(cluster["others"])


@pytest.fixture(scope="module")
def new_slurm() -> Iterator[Slurm]:
    """One that forgets no job while a test counts them."""
    require(PROGRAMS)
    with Slurm() as running:
        yield running


def test_jobs_of_the_server_itself_are_not_adopted(new_slurm: Slurm, tmp_path: Path) -> None:
    with Site("slurm", new_slurm, tmp_path / "data") as site:
        site.start()
        site.until_state(new_slurm.submit("sleep 600"), "running")
        assert others(site) == 1
        body = {"command": ["sleep", "600"], "cluster": "slurm"}
        own = site.http.post(f"{site.server.url}/api/v1/jobs", json=body).json()
        other = new_slurm.submit("sleep 600")
        site.until_state(other, "running")
        assert others(site) == 2
        native_id = site.get(f"jobs/{own['id']}")["native_id"]
        assert native_id is not None
        assert native_id not in site.adopted()


def test_the_command_line_shows_them_and_says_how_they_are_ended(site: Site, slurm: Slurm) -> None:
    site.start()
    job_id = slurm.submit("sleep 600", "--job-name=mine")
    job = site.until_state(job_id, "running")

    def headway(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "headway", *arguments],
            env={"PATH": os.defpath, **site.server.environment},
            capture_output=True,
            text=True,
            check=False,
        )

    assert re.search(r"^slurm +slurm +yes +[1-9]", headway("adopt").stdout, re.MULTILINE)
    assert "mine" in headway("jobs", "kind:adopted state:running").stdout
    done = headway("kill", str(job["number"]))
    assert done.returncode == 4
    assert f"on the cluster slurm itself this does it: scancel {job_id}" in done.stderr


def test_adoption_is_switched_off_for_a_cluster(site: Site, slurm: Slurm) -> None:
    site.start("adopt = false")
    job_id = slurm.submit("sleep 600")
    body = {"command": ["true"], "cluster": "slurm"}
    own = site.http.post(f"{site.server.url}/api/v1/jobs", json=body).json()
    slurm.wait(
        lambda: site.get(f"jobs/{own['id']}")["state"] == "succeeded", "the server's own job"
    )
    assert site.adopted() == {}
    site.server.kill()
    site.start()
    site.until_state(job_id, "running")


def test_an_end_that_slurm_has_forgotten_is_read_from_its_accounting(tmp_path: Path) -> None:
    require(DBD_PROGRAMS)
    with (
        Slurm(dbd=True, min_job_age_s=2) as slurm,
        Site("slurm", slurm, tmp_path / "data") as site,
    ):
        site.start()
        gate = Gate(tmp_path / "gate")
        job_id = slurm.submit(shlex.join(gate.command("exit 3")))
        job = site.until_state(job_id, "running")
        site.server.kill()
        gate.open()
        slurm.wait(lambda: job_id not in slurm.ask("squeue", "--states=all"), "Slurm to forget")
        site.start()
        over = site.until_state(job_id, "failed")
        assert (over["id"], over["reason"], over["exit_code"]) == (job["id"], "nonzero_exit", 3)
