"""Real schedulers and a real sshd, each started once for all tests that take it, and ended with the run, however that ends.

What a test has broken of one is mended after it; jobs that it has left run on. A test that needs a cluster alone makes its own.
"""

import os
from collections.abc import Iterator

import pytest
from tests.conftest import NEEDS_ROOT
from tests.rigs import sge as sge_rig
from tests.rigs import slurm as slurm_rig
from tests.rigs import sshd as sshd_rig
from tests.rigs.kept import require
from tests.rigs.sge import GridEngine
from tests.rigs.slurm import Slurm
from tests.rigs.sshd import Sshd


@pytest.fixture(scope="session")
def slurm() -> Iterator[Slurm]:
    """A Slurm of three nodes, without accounting."""
    require(slurm_rig.PROGRAMS)
    with Slurm(cpus=16) as running:
        yield running


@pytest.fixture(scope="session")
def slurm_dbd() -> Iterator[Slurm]:
    """A Slurm whose sacct tells of ended jobs."""
    require(slurm_rig.DBD_PROGRAMS)
    with Slurm(cpus=16, dbd=True) as running:
        yield running


@pytest.fixture(scope="session")
def slurm_forgetful() -> Iterator[Slurm]:
    """A Slurm without accounting that forgets a job some seconds after its end."""
    require(slurm_rig.PROGRAMS)
    with Slurm(cpus=16, min_job_age_s=2) as running:
        yield running


@pytest.fixture(scope="session")
def sge() -> Iterator[GridEngine]:
    """A Grid Engine of one host."""
    require(sge_rig.PROGRAMS)
    if os.geteuid() != 0:
        pytest.skip(f"{NEEDS_ROOT}: Grid Engine's execd runs jobs as root only")
    with GridEngine(slots=16) as running:
        yield running


@pytest.fixture(scope="session")
def sshd() -> Iterator[Sshd]:
    """A host to be reached by ssh, as the user who runs the tests."""
    require(sshd_rig.PROGRAMS)
    with Sshd() as running:
        yield running


@pytest.fixture(scope="session")
def login_node(slurm: Slurm) -> Iterator[Sshd]:
    """A host to be reached by ssh, where the commands of ``slurm`` work."""
    require(sshd_rig.PROGRAMS)
    with Sshd(session=slurm.environment) as running:
        yield running


@pytest.fixture(autouse=True)
def mended(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave each of them to the next test as it was found."""
    yield
    for value in request.node.funcargs.values():
        if isinstance(value, Slurm | GridEngine | Sshd):
            value.mend()
