"""``headway doctor``: the schedulers of this machine, and a job to see whether jobs run."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.cli.conftest import Headway

from headway.cli.schedulers import checks_of
from headway.executors.batch.probe import Probed

SLURM = {"sbatch": "/opt/slurm/bin/sbatch", "squeue": "/opt/slurm/bin/squeue"}


def said(**schedulers: Probed) -> list[tuple[str, str, str]]:
    return [(check.status, check.name, check.detail) for check in checks_of(schedulers)]


def test_a_scheduler_that_answers_says_its_version_and_how_many_jobs_it_lists() -> None:
    assert said(slurm=Probed(programs=SLURM, version="23.02.7", jobs=1)) == [
        ("ok", "scheduler slurm", "Slurm 23.02.7 (/opt/slurm/bin), lists 1 job of yours")
    ]


def test_a_scheduler_that_does_not_answer_is_warned_of() -> None:
    seen = Probed(programs=SLURM, version="23.02.7", trouble="squeue: Unable to contact slurmctld")
    assert said(slurm=seen) == [
        (
            "warning",
            "scheduler slurm",
            "Slurm 23.02.7 does not answer: squeue: Unable to contact slurmctld",
        )
    ]


def test_programs_that_are_not_there_are_named() -> None:
    [(status, _, detail)] = said(slurm=Probed(programs={**SLURM, "sacct": None}, jobs=0))
    assert (status, detail) == (
        "warning",
        "Slurm (/opt/slurm/bin), lists 0 jobs of yours; not on PATH: sacct",
    )


def test_a_qsub_of_another_scheduler_is_told_by_its_name() -> None:
    seen = Probed(programs={"qsub": "/usr/bin/qsub"}, stranger="this qsub is Grid Engine's")
    assert said(pbs=seen) == [("ok", "scheduler pbs", "not here: this qsub is Grid Engine's")]


def test_where_there_is_none_that_is_said_in_one_line() -> None:
    none = Probed(programs={"squeue": None})
    assert said(slurm=none, sge=none) == [
        ("ok", "schedulers", "none is on PATH here (looked for Slurm, Grid Engine)")
    ]


def test_a_job_that_went_well_says_how_long_each_step_took(headway: Headway) -> None:
    done = headway("doctor", "--test-job", "--cluster", "local", "--json")
    assert done.returncode == 0, done.stdout
    steps: dict[str, dict[str, Any]] = {
        check["name"]: check
        for check in json.loads(done.stdout)["checks"]
        if check["name"].startswith("test job")
    }
    assert {f"test job {name}" for name in ("accepted", "running", "ended", "seen")} <= set(steps)
    assert steps["test job ended"]["detail"].endswith(": exit code 0")
    assert steps["test job output"]["detail"] == "it came back as it was written"
    assert all(step["took_s"] >= 0 for name, step in steps.items() if not name.endswith(" output"))
    assert "headway doctor" not in headway("jobs").stdout, "it is hidden"


def test_a_job_for_a_cluster_that_is_not_there_is_bad(headway: Headway) -> None:
    done = headway("doctor", "--test-job", "--cluster", "nowhere")
    assert done.returncode == 1
    assert "it was not accepted: no cluster is called 'nowhere'" in done.stdout


@pytest.fixture
def full(headway: Headway) -> Iterator[None]:
    """A cluster that has no room."""
    for _ in range(8):
        headway("submit", "-l", "full", "--", "sleep", "600")
    yield
    headway("kill", "label:full", "--wait", "--yes")


@pytest.mark.usefixtures("full")
def test_a_job_that_has_not_ended_in_time_says_why_and_is_cancelled(headway: Headway) -> None:
    done = headway("doctor", "--test-job", "--timeout", "0.2s")
    assert done.returncode == 1
    assert "it has not ended within 0.2 s. It waits for room on the cluster local." in done.stdout
    assert "cancelled" in headway("jobs", "--name", "headway doctor").stdout


@pytest.mark.parametrize("option", [("--cluster", "local"), ("--timeout", "1m")])
def test_options_of_the_job_need_the_job(headway: Headway, option: tuple[str, str]) -> None:
    assert headway("doctor", *option).returncode == 2


def test_without_a_server_the_schedulers_are_looked_at_all_the_same(headway: Headway) -> None:
    done = headway("doctor", "--test-job", "--url", "http://127.0.0.1:1", "--json")
    names = [check["name"] for check in json.loads(done.stdout)["checks"]]
    assert done.returncode == 1
    assert any(name.startswith("scheduler") for name in names)
    assert names[-1] == "test job"
