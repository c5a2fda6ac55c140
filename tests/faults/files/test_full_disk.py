"""A disk that fills up while files are brought or fetched: told, nothing half is left, and it goes on when there is space."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.files.rig import Rig, tree_of

from headway.core.errors import StagingFailed

pytestmark = pytest.mark.anyio


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"needs root: to mount a small disk: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


async def test_a_sandbox_that_does_not_fit_is_told_and_leaves_nothing(
    tmp_path: Path, small_disk: Path
) -> None:
    rig = Rig(tmp_path)
    rig.sandboxes.symlink_to(small_disk)
    tree = rig.home / "tree"
    tree.mkdir()
    for number in range(4):
        (tree / f"{number}").write_bytes(os.urandom(1_000_000))
    for _ in range(2):
        with pytest.raises(StagingFailed, match="no space is left on the disk"):
            await rig.stage_in(tree)
        assert tree_of(small_disk) == {}
    (tree / "3").unlink()
    (tree / "2").unlink()
    place = await rig.stage_in(tree)
    assert tree_of(place / "in") == tree_of(tree)


async def test_results_that_do_not_fit_are_named_and_targets_are_as_they_were(
    tmp_path: Path, small_disk: Path
) -> None:
    rig = Rig(tmp_path, roots=[small_disk])
    place = await rig.make()
    (place / "tree").mkdir()
    for number in range(4):
        (place / f"tree/{number}").write_bytes(os.urandom(1_000_000))
    (small_disk / "tree").mkdir()
    for number in range(4):
        (small_disk / f"tree/{number}").write_bytes(b"before")
    failures = await rig.stage_out("tree", small_disk / "tree")
    assert failures
    assert all("no space is left on the disk" in failure for failure in failures)
    found, wanted = tree_of(small_disk / "tree"), tree_of(place / "tree")
    assert set(found) == set(wanted)
    assert all(found[name] in {b"before", wanted[name]} for name in found)
    assert len(failures) == sum(data == b"before" for data in found.values())
    for name in ("2", "3"):
        (place / "tree" / name).write_bytes(b"smaller now")
    assert await rig.stage_out("tree", small_disk / "tree") == []
    assert tree_of(small_disk / "tree") == tree_of(place / "tree")


async def test_a_log_that_does_not_fit_is_named_and_a_result_that_does_is_fetched(
    tmp_path: Path, small_disk: Path
) -> None:
    rig = Rig(tmp_path, roots=[small_disk])
    place = await rig.make()
    (place / "small").write_bytes(b"")
    (small_disk / "ballast").write_bytes(bytes(4 << 20)[: os.statvfs(small_disk).f_bavail * 4096])
    (failure,) = await rig.log_to(small_disk / "log")
    assert "no space is left on the disk" in failure
    assert await rig.stage_out("small", small_disk / "small") == []
    assert set(tree_of(small_disk)) == {"ballast", "small"}
