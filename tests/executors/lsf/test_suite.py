"""LSF's executor passes the one suite on the doubles of its commands, which run on a real Slurm, in both families' words."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.doubles.programs import CLASSIC, double_programs
from tests.executors.test_executor_suite import Batch
from tests.rigs.slurm import Slurm

from headway.executors.lsf.plugin import plugin
from headway.testing.executor_suite import QueueSuite
from headway.testing.executor_witness import Scene


class _Lsf(QueueSuite):
    @pytest.fixture
    def held(self) -> Mapping[str, str]:
        return {"lsf.H": ""}


class TestLsf(_Lsf):
    """In IBM's words: chosen fields as JSON."""

    @pytest.fixture
    def scene(self, slurm: Slurm, tmp_path: Path) -> Scene:
        settings = {"programs": double_programs("lsf"), "environment": slurm.environment}
        return Batch(tmp_path, plugin, settings)


class TestClassicLsf(_Lsf):
    """In OpenLava's: tables and texts."""

    @pytest.fixture
    def scene(self, slurm: Slurm, tmp_path: Path) -> Scene:
        environment = {**slurm.environment, **CLASSIC}
        settings = {"programs": double_programs("lsf"), "environment": environment}
        return Batch(tmp_path, plugin, settings)
