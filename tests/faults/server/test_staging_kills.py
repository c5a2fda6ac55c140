"""kill -9 on the server while files come and go: no half file under a result's name, no end before its results, no job twice."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase
from threading import Event, Thread
from typing import Self

import pytest
from tests.faults.counts import dice, rounds
from tests.faults.server.beginning import has_begun
from tests.faults.server.patience import eventually

from headway.core.errors import HeadwayError
from headway.core.model.state import State
from headway.sdk.client import Client
from headway.testing.fault import DEADLY, STAGING, Point
from headway.testing.server import ServerProcess

pytestmark = pytest.mark.soak

AT_ONCE = 3
MOST_BATCHES = 20
SIZE = 3_000_000
#: What any job comes to between its submission and its end.
ON_THE_WAY = [
    point
    for point in DEADLY
    if not any(word in point for word in ("report", "cancel", "retry", "running"))
]


class Results:
    """Reads results again and again, and keeps what was neither absent nor whole."""

    def __init__(self, place: Path) -> None:
        self.broken: list[str] = []
        self._place = place
        self._over = Event()
        self._thread = Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.001):
            for path in self._place.glob("*.out"):
                found = path.read_bytes()
                if found != path.stem.encode() * (SIZE // len(path.stem)):
                    self.broken.append(f"{path.name}: {len(found)} bytes")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    results = tmp_path / "results"
    results.mkdir()
    (tmp_path / "ledger").touch()
    with Results(results) as watcher:
        yield results
    assert watcher.broken == []


def submitted(client: Client, place: Path, name: str) -> str:
    source = place.parent / f"{name}.in"
    source.write_bytes(name.upper().encode() * (SIZE // len(name)))
    ledger = place.parent / "ledger"
    job = client.submit(
        ["sh", "-c", f"echo {name} >>{ledger}; tr A-Z a-z <in >out"],
        sandbox={
            "stage_in": [{"source": str(source), "target": "in"}],
            "stage_out": [{"source": "out", "target": str(place / f"{name}.out")}],
            "delete": "always",
        },
    )
    return job.id


def until_it_dies(dying: ServerProcess, place: Path, names: Iterator[str]) -> dict[str, str]:
    """Submit jobs, some at a time, until the server dies; gives the ids of those that it answered, by their names."""
    answered: dict[str, str] = {}
    if not has_begun(dying):
        return answered
    with Client(dying.url) as client, suppress(HeadwayError):
        for _ in range(MOST_BATCHES):
            batch = {name: submitted(client, place, name) for name in islice(names, AT_ONCE)}
            answered |= batch
            eventually(partial(have_ended, client, batch), what="the ends of a batch")
    return answered


def have_ended(client: Client, batch: dict[str, str]) -> bool:
    return all(State(client.job(job_id).state).is_final for job_id in batch.values())


def check_ends(plain: ServerProcess, place: Path, answered: dict[str, str]) -> None:
    with Client(plain.url) as client:
        for name, job_id in answered.items():
            assert client.wait(job_id, timeout_s=60).exit_code == 0
            assert (place / f"{name}.out").stat().st_size == SIZE // len(name) * len(name)
    sandboxes = plain.data / "sandboxes"
    eventually(lambda: not list(sandboxes.glob("*")), what="no sandbox left")
    ran = (place.parent / "ledger").read_text().split()
    assert sorted(set(ran)) == sorted(ran)
    assert set(answered) <= set(ran)


def die_once(tmp_path: Path, place: Path, word: str, names: Iterator[str]) -> None:
    hits = tmp_path / "hits"
    dying = ServerProcess(
        tmp_path / "data",
        arguments=("--fault", word, "--hits", str(hits)),
        program=(sys.executable, "-m", "headway.testing.faults"),
    )
    plain = ServerProcess(tmp_path / "data")
    with dying, plain:
        answered = until_it_dies(dying, place, names)
        eventually(lambda: dying.exit_code is not None, what=f"a death at {word}")
        check_ends(plain.start(), place, answered)
        plain.stop()


def new_names() -> Iterator[str]:
    """Give names of four letters, each once."""
    return map("".join, product(ascii_lowercase, repeat=4))


@pytest.mark.parametrize("point", STAGING)
def test_a_server_killed_at_a_point_of_staging_loses_and_halves_nothing(
    tmp_path: Path, place: Path, point: Point
) -> None:
    die_once(tmp_path, place, f"{point}:{dice().randint(1, 4)}", new_names())


def test_a_server_killed_at_any_point_of_a_staged_job_loses_and_halves_nothing(
    tmp_path: Path, place: Path
) -> None:
    chance, names = dice(), new_names()
    for _ in range(rounds(100)):
        point = chance.choice([*STAGING, *ON_THE_WAY])
        die_once(tmp_path, place, f"{point}:{chance.randint(1, 4)}", names)
