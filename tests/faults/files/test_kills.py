"""Whoever stages is killed at any instant: no half file is taken for a whole one, and once more is enough."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.faults.counts import dice, rounds
from tests.faults.files.scenery import NAMES, fill, is_whole
from tests.files.rig import Rig

HERE = Path(__file__).parent
PROGRAM = HERE / "played_staging.py"
KILLS = 200  #: of each sort
KILLS_A_TEST = 5
LONGEST_S = 0.4


def start(place: Path, word: str) -> subprocess.Popen[bytes]:
    """Have a process stage; it is at it when this returns."""
    played = subprocess.Popen(
        [sys.executable, PROGRAM, place, word],
        env={"PYTHONPATH": str(HERE.parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert played.stdout is not None
    assert played.stdout.readline() == b"playing\n"
    return played


def end(played: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Give its exit status and its answer."""
    out, err = played.communicate(timeout=120)
    assert played.returncode in {0, -9}, err.decode()
    return played.returncode, out


class Place:
    """Where it is played, and what is found there after each kill."""

    def __init__(self, place: Path, part: int) -> None:
        self.path = place
        self.rig = Rig(place)
        self.random = random.Random(dice().getrandbits(32) + part)
        fill(self.rig.home / "in", random.Random(1))
        self.found: Counter[str] = Counter()

    def look(self) -> None:
        """Count what was left, and check that whatever has its name is whole."""
        self.found["kills"] += 1
        sandbox = Path(self.rig.files.place(self.rig.tag))
        if sandbox.exists():
            self.found["sandboxes"] += 1
            assert all(is_whole(sandbox / "in" / name) for name in NAMES)
        for path in self.rig.home.rglob("*"):
            if path.name.startswith(".headway_part_"):
                self.found["parts"] += 1
            elif path.is_file():
                self.found["files"] += 1
                assert is_whole(path), path
        self.found["half sandboxes"] += len(list(self.rig.sandboxes.glob(".headway_new_*")))

    def repeat(self) -> int:
        """Do it once more, to its end; gives how many things were done to files."""
        status, out = end(start(self.path, "once"))
        assert status == 0
        assert list(self.rig.sandboxes.iterdir()) == []
        names = {str(path.relative_to(self.rig.home)) for path in self.rig.home.rglob("*")}
        wanted = {f"{top}/{name}" for top in ("in", "out") for name in NAMES}
        assert wanted | {"log", "made/for/it"} <= names
        assert not [name for name in names if ".headway" in name]
        return int(out)


@pytest.mark.parametrize("part", range(rounds(KILLS) // KILLS_A_TEST))
def test_before_each_thing_that_is_done_to_a_file(tmp_path: Path, part: int) -> None:
    place = Place(tmp_path, part)
    place.repeat()  # the first time makes directories
    count = place.repeat()
    for _ in range(KILLS_A_TEST):
        status, _ = end(start(tmp_path, str(place.random.randint(1, count))))
        assert status == -9
        place.look()
        place.repeat()
    print(f"{count} instants: {dict(place.found)}")  # noqa: T201 - the figure


@pytest.mark.parametrize("part", range(rounds(KILLS) // KILLS_A_TEST))
def test_at_random_instants(tmp_path: Path, part: int) -> None:
    place = Place(tmp_path, part)
    for _ in range(KILLS_A_TEST):
        played = start(tmp_path, "ever")
        time.sleep(place.random.random() * LONGEST_S)  # the instant is the input of this test
        played.kill()
        end(played)
        place.look()
        place.repeat()
    print(dict(place.found))  # noqa: T201 - the figure
