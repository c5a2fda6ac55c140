"""Looking for a scheduler: which one it is, and whether it answers."""

import os
from pathlib import Path
from typing import Final

import pytest
from tests.rigs.slurm import Slurm

from headway.app.system import SystemClock
from headway.executors.batch.probe import Probed
from headway.executors.batch.settings import BatchPlugin
from headway.executors.pbs.plugin import plugin as pbs
from headway.executors.slurm.plugin import plugin as slurm_plugin

pytestmark = pytest.mark.anyio

#: What Debian's qsub of Grid Engine says where no qmaster is configured.
GRID_ENGINE: Final = (
    "Unable to initialize environment because of error: unable to read qmaster name: qmaster"
    ' hostname in "/var/lib/gridengine/default/common/act_qmaster" has zero length\nExiting.'
)


async def probed(plugin: BatchPlugin, **environment: str) -> Probed:
    variables = {"PATH": os.defpath, **environment}
    return await plugin.probe(clock=SystemClock(), base_environment=variables)


def fake(directory: Path, name: str, script: str) -> None:
    program = directory / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


async def test_a_real_slurm_says_its_version_and_lists_its_jobs(slurm: Slurm) -> None:
    job = slurm.submit("sleep 600", "--hold")
    try:
        seen = await probed(slurm_plugin, **slurm.environment)
    finally:
        slurm.run(["scancel", job])
    assert seen.version in slurm.ask("squeue", "--version")
    assert seen.version
    assert seen.jobs is not None
    assert seen.jobs >= 1
    assert (seen.stranger, seen.trouble) == ("", "")
    assert seen.is_here


async def test_programs_without_a_scheduler_behind_them_say_what_is_wrong(tmp_path: Path) -> None:
    fake(tmp_path, "squeue", "echo 'squeue: fatal: no configuration' >&2; exit 1")
    seen = await probed(slurm_plugin, PATH=str(tmp_path))
    assert "no configuration" in seen.trouble
    assert seen.jobs is None
    assert seen.programs["sbatch"] is None


async def test_a_scheduler_of_which_nothing_is_here_is_not_asked(tmp_path: Path) -> None:
    seen = await probed(slurm_plugin, PATH=str(tmp_path))
    assert not seen.is_here
    assert set(seen.programs.values()) == {None}
    assert seen == Probed(programs=seen.programs)


@pytest.mark.parametrize(
    ("says", "whose"),
    [
        ("SGE 8.1.9", "Grid Engine's"),
        (GRID_ENGINE, "Grid Engine's"),
        ('qsub: invalid option argument "--version"', "Grid Engine's"),
        ("Version: 6.1.2", "Torque's"),
    ],
)
async def test_a_qsub_that_is_not_pbs_is_told_by_what_it_says(
    tmp_path: Path, says: str, whose: str
) -> None:
    (tmp_path / "said").write_text(f"{says}\n")
    fake(tmp_path, "qsub", f"/bin/cat '{tmp_path}/said' >&2; exit 1")
    seen = await probed(pbs, PATH=str(tmp_path))
    assert f"this qsub is {whose}" in seen.stranger
    assert not seen.is_here
