"""What the fault tests of batch schedulers start from."""

import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from tests.faults.batch.scheduler import FakeSlurm
from tests.faults.batch.served import Served
from tests.faults.counts import dice as throw

from headway.app.system import SystemClock
from headway.core.ports.executor import Executor
from headway.executors.batch.executor import BatchExecutor
from headway.executors.batch.here import Here
from headway.executors.batch.patience import Patience
from headway.executors.slurm.dialect import SlurmDialect

#: Silences that take minutes in life, and nothing else is waited for here.
SHORT: Final = Patience(
    record_late=timedelta(seconds=1),
    word_late=timedelta(seconds=1),
    forgotten=timedelta(seconds=0.3),
    lost=timedelta(minutes=5),
)
_NEVER_S: Final = 1e9


@pytest.fixture
def dice() -> random.Random:
    return throw()


@pytest.fixture
def scheduler(tmp_path: Path, dice: random.Random) -> Iterator[FakeSlurm]:
    """Commands that a test can have lie."""
    made = FakeSlurm(tmp_path / "scheduler", dice.getrandbits(32))
    yield made
    made.clean_up()


@pytest.fixture
def patience() -> Patience:
    """How long silence is borne."""
    return SHORT


@pytest.fixture
def slow_after_s() -> float:
    """When a command is killed; one that does not hang may need long on a busy machine."""
    return 5.0


@pytest.fixture
async def served(
    scheduler: FakeSlurm, tmp_path: Path, patience: Patience, slow_after_s: float
) -> AsyncIterator[Served]:
    """A server's middle over these commands; it looks at jobs when the test says so."""

    def make() -> Executor:
        return BatchExecutor(
            dialect=SlurmDialect(),
            transport=Here({}, {"PATH": scheduler.path}, timeout_s=slow_after_s),
            clock=SystemClock(),
            root=str(tmp_path / "cluster"),
            jobs_at_once=1_000,
            defaults={},
            idle_s=_NEVER_S,
            patience=patience,
        )

    made = Served(make)
    await made.live()
    yield made
    await made.die()
