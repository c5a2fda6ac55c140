"""kill -9 on the server, at random instants and at named ones, with clients that ask again until they are answered."""

import pytest
from tests.faults.counts import rounds
from tests.faults.server.campaign import BAD, Campaign

from headway.testing.fault import DEADLY

pytestmark = pytest.mark.soak

NONE_BAD = dict.fromkeys(BAD, 0)


def bad_of(campaign: Campaign) -> dict[str, int]:
    counts = campaign.finish()
    assert counts["jobs"] > 0
    return {name: counts[name] for name in BAD}


def test_a_server_killed_at_random_instants_loses_doubles_and_invents_nothing(
    campaign: Campaign,
) -> None:
    for _ in range(rounds(500)):
        campaign.die_at_random()
    assert bad_of(campaign) == NONE_BAD


def test_a_server_killed_at_named_points_loses_doubles_and_invents_nothing(
    campaign: Campaign,
) -> None:
    for number in range(max(rounds(500), len(DEADLY))):
        campaign.die_at(DEADLY[number % len(DEADLY)])
    assert bad_of(campaign) == NONE_BAD
    assert set(campaign.hits) == set(DEADLY)
