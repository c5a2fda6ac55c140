"""LSF's executor passes the one suite on the doubles of its commands, which run on a real Slurm, in both families' words."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.doubles.programs import CLASSIC, double_programs
from tests.executors.test_executor_suite import Batch
from tests.faults.counts import rounds
from tests.rigs.slurm import Slurm

from headway.executors.lsf.plugin import plugin
from headway.testing.executor_suite import QueueSuite, TransportSuite
from headway.testing.executor_witness import Scene


class _Lsf:
    @pytest.fixture
    def held(self) -> Mapping[str, str]:
        return {"lsf.H": ""}


class TestLsf(_Lsf, QueueSuite):
    """In IBM's words: chosen fields as JSON."""

    @pytest.fixture
    def scene(self, slurm: Slurm, tmp_path: Path) -> Scene:
        settings = {"programs": double_programs("lsf"), "environment": slurm.environment}
        return Batch(tmp_path, plugin, settings)


class _ClassicLsf(_Lsf):
    @pytest.fixture
    def scene(self, slurm: Slurm, tmp_path: Path) -> Scene:
        environment = {**slurm.environment, **CLASSIC}
        settings = {"programs": double_programs("lsf"), "environment": environment}
        return Batch(tmp_path, plugin, settings)


if rounds(2) > 1:

    class TestClassicLsf(_ClassicLsf, QueueSuite):
        """In OpenLava's: tables and texts."""

else:

    class TestClassicLsf(_ClassicLsf, TransportSuite):  # type: ignore[no-redef]
        """In OpenLava's: tables and texts; what does not depend on them is tried in IBM's."""
