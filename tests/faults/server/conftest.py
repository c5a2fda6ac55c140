"""What the fault tests of the whole server start from."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.counts import dice as throw
from tests.faults.server.campaign import Campaign


@pytest.fixture
def dice() -> random.Random:
    return throw()


@pytest.fixture
def campaign(tmp_path: Path, dice: random.Random) -> Iterator[Campaign]:
    campaign = Campaign(tmp_path, dice)
    yield campaign
    campaign.clean_up()
