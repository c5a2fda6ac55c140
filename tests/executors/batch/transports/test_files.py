"""Files, on this machine and on a login node alike."""

import asyncio
import os
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import NEEDS_ROOT
from tests.faults.counts import dice, rounds

from headway.core.errors import ExecutorUnavailable, NotFound
from headway.executors.batch.transport import File, Transport

pytestmark = pytest.mark.anyio

NAMES = (
    "plain",
    "two words",
    "-rf",
    "a'b\"c",
    "$HOME;id",
    "new\nline",
    "\udcff\udc81",
    "é",
    "*",
    "x" * 200,
)
ALL_BYTES = bytes(range(256)) * 3
SMALL_BYTES = 64 << 10


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def contents(place: Path) -> dict[str, bytes]:
    """Give all files below a directory that are not the connection's."""
    found = (path for path in place.rglob("*") if "control" not in path.parts)
    return {str(path): path.read_bytes() for path in found if path.is_file()}


def fill(records: Mapping[str, bytes]) -> None:
    for path, data in records.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)


def lengthen(path: Path, size: int) -> None:
    """Put a hole at the end of a file."""
    with path.open("ab") as file:
        file.truncate(size)


def is_there(path: str) -> bool:
    return os.path.lexists(os.fsencode(path))


@contextmanager
def full_disk(place: Path) -> Iterator[Path]:
    """Mount a file system that has room for next to nothing."""
    if os.geteuid() != 0:
        pytest.skip(f"{NEEDS_ROOT}: mounts a small file system")
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


async def test_a_file_is_written_with_its_directories_for_the_owner_only(
    transport: Transport, tmp_path: Path
) -> None:
    path = tmp_path / "root" / "ab" / "tag" / "script"
    await transport.write([File(path=str(path), data=ALL_BYTES, mode=0o700)])
    assert path.read_bytes() == ALL_BYTES
    assert mode_of(path) == 0o700
    assert {mode_of(above) for above in path.parents[:3]} == {0o700}


async def test_files_of_several_directories_are_written_at_once_and_nothing_is_left_beside_them(
    transport: Transport, tmp_path: Path
) -> None:
    files = [
        File(path=f"{tmp_path}/{place}/{name}", data=b"%d %d" % (place, name))
        for place in range(30)
        for name in range(5)
    ]
    await transport.write(files)
    assert contents(tmp_path) == {file.path: file.data for file in files}
    assert {mode_of(Path(file.path)) for file in files} == {0o600}


@pytest.mark.parametrize("name", NAMES)
async def test_a_file_and_its_directory_may_have_any_name(
    transport: Transport, tmp_path: Path, name: str
) -> None:
    place = f"{tmp_path}/{name}"
    path = f"{place}/{name}"
    await transport.write([File(path=path, data=b"1")])
    assert await transport.missing_directories([place, path]) == [path]
    assert await transport.collect([path]) == {path: b"1"}
    assert (await transport.read(path, offset=0, limit=10)).data == b"1"
    await transport.remove([place])
    assert not is_there(place)


async def test_a_file_that_is_there_is_replaced_whole(transport: Transport, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old" * 1000)
    held = path.open("rb")
    await transport.write([File(path=str(path), data=b"new")])
    with held:
        assert (held.read(), path.read_bytes()) == (b"old" * 1000, b"new")


async def test_a_link_in_a_files_place_is_replaced_and_not_written_through(
    transport: Transport, tmp_path: Path
) -> None:
    target, directory = tmp_path / "target", tmp_path / "directory"
    target.write_bytes(b"mine")
    directory.mkdir()
    paths = tmp_path / "to_file", tmp_path / "to_directory"
    paths[0].symlink_to(target)
    paths[1].symlink_to(directory)
    await transport.write([File(path=str(path), data=b"new") for path in paths])
    assert [path.read_bytes() for path in paths] == [b"new", b"new"]
    assert (target.read_bytes(), list(directory.iterdir())) == (b"mine", [])


async def test_a_directory_in_a_files_place_is_kept_and_told(
    transport: Transport, tmp_path: Path
) -> None:
    path = tmp_path / "taken"
    path.mkdir()
    with pytest.raises(ExecutorUnavailable):
        await transport.write([File(path=str(path), data=b"new")])
    assert contents(tmp_path) == {}


async def test_a_file_in_a_directorys_place_is_told(transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExecutorUnavailable):
        await transport.write([File(path=f"{tmp_path}/file/below/x", data=b"new")])


@pytest.mark.service("mount")
async def test_no_file_is_taken_for_written_that_the_disk_has_no_room_for(
    transport: Transport, tmp_path: Path
) -> None:
    with full_disk(tmp_path / "small") as place:
        first, second = place / "first", place / "second"
        with pytest.raises(ExecutorUnavailable, match=r"No space left|I/O error"):
            await transport.write(
                [File(path=str(first), data=b"1"), File(path=str(second), data=b"2" * 200_000)]
            )
        assert list(place.iterdir()) == []


async def test_a_new_file_is_written_only_where_there_is_none(
    transport: Transport, tmp_path: Path
) -> None:
    path = tmp_path / "a" / "b" / "claim"
    assert await transport.write_new(File(path=str(path), data=b"first"))
    assert not await transport.write_new(File(path=str(path), data=b"second"))
    assert contents(tmp_path) == {str(path): b"first"}


@pytest.mark.parametrize("kind", ["directory", "link", "link to directory", "link to nothing"])
async def test_whatever_has_the_name_is_left_as_it_is(
    transport: Transport, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "directory").mkdir()
    (tmp_path / "file").write_bytes(b"1")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "link to directory").symlink_to(tmp_path / "directory")
    (tmp_path / "link to nothing").symlink_to(tmp_path / "gone")
    assert not await transport.write_new(File(path=f"{tmp_path}/{kind}", data=b"2"))
    assert contents(tmp_path) == dict.fromkeys([f"{tmp_path}/file", f"{tmp_path}/link"], b"1")


