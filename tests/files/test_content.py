"""What a copy is like: its bytes, holes, names, rights and times."""

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from tests.files.rig import Rig, tree_of

from headway.core.errors import StagingFailed
from headway.files.bounds import closing
from headway.files.content import Shrunk, copy_content
from headway.files.deleting import delete_tree
from headway.files.meter import Meter
from headway.files.opening import best_opening

pytestmark = pytest.mark.anyio

GB = 1 << 30
HOUR_NS = 3_600_000_000_000
LONG_NAME = "n" * 255


@pytest.mark.parametrize("size_bytes", [0, 1, 4096, 65_535, 65_536, 3_000_001, 40_000_000])
async def test_a_copy_has_the_same_bytes_there_and_back(rig: Rig, size_bytes: int) -> None:
    data = os.urandom(size_bytes)
    (rig.home / "file").write_bytes(data)
    place = await rig.stage_in(rig.home / "file")
    assert (place / "in").read_bytes() == data
    assert await rig.stage_out("in", rig.home / "back") == []
    assert (rig.home / "back").read_bytes() == data


async def test_a_file_of_5_gb_with_holes_keeps_them(rig: Rig) -> None:
    source = rig.home / "file"
    with source.open("wb") as file:
        for at, word in ((0, b"begin"), (3 * GB, b"middle")):
            file.seek(at)
            file.write(word)
        file.truncate(5 * GB)
    place = await rig.stage_in(source)
    assert await rig.stage_out("in", rig.home / "back") == []
    for copy in (place / "in", rig.home / "back"):
        assert (copy.stat().st_size, copy.stat().st_blocks * 512 < 1 << 20) == (5 * GB, True)
        with copy.open("rb") as file:
            assert file.read(8) == b"begin\0\0\0"
            file.seek(3 * GB - 2)
            assert file.read(10) == b"\0\0middle\0\0"


async def test_any_name_that_a_file_can_have_is_kept(rig: Rig) -> None:
    tree = rig.home / "tree"
    tree.mkdir()
    names = [b"\xff\xfe", b"new\nline", b" ", b"-rf", b"*", "☂".encode(), b"..a", b"a" * 255]
    for name in names:
        (tree / os.fsdecode(name)).write_bytes(name)
    place = await rig.stage_in(tree)
    assert tree_of(place / "in") == tree_of(tree)
    assert await rig.stage_out("in", rig.home / "back") == []
    assert tree_of(rig.home / "back") == tree_of(tree)
    (tree / os.fsdecode(b"\xff")).symlink_to("/")
    await rig.files.delete(rig.tag)
    with pytest.raises(StagingFailed, match=r"\\xff: it is a link"):
        await rig.stage_in(tree)


async def test_rights_and_times_are_kept_and_nothing_that_makes_somebody_else_of_the_user(
    rig: Rig,
) -> None:
    tree = rig.home / "tree"
    (tree / "below").mkdir(parents=True)
    (tree / "below/file").write_bytes(b"#!/bin/sh\n")
    (tree / "below/link").symlink_to("file")
    os.utime(tree / "below/link", ns=(3 * HOUR_NS, 4 * HOUR_NS), follow_symlinks=False)
    os.utime(tree / "below/file", ns=(HOUR_NS + 1, 2 * HOUR_NS + 1))
    (tree / "below/file").chmod(0o6751)
    os.utime(tree / "below", ns=(HOUR_NS, 5 * HOUR_NS))
    (tree / "below").chmod(0o1750)
    place = await rig.stage_in(tree)
    assert await rig.stage_out("in", rig.home / "back") == []
    for copy in (place / "in", rig.home / "back"):
        modes = [(copy / name).stat().st_mode & 0o7777 for name in ("below", "below/file")]
        assert modes == [0o750, 0o751]
        times = [
            (copy / name).lstat().st_mtime_ns for name in ("below", "below/file", "below/link")
        ]
        assert times == [5 * HOUR_NS, 2 * HOUR_NS + 1, 4 * HOUR_NS]


async def test_a_directory_that_hands_its_group_on_goes_on_doing_so(rig: Rig) -> None:
    place = await rig.make()
    (place / "tree/below").mkdir(parents=True)
    (rig.home / "shared").mkdir()
    (rig.home / "shared").chmod(0o2775)
    assert await rig.stage_out("tree", rig.home / "shared/tree") == []
    assert (rig.home / "shared").stat().st_mode & 0o7777 == 0o2775
    assert (rig.home / "shared/tree/below").stat().st_mode & 0o2000


async def test_a_directory_that_another_job_makes_meanwhile_is_used(tmp_path: Path) -> None:
    seen: list[str] = []

    def late(directory: int, path: str, flags: int, *, links: bool) -> int:
        try:
            return best_opening()(directory, path, flags, links=links)
        except FileNotFoundError:
            if path in seen:  # now it is about to be made
                os.mkdir(path, dir_fd=directory)
            seen.append(path)
            raise

    rig = Rig(tmp_path, opening=late)
    place = await rig.make()
    (place / "out").write_bytes(b"result")
    assert await rig.stage_out("out", rig.home / "new/out") == []
    assert (rig.home / "new/out").read_bytes() == b"result"


