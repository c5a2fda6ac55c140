"""kill -9 at random instants while functions run: none lost, none left running, none twice unless its policy says so."""

import pytest
from tests.faults.counts import rounds
from tests.faults.functions.campaign import Campaign

pytestmark = pytest.mark.soak


def test_a_server_killed_while_functions_run_loses_doubles_and_invents_nothing(
    campaign: Campaign,
) -> None:
    count = rounds(2000)
    campaign.submit(count)
    for _ in range(rounds(60)):
        campaign.wait_random(0.4)
        campaign.kill_server()
        campaign.start()
    assert campaign.ended() == {("succeeded", None): count}
    assert campaign.runs_of_each() == dict.fromkeys(range(count), 1)


def test_workers_killed_while_functions_run_fail_their_own_function_and_no_other(
    campaign: Campaign,
) -> None:
    count, kills = rounds(2000), rounds(60)
    campaign.submit(count)
    for _ in range(kills):
        campaign.wait_random(0.3)
        campaign.kill_a_worker()
    ended = campaign.ended()
    assert set(ended) <= {("succeeded", None), ("failed", "signal")}
    assert ended["failed", "signal"] <= kills
    assert ended.total() == count
    assert max(campaign.runs_of_each().values()) == 1


def test_functions_that_may_be_run_again_all_succeed_whatever_is_killed(
    campaign: Campaign,
) -> None:
    count = rounds(2000)
    campaign.submit(count, rerun=100)
    for number in range(rounds(60)):
        campaign.wait_random(0.3)
        campaign.kill_a_worker()
        if number % 3 == 1:
            campaign.kill_server()
            campaign.start()
    assert campaign.ended() == {("succeeded", None): count}
    assert set(campaign.runs_of_each()) == set(range(count))
