"""All executors pass the one suite, on the real thing.

Another kind is a class like those here: its fixture ``scene`` says how its executor is made. Those of Grid Engine, LSF and PBS
are beside their other tests.
"""

import os
from collections.abc import Mapping
from copy import copy
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from tests.faults.counts import rounds
from tests.rigs.slurm import Slurm
from tests.rigs.sshd import Sshd

from headway.app.system import SystemClock
from headway.core.ports.executor import Executor
from headway.executors.batch.patience import Patience
from headway.executors.batch.settings import BatchPlugin
from headway.executors.local.executor import LocalExecutor
from headway.executors.slurm.plugin import plugin as slurm_plugin
from headway.testing.executor_suite import ExecutorSuite, QueueSuite, TransportSuite
from headway.testing.executor_witness import Scene

#: Of this machine's own files and schedulers, which show and say at once what a network's may keep back for longer.
_PATIENCE: Final = Patience(record_late=timedelta(seconds=2), word_late=timedelta(seconds=5))
_INHERITED: Final = {"OF_THE_SERVER": "yes, 'all' of it"}


class OnThisMachine:
    """A scene whose jobs see this machine's files, in a directory of the test's own."""

    inherited: Mapping[str, str] = _INHERITED
    base_environment: Final = {"PATH": os.defpath, **_INHERITED}

    def __init__(self, place: Path) -> None:
        self.root = str(place / "root")
        self.data = place / "data"
        for each in (place / "root", self.data):
            each.mkdir()

    def put(self, path: str, data: bytes) -> None:
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(".draft")
        draft.write_bytes(data)
        draft.chmod(0o700)
        draft.rename(file)

    def get(self, path: str) -> bytes | None:
        file = Path(path)
        return file.read_bytes() if file.is_file() else None


class Local(OnThisMachine):
    """Processes of this machine."""

    def make(self) -> Executor:
        return LocalExecutor(
            clock=SystemClock(),
            data=self.data,
            base_environment=self.base_environment,
            jobs_at_once=16,
            grace_s=5.0,
            idle_s=0.5,
        )


class Batch(OnThisMachine):
    """A scheduler that is asked often, so that short jobs are soon seen to end."""

    def __init__(self, place: Path, plugin: BatchPlugin, settings: Mapping[str, Any]) -> None:
        super().__init__(place)
        self._plugin = copy(plugin)
        self._plugin.patience = _PATIENCE
        often = {"list_every_s": 0.1, "list_share": 0.5}
        self._settings = {"directory": str(place / "cluster"), **often, **settings}

    def make(self) -> Executor:
        return self._plugin.make(
            self._settings,
            clock=SystemClock(),
            data=self.data,
            base_environment=self.base_environment,
        )


class TestLocal(ExecutorSuite):
    @pytest.fixture
    def scene(self, tmp_path: Path) -> Scene:
        return Local(tmp_path)


class _Slurm(QueueSuite):
    @pytest.fixture
    def held(self) -> Mapping[str, str]:
        return {"slurm.hold": ""}


class TestSlurm(_Slurm):
    @pytest.fixture
    def scene(self, slurm: Slurm, tmp_path: Path) -> Scene:
        return Batch(tmp_path, slurm_plugin, {"environment": slurm.environment})


class TestSlurmWithAccounting(_Slurm):
    @pytest.fixture
    def scene(self, slurm_dbd: Slurm, tmp_path: Path) -> Scene:
        return Batch(tmp_path, slurm_plugin, {"environment": slurm_dbd.environment})


class TestSlurmThatForgets(_Slurm):
    """Ended jobs are gone from its listing after seconds, and there is no accounting."""

    @pytest.fixture
    def scene(self, slurm_forgetful: Slurm, tmp_path: Path) -> Scene:
        return Batch(tmp_path, slurm_plugin, {"environment": slurm_forgetful.environment})


class _SlurmBehindSsh:
    """The same scheduler, with its commands and files on a login node: each of them takes a quarter of a second."""

    @pytest.fixture
    def held(self) -> Mapping[str, str]:
        return {"slurm.hold": ""}

    @pytest.fixture
    def scene(self, slurm: Slurm, login_node: Sshd, tmp_path: Path) -> Scene:
        settings = {
            "ssh": login_node.host,
            "ssh_options": ("-F", str(login_node.config)),
            "environment": _INHERITED,
        }
        return Batch(tmp_path, slurm_plugin, settings)


if rounds(2) > 1:

    class TestSlurmBehindSsh(_SlurmBehindSsh, QueueSuite):
        """Whole, which takes minutes."""

else:

    class TestSlurmBehindSsh(_SlurmBehindSsh, TransportSuite):  # type: ignore[no-redef]
        """What ssh could break."""