async def test_a_directory_that_takes_no_files_is_filled_all_the_same(rig: Rig) -> None:
    tree = rig.home / "tree"
    (tree / "closed").mkdir(parents=True)
    (tree / "closed/file").write_bytes(b"1")
    (tree / "closed").chmod(0o500)
    place = await rig.stage_in(tree)
    assert (place / "in/closed/file").read_bytes() == b"1"
    assert (place / "in/closed").stat().st_mode & 0o7777 == 0o500
    await rig.files.delete(rig.tag)
    assert list(rig.sandboxes.iterdir()) == []


async def test_a_log_is_as_private_as_the_servers_umask_says(rig: Rig) -> None:
    await rig.make()
    before = os.umask(0o027)
    try:
        assert await rig.stage_out("nothing", rig.home / "x") != []
        transfers = await rig.log_to(rig.home / "log")
    finally:
        os.umask(before)
    assert transfers == []
    assert (rig.home / "log").stat().st_mode & 0o7777 == 0o640


async def test_a_deep_directory_is_copied_and_one_without_end_is_refused(rig: Rig) -> None:
    deepen(rig.home / "tree", 400)
    place = await rig.stage_in(rig.home / "tree")
    assert depth_of(place / "in") == 400
    assert await rig.stage_out("in", rig.home / "back") == []
    assert depth_of(rig.home / "back") == 400
    await rig.files.delete(rig.tag)
    deepen(rig.home / "tree", 600)
    with pytest.raises(StagingFailed, match="more than 500 directories deep"):
        await rig.stage_in(rig.home / "tree")
    assert list(rig.sandboxes.iterdir()) == []
    with closing(os.open(rig.home, os.O_RDONLY)) as home:
        delete_tree(home, "tree")  # pytest's own way recurses


async def test_however_deep_a_job_digs_its_sandbox_goes(rig: Rig) -> None:
    place = await rig.make()
    deepen(place / "deep", 2000, name="d")
    (place / "deep/d/closed").mkdir(mode=0)
    await rig.files.delete(rig.tag)
    assert list(rig.sandboxes.iterdir()) == []


def test_what_cannot_be_read_is_named() -> None:
    with tempfile.TemporaryDirectory() as place:  # pytest's own is closed to other users
        home = Path(place, "home")
        (home / "closed").mkdir(parents=True)
        for name in ("file", "closed/file"):
            (home / name).write_bytes(b"")
        (home / "file").chmod(0)
        (home / "closed").chmod(0)
        Path(place).chmod(0o777)
        program = Path(__file__).with_name("played_unreadable.py")
        done = subprocess.run(
            [sys.executable, program, place], capture_output=True, text=True, check=False
        )
        (home / "closed").chmod(0o700)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            f"{home}/file: the server may not use it",
            f"{home}/closed/file: the server may not use it",
            f"{home}/closed: the server may not use it",
        ]


def test_a_file_that_loses_bytes_meanwhile_is_no_whole_copy(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"short")
    with (tmp_path / "source").open("rb") as source, (tmp_path / "target").open("wb") as target:
        for size_bytes in (6, 1 << 20):
            with pytest.raises(Shrunk):
                copy_content(source.fileno(), target.fileno(), size_bytes, Meter())


def test_bytes_are_copied_between_file_systems_too(tmp_path: Path) -> None:
    shared = Path("/dev/shm")
    if not shared.is_dir():
        pytest.skip("no second file system is here")
    data = os.urandom(3_000_000)
    (tmp_path / "source").write_bytes(data)
    target = shared / f"headway-test-{os.getpid()}"
    meter = Meter()
    try:
        with (tmp_path / "source").open("rb") as source, target.open("wb") as there:
            copy_content(source.fileno(), there.fileno(), len(data), meter)
        assert target.read_bytes() == data
        with target.open("rb") as source, (tmp_path / "back").open("wb") as there:
            copy_content(source.fileno(), there.fileno(), len(data), meter)
        assert (tmp_path / "back").read_bytes() == data
    finally:
        target.unlink(missing_ok=True)
    assert meter.done_bytes == 2 * len(data)


def deepen(top: Path, levels: int, *, name: str = LONG_NAME[:20]) -> None:
    """Make directories in one another; a path of all of them would be too long."""
    top.mkdir(exist_ok=True)
    here = os.open(top, os.O_RDONLY)
    for _ in range(levels):
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=here)
        there = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    os.close(here)


def depth_of(top: Path) -> int:
    """Count directories that are in one another."""
    here, depth = os.open(top, os.O_RDONLY), 0
    while names := os.listdir(here):  # noqa: PTH208 -- of a descriptor
        there = os.open(names[0], os.O_RDONLY, dir_fd=here)
        os.close(here)
        here, depth = there, depth + 1
    os.close(here)
    return depth
