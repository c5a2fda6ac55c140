"""A campaign of kills for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.local.campaign import Campaign


@pytest.fixture
def campaign(tmp_path: Path) -> Iterator[Campaign]:
    campaign = Campaign(tmp_path)
    yield campaign
    campaign.clean_up()
