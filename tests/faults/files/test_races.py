"""Somebody swaps what is on the way for a link that leads out, again and again, while files are brought and fetched."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.faults.counts import rounds
from tests.files.rig import SECRET, Rig, tree_of

from headway.core.errors import StagingFailed
from headway.files.opening import Opening, open_beneath, walk_beneath

pytestmark = pytest.mark.anyio

RACES = 10_000
CASES = 10  #: so many tests share that count
RACER = Path(__file__).with_name("played_racer.py")
OPENINGS = pytest.mark.parametrize("opening", [open_beneath, walk_beneath], ids=["kernel", "walk"])


@contextmanager
def racing(one: Path, other: Path) -> Iterator[None]:
    """Have a process swap two names meanwhile."""
    racer = subprocess.Popen(
        [sys.executable, RACER, one, other], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert racer.stdin is not None
    assert racer.stdout is not None
    try:
        assert racer.stdout.readline() == b"racing\n"
        yield
        racer.stdin.close()
        assert racer.wait(60) == 0
    finally:
        racer.kill()
        racer.wait()
        racer.stdout.close()
        racer.stdin.close()


@OPENINGS
@pytest.mark.parametrize("where", ["last", "on the way", "in a directory", "a pipe"])
async def test_no_swapped_link_brings_what_is_outside(
    tmp_path: Path, opening: Opening, where: str
) -> None:
    rig = Rig(tmp_path, opening=opening)
    (rig.home / "tree/real").mkdir(parents=True)
    (rig.home / "tree/real/file").write_bytes(b"ours")
    one, other = rig.home / "tree/real", rig.home / "swap"
    source = one / "file"
    if where in {"last", "a pipe"}:
        one = source
    elif where == "in a directory":
        source = one.parent
    if where == "a pipe":
        os.mkfifo(other)
    else:
        other.symlink_to(rig.outside / "file" if where == "last" else rig.outside)
    brought = refused = 0
    with racing(one, other):
        for _ in range(rounds(RACES) // CASES):
            try:
                place = await rig.stage_in(source)
            except StagingFailed:
                refused += 1
                continue
            assert SECRET not in tree_of(place).values()
            brought += 1
            await rig.files.delete(rig.tag)
    print(f"{where}: {brought} brought, {refused} refused")  # noqa: T201 - the figure
    assert min(brought, refused) > 0


@OPENINGS
async def test_no_swapped_link_takes_a_result_out(tmp_path: Path, opening: Opening) -> None:
    rig = Rig(tmp_path, opening=opening)
    place = await rig.make()
    (place / "tree/below").mkdir(parents=True)
    for name in ("file", "tree/file", "tree/below/file"):
        (place / name).write_bytes(b"mine")
    (rig.home / "to/below").mkdir(parents=True)
    (rig.home / "swap").symlink_to(rig.outside)
    guarded = tree_of(rig.outside), tree_of(rig.data)
    fetched = refused = 0
    for swapped, source, target in (
        ("to", "file", "to/file"),
        ("to", "tree", "to"),
        ("to/below", "tree", "to"),
        ("to", "file", "to/new/file"),
    ):
        with racing(rig.home / swapped, rig.home / "swap"):
            for _ in range(rounds(RACES) // CASES // 4):
                failures = await rig.stage_out(source, rig.home / target)
                fetched, refused = fetched + (not failures), refused + bool(failures)
        assert (tree_of(rig.outside), tree_of(rig.data)) == guarded
    print(f"{fetched} fetched, {refused} refused")  # noqa: T201 - the figure
    assert min(fetched, refused) > 0
