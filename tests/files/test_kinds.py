"""What is copied as what, and what is not copied at all."""

import os
import socket
import stat
from pathlib import Path

import pytest
from tests.files.rig import Rig, tree_of

from headway.core.errors import StagingFailed
from headway.core.model.spec import Sandbox, Transfer

pytestmark = pytest.mark.anyio


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        before = Path.cwd()
        os.chdir(path.parent)
        made.bind(path.name)
        os.chdir(before)


def make_device(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: to make a device")
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))


@pytest.mark.parametrize(
    ("make", "word"),
    [(make_pipe, "a named pipe"), (make_socket, "a socket"), (make_device, "a device")],
)
async def test_what_is_no_file_is_refused_by_its_name(rig: Rig, make: object, word: str) -> None:
    assert callable(make)
    (rig.home / "tree").mkdir()
    make(rig.home / "tree/special")
    for source in ("tree/special", "tree"):
        with pytest.raises(StagingFailed, match=f"tree/special: it is {word}"):
            await rig.stage_in(rig.home / source)
    place = await rig.make()
    make(place / "special")
    (place / "a").write_bytes(b"a")
    (place / "z").write_bytes(b"z")
    (failure,) = await rig.stage_out("special", rig.home / "out")
    assert word in failure
    (failure,) = await rig.stage_out(".", rig.home / "all")
    assert word in failure
    assert tree_of(rig.home / "all") == {"a": b"a", "z": b"z"}


async def test_devices_that_are_always_there_are_refused(tmp_path: Path) -> None:
    rig = Rig(tmp_path, roots=[Path("/")])
    for path in ("/dev/null", "/dev/zero"):
        with pytest.raises(StagingFailed, match="a device"):
            await rig.stage_in(path)


async def test_the_kernels_own_words_are_no_files(tmp_path: Path) -> None:
    rig = Rig(tmp_path, roots=[Path("/")])
    for path in ("/proc/self/environ", "/proc/self/mem", "/proc/version", "/sys/kernel/notes"):
        with pytest.raises(StagingFailed, match="kernel's own words"):
            await rig.stage_in(path)


async def test_a_name_is_told_in_one_line_whatever_is_in_it(rig: Rig) -> None:
    name = "a\nb\x1b[2Jc\u202ed é"
    with pytest.raises(StagingFailed) as caught:
        await rig.stage_in(rig.home / name)
    assert r"a\nb\x1b[2Jc\u202ed é" in str(caught.value)
    assert str(caught.value).isprintable()
    with pytest.raises(StagingFailed) as caught:
        await rig.stage_in(f"{rig.home}/{'d/' * 1900}missing")
    assert "…" in str(caught.value)
    assert "d/missing: there is no such file" in str(caught.value)
    assert len(str(caught.value)) < 700


async def test_a_hard_link_of_our_own_is_copied(rig: Rig) -> None:
    (rig.home / "file").write_bytes(b"ours")
    (rig.home / "link").hardlink_to(rig.home / "file")
    place = await rig.stage_in(rig.home / "link")
    assert (place / "in").read_bytes() == b"ours"
    assert (place / "in").stat().st_nlink == 1


async def test_a_hard_link_where_others_may_make_some_is_refused(rig: Rig) -> None:
    (rig.home / "file").write_bytes(b"")
    (rig.home / "open").mkdir()
    (rig.home / "open/link").hardlink_to(rig.home / "file")
    (rig.home / "open").chmod(0o777)
    with pytest.raises(StagingFailed, match="open/link: it is a hard link"):
        await rig.stage_in(rig.home / "open/link")


