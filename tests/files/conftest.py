"""Real files for each test."""

from pathlib import Path

import pytest
from tests.files.rig import Rig

from headway.files.opening import open_beneath, walk_beneath


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


@pytest.fixture(params=[open_beneath, walk_beneath], ids=["kernel", "walk"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    """Paths resolved by the kernel, and by ourselves."""
    return Rig(tmp_path, opening=request.param)
