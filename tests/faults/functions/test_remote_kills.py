"""kill -9 of each part of other systems, and of the server beside them, at random instants while functions run there."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.counts import is_soak
from tests.faults.functions.remote import PARTS, SYSTEMS, RemoteCampaign

pytestmark = pytest.mark.soak

_EACH = "each"
_BATCHES = 6 if is_soak() else 1
_COUNT = 200 if is_soak() else 20
_KILLS = 4 if is_soak() else 2
#: Kills of these two are all that there are.
_FEW = ("worker", "server and centre")


@pytest.fixture(params=SYSTEMS)
def campaign(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RemoteCampaign]:
    """Give a server beside a real cluster."""
    with RemoteCampaign(tmp_path, request.param) as campaign:
        yield campaign


@pytest.mark.parametrize("part", [*PARTS, _EACH] if is_soak() else [_EACH])
@pytest.mark.timeout(3600)
def test_kills_lose_no_function_and_run_none_twice(campaign: RemoteCampaign, part: str) -> None:
    for _ in range(_BATCHES):
        kill(campaign, part, rerun=0)
    ended, runs = campaign.ended(), campaign.runs_of_each()
    print(dict(ended), sum(runs.values()), "runs")  # noqa: T201 -- the figures of a soak
    count = _BATCHES * _COUNT
    assert ended.total() == count
    assert set(ended) <= {("succeeded", None), ("failed", "lost")}
    # What ran in what was killed is told to be lost; it is nothing else.
    assert ended["failed", "lost"] <= (0 if part == "server" else 2 * _BATCHES * _KILLS)
    assert max(runs.values()) == 1
    assert len(runs) >= ended["succeeded", None]


if is_soak():  # the test above does most of it

    @pytest.mark.timeout(3600)
    def test_functions_that_may_be_run_again_all_succeed(campaign: RemoteCampaign) -> None:
        for _ in range(_BATCHES):
            kill(campaign, _EACH, rerun=100)
        count = _BATCHES * _COUNT
        assert campaign.ended() == {("succeeded", None): count}
        runs = campaign.runs_of_each()
        print(Counter(runs.values()))  # noqa: T201
        assert set(runs) == set(range(count))


def kill(campaign: RemoteCampaign, part: str, *, rerun: int) -> None:
    """Submit functions, and kill while they run."""
    campaign.submit(_COUNT, rerun=rerun)
    each = PARTS if is_soak() else _FEW
    parts = campaign.dice.sample(each, len(each)) if part == _EACH else [part]
    for number in range(_KILLS):
        campaign.wait_for_some(_COUNT // _KILLS)
        campaign.wait_random(0.05)
        campaign.kill(parts[number % len(parts)])
