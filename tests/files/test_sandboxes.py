"""Sandboxes: where they are, what is taken for one, and how they go."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest
from tests.files.rig import OWNER, Rig, tree_of

from headway.core.errors import InvalidRequest, StagingFailed
from headway.core.model.names import tag_of
from headway.core.model.spec import Sandbox
from headway.core.ports.files import Files
from headway.files import make_files
from headway.testing.files_suite import go_on
from headway.testing.samples import job_id

pytestmark = pytest.mark.anyio


def files_in(root: Path, record: Path) -> Files:
    return make_files(
        root=root, roots_for=lambda _: [], forbidden=[], own_uid=os.geteuid(), record=record
    )


async def test_a_sandbox_is_called_after_its_attempt_and_closed_to_others(rig: Rig) -> None:
    place = await rig.make()
    assert place == rig.sandboxes / f"headway_sandbox_{rig.tag}"
    assert place.stat().st_mode & 0o7777 == 0o700
    assert rig.sandboxes.stat().st_mode & 0o7777 == 0o700


async def test_with_another_root_sandboxes_of_before_are_not_lost(tmp_path: Path) -> None:
    record, tag, later = tmp_path / "record", tag_of(job_id(1), 1), tag_of(job_id(2), 1)
    old = Rig(tmp_path)
    place = await old.make(tag=tag)
    record = old.data / "sandbox-roots"
    for files in (files_in(tmp_path / "new", record), files_in(tmp_path / "new", record)):
        assert files.place(tag) == str(place)
        assert files.place(later) == str(tmp_path / f"new/headway_sandbox_{later}")
        assert list(await files.tags()) == [tag]
    assert files_in(tmp_path / "sandboxes", record).place(tag) == str(place)
    files = files_in(tmp_path / "new", record)
    await files.delete(tag)
    assert list(await files.tags()) == []
    assert not list(old.sandboxes.iterdir())


async def test_a_root_that_is_gone_harms_nothing(tmp_path: Path) -> None:
    record = tmp_path / "record"
    files_in(tmp_path / "never", record)
    files = files_in(tmp_path / "new", record)
    assert list(await files.tags()) == []
    await files.delete(tag_of(job_id(1), 1))


async def test_a_record_that_cannot_be_written_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no-directory/record"):
        files_in(tmp_path, tmp_path / "no-directory/record")


async def test_what_is_left_of_a_sandbox_is_listed_and_deleted(rig: Rig) -> None:
    await rig.make()
    tags = [tag_of(job_id(number), 1) for number in (2, 3)]
    for name, tag in (("new", tags[0]), ("gone", tags[1])):
        (rig.sandboxes / f".headway_{name}_{tag}/below").mkdir(parents=True)
    assert set(await rig.files.tags()) == {rig.tag, *tags}
    for tag in tags:
        await rig.files.delete(tag)
    assert list(await rig.files.tags()) == [rig.tag]


async def test_what_only_looks_like_a_sandbox_is_left_alone(rig: Rig) -> None:
    await rig.make()
    for name in ("headway_sandbox_", "headway_sandbox_x", "headway_sandbox_x.y", "x.1", "other"):
        (rig.sandboxes / name).mkdir()
    assert list(await rig.files.tags()) == [rig.tag]


async def test_sandboxes_of_another_server_in_the_same_directory_are_left_alone(
    tmp_path: Path,
) -> None:
    tag = tag_of(job_id(1), 1)
    one, other, plain = (
        make_files(
            root=tmp_path, roots_for=lambda _: [], forbidden=[], own_uid=os.geteuid(), mark=mark
        )
        for mark in ("12ab", "34cd", "")
    )
    place = Path(await one.stage_in(tag, Sandbox(), owner=OWNER, told=go_on))
    assert place.name == f"headway_sandbox_12ab_{tag}"
    assert [list(await files.tags()) for files in (one, other, plain)] == [[tag], [], []]
    for files in (other, plain):
        await files.delete(tag)
    assert tree_of(tmp_path) == {place.name: None}
    await one.delete(tag)
    assert tree_of(tmp_path) == {}


async def test_half_a_sandbox_of_before_is_thrown_away(rig: Rig) -> None:
    rig.sandboxes.mkdir()
    half = rig.sandboxes / f".headway_new_{rig.tag}"
    half.mkdir()
    (half / "half").write_bytes(b"")
    (rig.home / "file").write_bytes(b"ours")
    assert tree_of(await rig.stage_in(rig.home / "file")) == {"in": b"ours"}


async def test_somebody_elses_directory_is_no_sandbox_and_no_root(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: to make a directory somebody else's")
    rig = Rig(tmp_path)
    place = await rig.make()
    os.chown(place, 12345, 12345)
    with pytest.raises(StagingFailed, match="something else is in its place"):
        await rig.make()
    assert list(await rig.files.tags()) == []
    os.chown(rig.sandboxes, 12345, 12345)
    with pytest.raises(StagingFailed, match="--sandbox-root"):
        await rig.make(tag=tag_of(job_id(2), 1))


async def test_a_root_in_which_others_move_things_is_refused_but_not_a_sticky_one(
    rig: Rig,
) -> None:
    rig.sandboxes.mkdir()
    rig.sandboxes.chmod(0o777)
    with pytest.raises(StagingFailed, match="--sandbox-root"):
        await rig.make()
    rig.sandboxes.chmod(0o1777)
    await rig.make()


async def test_a_root_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    files = files_in(tmp_path / "file/root", tmp_path / "record")
    rig = Rig(tmp_path)
    rig.files = files
    with pytest.raises(StagingFailed, match="cannot be made"):
        await rig.make()


async def test_deleting_follows_no_link_and_takes_back_rights(rig: Rig) -> None:
    place = await rig.make()
    (place / "a/b").mkdir(parents=True)
    (place / "a/b/link").symlink_to(rig.outside)
    (place / "a/b/file").symlink_to(rig.outside / "file")
    before = tree_of(rig.outside)
    for directory in (place / "a/b", place / "a", place):
        directory.chmod(0)
    await rig.files.delete(rig.tag)
    assert not list(rig.sandboxes.iterdir())
    assert tree_of(rig.outside) == before


@contextmanager
def mounted(place: Path, later: Path, *what: str) -> Iterator[None]:
    """Mount something, which is at another place when it is unmounted: a directory with it in it cannot be deleted."""
    command = ["mount", *(what or ("-t", "tmpfs", "tmpfs")), str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs root: to mount something")
    try:
        yield
    finally:
        where = later if later.exists() else place
        subprocess.run(["umount", "--lazy", where], check=True)


def test_a_sandbox_that_cannot_be_deleted_is_named_and_listed_until_it_can(
    rig: Rig,
) -> None:
    place = anyio.run(rig.make)
    (place / "mounted").mkdir()
    gone = rig.sandboxes / f".headway_gone_{rig.tag}"
    with mounted(place / "mounted", gone / "mounted"):
        with pytest.raises(StagingFailed, match="cannot be deleted"):
            anyio.run(rig.files.delete, rig.tag)
        assert anyio.run(rig.files.tags) == [rig.tag]
        assert not place.exists()
    anyio.run(rig.files.delete, rig.tag)
    assert anyio.run(rig.files.tags) == []


@pytest.mark.parametrize("how", ["another disk", "the same disk"])
def test_what_a_job_left_mounted_in_its_sandbox_is_not_deleted_with_it(rig: Rig, how: str) -> None:
    place = anyio.run(rig.make)
    mount, gone = place / "deep/mount", rig.sandboxes / f".headway_gone_{rig.tag}/deep/mount"
    mount.mkdir(parents=True)
    what = () if how == "another disk" else ("--bind", str(rig.outside))
    with mounted(mount, gone, *what):
        (mount / "precious").mkdir(mode=0o500)
        with pytest.raises(StagingFailed, match="something is mounted in it"):
            anyio.run(rig.files.delete, rig.tag)
        assert (gone / "precious").stat().st_mode & 0o777 == 0o500
    anyio.run(rig.files.delete, rig.tag)
    assert anyio.run(rig.files.tags) == []


async def test_a_tag_is_whatever_the_model_makes_of_a_job(rig: Rig) -> None:
    tags = [tag_of(job_id(number), attempt) for number in (1, 99) for attempt in (1, 20)]
    for tag in tags:
        await rig.make(tag=tag)
    assert list(await rig.files.tags()) == sorted(tags)
