"""A functions executor with real worker processes for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.executors.functions.scene import FunctionScene, FunctionWitness


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[FunctionScene]:
    """Give a scene whose workers end with the test."""
    scene = FunctionScene(tmp_path)
    yield scene
    scene.clean_up()


@pytest.fixture
async def witness(scene: FunctionScene) -> AsyncIterator[FunctionWitness]:
    """Give an executor that is up, and see afterwards that all it said fits together."""
    witness = FunctionWitness(scene)
    await witness.start()
    yield witness
    await witness.clear()
    await witness.stop()
    assert witness.contradictions() == []
