"""Grid Engine's executor passes the one suite on a real Grid Engine."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.executors.test_executor_suite import Batch
from tests.rigs.sge import GridEngine

from headway.executors.sge.plugin import plugin
from headway.testing.executor_suite import QueueSuite
from headway.testing.executor_witness import Scene


class TestGridEngine(QueueSuite):
    """One host, whose accounting comes a second after a job's end."""

    @pytest.fixture
    def scene(self, sge: GridEngine, tmp_path: Path) -> Scene:
        return Batch(tmp_path, plugin, {"environment": sge.environment})

    @pytest.fixture
    def held(self) -> Mapping[str, str]:
        return {"sge.h": ""}