@pytest.mark.parametrize("whose", ["file", "directory"])
async def test_a_hard_link_to_somebody_elses_file_is_refused(rig: Rig, whose: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: to make a file somebody else's")
    (rig.home / "open").mkdir()
    (rig.home / "file").write_bytes(b"")
    (rig.home / "open/link").hardlink_to(rig.home / "file")
    os.chown(rig.home / ("file" if whose == "file" else "open"), 12345, 12345)
    with pytest.raises(StagingFailed, match="open/link: it is a hard link"):
        await rig.stage_in(rig.home / "open/link")


async def test_somebody_elses_file_that_may_be_read_is_copied(rig: Rig) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: to make a file somebody else's")
    (rig.home / "file").write_bytes(b"theirs")
    os.chown(rig.home / "file", 12345, 12345)
    place = await rig.stage_in(rig.home / "file")
    assert (place / "in").read_bytes() == b"theirs"


@pytest.mark.parametrize("target", ["file", "./file", "below/other", ".", "missing"])
async def test_a_link_in_a_directory_stays_a_link_when_it_stays_inside(
    rig: Rig, target: str
) -> None:
    (rig.home / "tree/below").mkdir(parents=True)
    (rig.home / "tree/link").symlink_to(target)
    place = await rig.stage_in(rig.home / "tree")
    assert (place / "in/link").readlink() == Path(target)


async def test_a_link_may_lead_up_as_far_as_the_copied_directory(rig: Rig) -> None:
    (rig.home / "tree/a/b").mkdir(parents=True)
    (rig.home / "tree/a/b/top").symlink_to("../..")
    place = await rig.stage_in(rig.home / "tree")
    assert (place / "in/a/b/top").readlink() == Path("../..")
    (rig.home / "tree/a/b/above").symlink_to("../../..")
    await rig.files.delete(rig.tag)
    with pytest.raises(StagingFailed, match="above: it is a link that leads out"):
        await rig.stage_in(rig.home / "tree")


@pytest.mark.parametrize(
    "target", ["/etc", "/", "..", "../tree", "a/../file", "a/up/../../x", "a/up/.."]
)
async def test_a_link_is_refused_that_leads_out_by_itself_or_by_another(
    rig: Rig, target: str
) -> None:
    (rig.home / "tree/a").mkdir(parents=True)
    (rig.home / "tree/a/up").symlink_to("..")
    (rig.home / "tree/link").symlink_to(target)
    with pytest.raises(StagingFailed, match="tree/link: it is a link that leads out"):
        await rig.stage_in(rig.home / "tree")


async def test_one_refused_entry_keeps_no_other_from_being_fetched(rig: Rig) -> None:
    place = await rig.make()
    (place / "tree/below").mkdir(parents=True)
    (place / "tree/below/passwd").symlink_to("/etc/passwd")
    (place / "tree/below/deep").write_bytes(b"deep")
    (place / "tree/file").write_bytes(b"file")
    (place / "last").write_bytes(b"last")
    sandbox = Sandbox(
        stage_out=(
            Transfer(source="tree", target=str(rig.home / "tree")),
            Transfer(source="last", target=str(rig.home / "last")),
        )
    )
    (failure,) = await rig.fetch(sandbox)
    assert failure.startswith("tree/below/passwd: it is a link that leads out")
    assert tree_of(rig.home) == {
        "tree": None,
        "tree/below": None,
        "tree/below/deep": b"deep",
        "tree/file": b"file",
        "last": b"last",
    }


async def test_of_very_many_failures_the_first_are_told_and_the_others_counted(rig: Rig) -> None:
    place = await rig.make()
    for number in range(50):
        (place / f"{number}").symlink_to("/")
    failures = await rig.stage_out(".", rig.home / "all")
    assert len(failures) == 21
    assert failures[-1] == "and 30 more"


async def test_a_file_and_a_directory_do_not_take_each_others_place(rig: Rig) -> None:
    place = await rig.make()
    (place / "tree/x").mkdir(parents=True)
    (place / "file").write_bytes(b"file")
    (rig.home / "kept").mkdir()
    (rig.home / "kept/x").write_bytes(b"kept")
    (failure,) = await rig.stage_out("file", rig.home / "kept")
    assert "a directory is in its place" in failure
    (failure,) = await rig.stage_out("tree", rig.home / "kept")
    assert failure.startswith(f"{rig.home}/kept/x: no directory is in its place")
    (failure,) = await rig.stage_out("tree", rig.home / "kept/x")
    assert "not a directory" in failure
    assert tree_of(rig.home) == {"kept": None, "kept/x": b"kept"}
