"""The program that root installs, for tests that are root."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import NEEDS_ROOT
from tests.executors.batch.run_as.installed import Installed


@pytest.fixture
def installed() -> Iterator[Installed]:
    """The program, where all users may go."""
    if os.geteuid() != 0:
        pytest.skip(f"{NEEDS_ROOT}: it starts programs as other users")
    place = Path(tempfile.mkdtemp(prefix="headway-run-as-", dir="/tmp"))
    place.chmod(0o755)
    made = Installed(place)
    yield made
    made.close()
