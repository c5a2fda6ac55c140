"""kill -9 between a commit, its call, the answer and its record: every event is told, in order, and seldom twice."""

import random
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import count, islice
from pathlib import Path

import pytest
from tests.faults.counts import rounds
from tests.faults.server.beginning import has_begun
from tests.faults.server.patience import eventually
from tests.faults.server.receiver import Receiver

from headway.core.errors import HeadwayError
from headway.core.model.delivery import CHANGES_OF_STATE
from headway.core.model.state import State
from headway.sdk.client import Client
from headway.testing.fault import CALLING, DEADLY, Point
from headway.testing.server import ServerProcess

pytestmark = pytest.mark.soak

AT_ONCE = 4
MOST_BATCHES = 20
FAULTS = 0.2
PATIENCE_S = 300.0  # some events are tried many times
#: What any job comes to between its submission and the last call.
ON_THE_WAY = [
    *CALLING,
    Point.COMMIT_BEFORE,
    Point.COMMIT_AFTER,
    Point.ACCEPTED_AFTER,
    Point.FINAL_BEFORE,
    Point.FINAL_AFTER,
]


@pytest.fixture
def receiver(dice: random.Random) -> Iterator[Receiver]:
    with Receiver(random.Random(dice.random()), faults=FAULTS) as running:
        yield running


def until_it_dies(dying: ServerProcess, receiver: Receiver, names: Iterator[int]) -> dict[int, str]:
    """Submit jobs, some at a time, until the server dies; gives the ids of those that it answered, by their names."""
    answered: dict[int, str] = {}
    if not has_begun(dying):
        return answered
    with Client(dying.url) as client, suppress(HeadwayError):
        for _ in range(MOST_BATCHES):
            batch: dict[int, str] = {}
            for name in islice(names, AT_ONCE):
                url = receiver.url(str(name))
                batch[name] = client.submit(["true"], callbacks=[{"url": url}]).id
                answered[name] = batch[name]
            eventually(partial(have_ended, client, batch), what="the ends of a batch")
    return answered


def have_ended(client: Client, batch: dict[int, str]) -> bool:
    return all(State(client.job(job_id).state).is_final for job_id in batch.values())


def check_told(plain: ServerProcess, receiver: Receiver, answered: dict[int, str]) -> None:
    with Client(plain.url) as client:
        for job_id in answered.values():
            client.wait(job_id, timeout_s=PATIENCE_S)
        eventually(
            lambda: not list(client.deliveries(states=["waiting"])),
            what="nothing waits to be told",
            patience_s=PATIENCE_S,
        )
        for name, job_id in answered.items():
            events = client.events(job_id)
            wanted = [event.seq for event in events if event.type in set(CHANGES_OF_STATE)]
            assert receiver.taken[f"/{name}"] == wanted
        assert not list(client.deliveries(states=["dead", "dropped"]))


def die_once(tmp_path: Path, receiver: Receiver, word: str, names: Iterator[int]) -> None:
    hits = tmp_path / "hits"
    dying = ServerProcess(
        tmp_path / "data",
        arguments=("--callback-retry", "0.05", "--fault", word, "--hits", str(hits)),
        program=(sys.executable, "-m", "headway.testing.faults"),
    )
    plain = ServerProcess(tmp_path / "data", arguments=("--callback-retry", "0.05s"))
    with dying, plain:
        answered = until_it_dies(dying, receiver, names)
        eventually(lambda: dying.exit_code is not None, what=f"a death at {word}")
        before = receiver.again.total()
        check_told(plain.start(), receiver, answered)
        # What was being told when the server died: at most four calls to one receiver at a time.
        assert receiver.again.total() - before <= AT_ONCE
        plain.stop()


@pytest.mark.parametrize("point", CALLING)
def test_a_server_killed_at_a_point_of_calling_loses_no_event_and_keeps_their_order(
    tmp_path: Path, receiver: Receiver, dice: random.Random, point: Point
) -> None:
    die_once(tmp_path, receiver, f"{point}:{dice.randint(1, 12)}", count())


def test_a_server_killed_at_any_point_of_a_job_with_callbacks_loses_no_event(
    tmp_path: Path, receiver: Receiver, dice: random.Random
) -> None:
    names = count()
    for _ in range(rounds(100)):
        point = dice.choice(ON_THE_WAY)
        die_once(tmp_path, receiver, f"{point}:{dice.randint(1, 12)}", names)


def test_each_of_a_thousand_events_is_told_in_order_and_not_again_to_a_receiver_with_faults(
    tmp_path: Path, receiver: Receiver
) -> None:
    jobs = rounds(500)  # each of two events or three
    server = ServerProcess(
        tmp_path / "data", arguments=("--callback-retry", "0.05s", "--jobs-at-once", "8")
    )
    with server.start(), Client(server.url) as client:
        answered = {
            name: client.submit(["true"], callbacks=[{"url": receiver.url(str(name))}]).id
            for name in range(jobs)
        }
        check_told(server, receiver, answered)
        server.stop()
    assert receiver.failed > 0
    assert receiver.again.total() == 0


def test_points_of_calling_are_no_points_of_other_jobs() -> None:
    assert not set(CALLING) & set(DEADLY)
