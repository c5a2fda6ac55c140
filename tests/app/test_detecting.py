"""Which schedulers a server finds by itself."""

import os
from pathlib import Path

import pytest

from headway.app.clusters import adopting
from headway.app.detecting import schedulers_here, with_detected
from headway.app.options import ClusterOptions, ServeOptions

pytestmark = pytest.mark.anyio

PROGRAMS = {
    "slurm": ("sbatch", "squeue"),
    "lsf": ("bsub", "bjobs"),
    "pbs": ("qsub", "qstat", "pbs_rstat"),
    "sge": ("qsub", "qstat", "qconf"),
}


def a_machine_with(directory: Path, *names: str) -> str:
    for name in names:
        program = directory / name
        program.write_text("#!/bin/sh\nexit 1\n")
        program.chmod(0o700)
    return str(directory)


@pytest.mark.parametrize("kind", PROGRAMS)
def test_each_scheduler_is_told_from_all_others(kind: str, tmp_path: Path) -> None:
    assert schedulers_here(a_machine_with(tmp_path, *PROGRAMS[kind])) == [kind]


def test_where_no_scheduler_is_none_is_found(tmp_path: Path) -> None:
    assert schedulers_here(str(tmp_path)) == []
    assert schedulers_here(a_machine_with(tmp_path, "qsub", "qstat", "sbatch")) == []


@pytest.fixture
def on_a_login_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose Slurm and LSF say their versions, and whose Grid Engine is installed and not set up."""
    place = tmp_path / "bin"
    place.mkdir()
    every = (*PROGRAMS["slurm"], *PROGRAMS["lsf"], *PROGRAMS["sge"])
    path = a_machine_with(place, *every, "lsid")
    for name, said in (("squeue", "slurm 23.02.7"), ("lsid", "openlava project 2.2, Nov 21 2026")):
        (place / name).write_text(f"#!/bin/sh\necho '{said}'\n")
    monkeypatch.setenv("PATH", f"{path}{os.pathsep}{os.defpath}")


@pytest.mark.usefixtures("on_a_login_node")
async def test_a_scheduler_that_nobody_spoke_of_becomes_a_cluster(tmp_path: Path) -> None:
    options = await with_detected(ServeOptions(data=tmp_path, detect=True))
    assert options.clusters == {
        "lsf": ClusterOptions(kind="lsf"),
        "slurm": ClusterOptions(kind="slurm"),
    }
    assert adopting(options) == {"lsf", "slurm"}


@pytest.mark.usefixtures("on_a_login_node")
async def test_a_scheduler_that_was_spoken_of_is_as_it_was_said(tmp_path: Path) -> None:
    said = {"here": ClusterOptions(kind="slurm", adopt=False)}
    options = await with_detected(ServeOptions(data=tmp_path, detect=True, clusters=said))
    assert set(options.clusters) == {"here", "lsf"}
    assert adopting(options) == {"lsf"}


@pytest.mark.usefixtures("on_a_login_node")
async def test_nothing_is_detected_when_it_is_switched_off_or_others_reach_the_server(
    tmp_path: Path,
) -> None:
    for options in (
        ServeOptions(data=tmp_path),
        ServeOptions(data=tmp_path, detect=True, host="0.0.0.0"),
    ):
        assert (await with_detected(options)).clusters == {}


def test_one_switch_leaves_out_the_jobs_of_all_clusters(tmp_path: Path) -> None:
    clusters = {"slurm": ClusterOptions(kind="slurm")}
    assert adopting(ServeOptions(data=tmp_path, clusters=clusters, adopt=False)) == frozenset()