async def test_of_some_new_files_each_is_written_whatever_becomes_of_the_others(
    transport: Transport, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"1")
    names = ["a/claim", "file", "file/claim", "b/claim", "c/claim", "d/claim"]
    written = await transport.write_new_each(
        [File(path=f"{tmp_path}/{name}", data=b"2", is_lasting=False) for name in names]
    )
    assert written == [True, False, None, True, True, True]
    new = [f"{tmp_path}/{name}" for name, is_new in zip(names, written, strict=True) if is_new]
    assert contents(tmp_path) == {f"{tmp_path}/file": b"1", **dict.fromkeys(new, b"2")}


async def test_of_many_who_write_a_new_file_one_does(transport: Transport, tmp_path: Path) -> None:
    path = f"{tmp_path}/place/claim"
    datas = [b"%d" % i for i in range(20)]
    won = await asyncio.gather(*(transport.write_new(File(path=path, data=d)) for d in datas))
    assert contents(tmp_path) == {path: datas[won.index(True)]}
    assert sum(won) == 1


async def test_the_names_in_a_directory_are_told(transport: Transport, tmp_path: Path) -> None:
    place = tmp_path / "place"
    names = {*NAMES, ".hidden", "..odd", "link"}
    fill({f"{place}/{name}": b"" for name in names if name != "link"})
    (place / "link").symlink_to("gone")
    assert set(await transport.names(str(place))) == names
    assert list(await transport.names(f"{place}/gone")) == []


async def test_names_in_what_is_no_directory_are_trouble(
    transport: Transport, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExecutorUnavailable):
        await transport.names(f"{tmp_path}/file")


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 65_536, 300_000])
async def test_a_file_of_any_size_is_written_whole(
    transport: Transport, tmp_path: Path, size: int
) -> None:
    data = os.urandom(size)
    await transport.write([File(path=f"{tmp_path}/file", data=data)])
    assert (tmp_path / "file").read_bytes() == data


async def test_a_thousand_records_are_read_at_once_and_those_that_are_not_there_left_out(
    transport: Transport, tmp_path: Path
) -> None:
    records = {f"{tmp_path}/{i % 16}/{i}": b"%d\n" % i * (i % 7) for i in range(1000)}
    fill(records)
    absent = [f"{tmp_path}/{i}/none" for i in range(1000)]
    assert await transport.collect([*records, *absent]) == records


async def test_of_a_large_file_the_beginning_is_read(transport: Transport, tmp_path: Path) -> None:
    paths = [f"{tmp_path}/{i}" for i in range(3)]
    fill(dict.fromkeys(paths, ALL_BYTES * 100))
    lengthen(Path(paths[1]), 100 << 30)
    found = await transport.collect(paths)
    assert {len(data) for data in found.values()} == {SMALL_BYTES}
    assert len(found) == 3


async def test_what_is_no_file_is_left_out_of_records(transport: Transport, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"1")
    (tmp_path / "link").symlink_to(file)
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    os.mkfifo(tmp_path / "pipe")
    names = "file", "link", "nowhere", "itself", "pipe", "", "file/below", "itself/below", "x" * 300
    assert await transport.collect([f"{tmp_path}/{name}" for name in names]) == {str(file): b"1"}


async def test_no_paths_are_no_trouble(transport: Transport) -> None:
    assert await transport.collect([]) == {}
    assert list(await transport.missing_directories([])) == []
    await transport.write([])
    await transport.remove([])


