"""A batch executor whose scheduler and files are in memory."""

from collections.abc import AsyncIterator

import pytest
from tests.executors.batch.follower import Follower


@pytest.fixture
async def follower() -> AsyncIterator[Follower]:
    follower = Follower()
    await follower.start()
    yield follower
    await follower.stop()
