"""PBS's executor passes the one suite on the doubles of its commands, which run on a real Slurm, with both forms of its listing."""

import getpass
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.doubles.programs import double_programs
from tests.executors.test_executor_suite import Batch
from tests.faults.counts import rounds
from tests.rigs.slurm import Slurm

from headway.executors.pbs.plugin import plugin
from headway.testing.executor_suite import QueueSuite, TransportSuite
from headway.testing.executor_witness import Scene


class _Pbs:
    @pytest.fixture
    def held(self) -> Mapping[str, str]:
        return {"pbs.h": ""}


class TestPbs(_Pbs, QueueSuite):
    """Everybody's jobs are listed, as JSON."""

    @pytest.fixture
    def scene(self, slurm: Slurm, tmp_path: Path) -> Scene:
        settings = {"programs": double_programs("pbs"), "environment": slurm.environment}
        return Batch(tmp_path, plugin, settings)


class _PbsOfOneUser(_Pbs):
    @pytest.fixture
    def scene(self, slurm: Slurm, tmp_path: Path) -> Scene:
        settings = {
            "programs": double_programs("pbs"),
            "environment": slurm.environment,
            "user": getpass.getuser(),
            "history": False,
        }
        return Batch(tmp_path, plugin, settings)


if rounds(2) > 1:

    class TestPbsOfOneUser(_PbsOfOneUser, QueueSuite):
        """One user's jobs are listed, as text; the server keeps no history."""

else:

    class TestPbsOfOneUser(_PbsOfOneUser, TransportSuite):  # type: ignore[no-redef]
        """One user's jobs are listed, as text; what does not depend on that is tried with everybody's."""