async def test_records_that_are_being_replaced_are_read_whole(
    transport: Transport, tmp_path: Path
) -> None:
    paths = [tmp_path / str(i) for i in range(50)]
    for path in paths:
        path.write_bytes(b"a" * 10)
    choose = dice()

    async def replace() -> None:
        while True:
            path = choose.choice(paths)
            new = path.with_suffix(".new")
            new.write_bytes(choose.choice([b"a", b"b"]) * choose.randint(1, 100))
            new.rename(path)
            await asyncio.sleep(0)

    replacing = asyncio.create_task(replace())
    for _ in range(rounds(100)):
        found = await transport.collect([str(path) for path in paths])
        assert all(data and set(data) in ({97}, {98}) for data in found.values())
        assert len(found) == 50
    replacing.cancel()


async def test_directories_that_may_be_entered_are_told_from_others(
    transport: Transport, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path)
    names = "", "link", "file", "gone", "gone/below", "file/below"
    paths = [f"{tmp_path}/{name}" for name in names]
    assert await transport.missing_directories(paths) == paths[2:]


@pytest.mark.parametrize(
    ("offset", "limit"),
    [
        (0, 0),
        (0, 1),
        (0, 10**6),
        (1, 511),
        (511, 2),
        (512, 512),
        (99_999, 1),
        (99_999, 9),
        (100_000, 5),
        (10**9, 5),
    ],
)
async def test_a_part_of_a_file_is_read(
    transport: Transport, tmp_path: Path, offset: int, limit: int
) -> None:
    data = os.urandom(100_000)
    (tmp_path / "log").write_bytes(data)
    part = await transport.read(f"{tmp_path}/log", offset=offset, limit=limit)
    assert (part.data, part.size) == (data[offset : offset + limit], 100_000)


async def test_any_parts_of_a_file_are_read(transport: Transport, tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "log").write_bytes(data)
    choose = dice()
    for _ in range(rounds(400)):
        offset, limit = choose.randrange(3_100_000), choose.choice([1, 100, 4096, 70_000, 1 << 20])
        part = await transport.read(f"{tmp_path}/log", offset=offset, limit=limit)
        assert part.data == data[offset : offset + limit], (offset, limit)


async def test_a_file_with_a_hole_of_gigabytes_is_read_near_its_end(
    transport: Transport, tmp_path: Path
) -> None:
    path = tmp_path / "log"
    lengthen(path, 50 << 30)
    with path.open("ab") as file:
        file.write(b"the end")
    part = await transport.read(str(path), offset=50 << 30, limit=100)
    assert (part.data, part.size) == (b"the end", (50 << 30) + 7)


@pytest.mark.parametrize("name", ["gone", "gone/below", "file/below", "link", "pipe", "", "device"])
async def test_what_is_no_file_cannot_be_read(
    transport: Transport, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").write_bytes(b"1")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    path = "/dev/zero" if name == "device" else f"{tmp_path}/{name}"
    with pytest.raises(NotFound):
        await transport.read(path, offset=0, limit=10)


async def test_directories_are_deleted_with_all_in_them_and_no_link_is_followed(
    transport: Transport, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_bytes(b"1")
    place = tmp_path / "place"
    deep = place / "/".join("d" * 60)
    deep.mkdir(parents=True)
    (deep / "file").write_bytes(b"")
    (deep / "link").symlink_to(kept)
    (place / "up").symlink_to("..")
    (tmp_path / "link").symlink_to(kept)
    await transport.remove([str(place), str(tmp_path / "link"), str(tmp_path / "gone")])
    assert contents(tmp_path) == {str(kept / "file"): b"1"}
    assert not any(map(is_there, [str(place), f"{tmp_path}/link"]))


async def test_a_link_with_a_slash_behind_it_is_not_followed(
    transport: Transport, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_bytes(b"1")
    (tmp_path / "link").symlink_to(kept)
    await transport.remove([f"{tmp_path}/link/"])
    assert (kept / "file").read_bytes() == b"1"


async def test_hundreds_of_directories_are_deleted_at_once(
    transport: Transport, tmp_path: Path
) -> None:
    places = [tmp_path / str(i) for i in range(450)]
    for place in places:
        place.mkdir()
        (place / "file").write_bytes(b"")
    await transport.remove([str(place) for place in places])
    assert not any(place.exists() for place in places)


@pytest.mark.service("mount")
async def test_what_is_mounted_in_a_directory_is_spared(
    transport: Transport, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    with full_disk(place / "small") as mounted:
        (mounted / "file").write_bytes(b"1")
        with pytest.raises(ExecutorUnavailable):
            await transport.remove([str(place)])
        assert (mounted / "file").read_bytes() == b"1"
