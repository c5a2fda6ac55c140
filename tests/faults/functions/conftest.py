"""Campaigns against functions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.functions.campaign import Campaign


@pytest.fixture
def campaign(tmp_path: Path) -> Iterator[Campaign]:
    """Give a server that runs."""
    campaign = Campaign(tmp_path)
    try:
        campaign.start()
        yield campaign
    finally:
        campaign.end()
