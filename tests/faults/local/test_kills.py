"""kill -9 at random instants: nothing lost, nothing twice, no wrong status."""

import contextlib
import os
import signal

import pytest
from tests.faults.counts import rounds
from tests.faults.local.campaign import Campaign

pytestmark = pytest.mark.soak


def assert_all_well(campaign: Campaign, *, lost_allowed: bool = False) -> None:
    counts = campaign.finish()
    bad = {name: counts[name] for name in ("unended", "wrong", "doubled", "never run", "unasked")}
    assert bad == dict.fromkeys(bad, 0)
    assert counts["lost"] == 0 or lost_allowed
    assert counts["jobs"] > 0


def test_a_server_killed_at_random_instants_loses_doubles_and_invents_nothing(
    campaign: Campaign,
) -> None:
    for _ in range(rounds(1000)):
        campaign.start_server()
        campaign.wait_random(0.6)
        campaign.kill_server()
    campaign.start_server()
    assert_all_well(campaign)


def test_spawners_killed_at_random_instants_lose_double_and_invent_nothing(
    campaign: Campaign,
) -> None:
    campaign.start_server()
    for _ in range(rounds(200)):
        campaign.wait_until(lambda: bool(campaign.spawners()))
        campaign.wait_random(0.3)
        kill(campaign, campaign.spawners())
    assert_all_well(campaign)


def test_reapers_killed_at_random_instants_lose_double_and_invent_nothing(
    campaign: Campaign,
) -> None:
    campaign.start_server()
    for _ in range(rounds(200)):
        campaign.wait_until(lambda: bool(campaign.reapers()))
        campaign.wait_random(0.3)
        kill(campaign, campaign.reapers())
    assert_all_well(campaign)


def test_when_both_helpers_are_killed_what_is_not_known_is_said_to_be_lost(
    campaign: Campaign,
) -> None:
    campaign.start_server()
    for _ in range(rounds(200)):
        campaign.wait_until(lambda: bool(campaign.spawners()))
        campaign.wait_random(0.3)
        kill(campaign, [*campaign.reapers(), *campaign.spawners()])
    assert_all_well(campaign, lost_allowed=True)


def test_server_and_helpers_killed_in_any_order_double_and_invent_nothing(
    campaign: Campaign,
) -> None:
    campaign.start_server()
    for _ in range(rounds(200)):
        campaign.wait_random(0.5)
        if campaign.random.random() < 0.5:
            campaign.kill_server()
            kill(campaign, campaign.spawners())
            campaign.start_server()
        else:
            kill(campaign, campaign.spawners())
    assert_all_well(campaign)


def kill(campaign: Campaign, pids: list[int]) -> None:
    campaign.random.shuffle(pids)
    for pid in pids:
        # A reaper whose spawner's jobs have all ended may have followed it meanwhile.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
