"""Directories that do not answer, as on a network file system whose server is gone."""

import asyncio
import ctypes
import errno
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.executors.local.rig import Rig
from typing_extensions import override

from headway.core.errors import ExecutorUnavailable
from headway.core.model.state import State
from headway.executors.local.mounts import Mounts, may_hang
from headway.executors.local.places import Places, Unanswered, places_of
from headway.executors.local.wire import Launch

pytestmark = pytest.mark.anyio

_DETACH = 2  # umount2(2)


@pytest.fixture
def hung(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system whose server never answers: FUSE without anybody who reads its requests."""
    if os.geteuid() != 0 or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("needs root and /dev/fuse")
    libc = ctypes.CDLL(None, use_errno=True)
    place = tmp_path / "hung"
    place.mkdir()
    server = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % server
    mounted = libc.mount(b"hung", bytes(place), b"fuse.hung", 0, options) == 0
    if not mounted and ctypes.get_errno() == errno.EPERM:
        os.close(server)
        pytest.skip("needs root that may mount")
    assert mounted
    yield place
    os.close(server)  # whoever waits is answered with an error
    libc.umount2(bytes(place), _DETACH)


class Counted(Places):
    """Tells how many threads have ended."""

    asked = 0
    done = 0

    @override
    def _ask(self, place: bytes, now: float) -> None:
        self.asked += place not in self._asked
        super()._ask(place, now)

    @override
    def _look(self, place: bytes) -> None:
        super()._look(place)
        self.done += 1


@pytest.fixture
async def places() -> AsyncIterator[tuple[Places, int]]:
    """Places, and what can be read when one has answered."""
    read_end, write_end = os.pipe()
    counted = Counted(write_end, lambda: True)
    yield counted, read_end
    async with asyncio.timeout(60):
        while counted.done < counted.asked:  # noqa: ASYNC110 -- threads set no event of ours
            await asyncio.sleep(0.01)
    os.close(read_end)
    os.close(write_end)


def launch(*argv: bytes, directory: bytes = b"", path: bytes | None = None) -> Launch:
    environment = [] if path is None else [b"HOME=/", b"PATH=" + path]
    return Launch(
        tag=b"t",
        argv=list(argv),
        environment=environment,
        inherit=True,
        directory=directory,
        stdin_path=b"",
        place=b"/",
        limit_s=0.0,
    )


def test_what_a_start_looks_at_is_known() -> None:
    inherited = {b"PATH": b"/usr/bin:bin:/bin"}
    assert places_of(launch(b"true", directory=b"/d"), inherited) == [b"/d", b"/usr/bin", b"/bin"]
    assert places_of(launch(b"true", path=b"/own"), inherited) == [b"/own"]
    assert places_of(launch(b"/bin/true"), inherited) == [b"/bin/true"]
    assert places_of(launch(b"./x", directory=b"/d"), inherited) == [b"/d"]


async def test_a_place_that_has_answered_is_not_asked_again_at_once(
    places: tuple[Places, int], tmp_path: Path
) -> None:
    known, answers = places
    here = launch(b"./x", directory=bytes(tmp_path))
    first = known.unanswered(here, {})
    assert first is not None
    assert (first.place, first.is_late()) == (bytes(tmp_path), False)
    assert await asyncio.to_thread(os.read, answers, 1) == b"\0"
    assert known.unanswered(here, {}) is None


async def test_a_place_that_is_not_there_has_answered(places: tuple[Places, int]) -> None:
    known, answers = places
    nowhere = launch(b"./x", directory=b"/no/such/place")
    assert known.unanswered(nowhere, {}) is not None
    await asyncio.to_thread(os.read, answers, 1)
    assert known.unanswered(nowhere, {}) is None


def test_nobody_is_asked_where_nothing_may_hang() -> None:
    here = launch(b"./x", directory=b"/")
    assert Places(-1, lambda: False).unanswered(here, {}) is None


@pytest.mark.parametrize(
    ("mount", "is_possible"),
    [
        (b"22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw", False),
        (b"30 22 0:26 / /dev/shm rw - tmpfs tmpfs rw", False),
        (b"40 22 0:50 / /home rw shared:9 master:2 - nfs4 server:/home rw", True),
        (b"41 22 0:51 / /home/ada/mnt rw - fuse.sshfs ada@host: rw", True),
        (b"42 22 0:52 / /net rw - autofs /etc/auto.net rw", True),
        (b"43 22 0:53 / / rw - overlay overlay rw,lowerdir=/l", True),
        (b"44 22 0:54 / /x\\040-\\040y rw - ext4 /dev/vdb rw", False),
        (b"45 22 0:30 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw", False),
    ],
)
def test_it_is_known_which_file_systems_may_hang(mount: bytes, *, is_possible: bool) -> None:
    root = b"1 0 254:0 / / rw - ext4 /dev/vda1 rw\n"
    assert may_hang(root + mount + b"\n" + root) is is_possible


def test_where_no_mounts_can_be_read_any_may_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    assert may_hang(b"")
    monkeypatch.setattr("headway.executors.local.mounts._MOUNTS", "/no/such/file")
    assert Mounts().any_may_hang()


def test_a_mount_that_comes_later_is_seen(request: pytest.FixtureRequest) -> None:
    mounts = Mounts()
    mounts.any_may_hang()
    request.getfixturevalue("hung")
    assert mounts.any_may_hang()
    assert mounts.any_may_hang()


async def test_a_place_that_hangs_stops_nobody_and_is_late_in_the_end(
    places: tuple[Places, int], hung: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, answers = places
    there = launch(b"./x", directory=bytes(hung))
    silent = known.unanswered(there, {})
    assert isinstance(silent, Unanswered)
    here = launch(b"./x", directory=b"/")
    known.unanswered(here, {})
    await asyncio.to_thread(os.read, answers, 1)
    assert known.unanswered(here, {}) is None
    again = known.unanswered(there, {})
    assert again is not None
    assert again.since == silent.since
    monkeypatch.setattr("headway.executors.local.places.LIMIT_S", 0.0)
    assert again.is_late()


async def test_a_job_in_a_directory_that_hangs_holds_up_no_other(rig: Rig, hung: Path) -> None:
    stuck = asyncio.create_task(rig.executor.submit([rig.launch("true", directory=str(hung))]))
    end = await rig.run(rig.launch("true"))
    assert end.state is State.SUCCEEDED
    with pytest.raises(ExecutorUnavailable, match=r"hung.*does not answer"):
        await stuck
    end = await rig.run(rig.launch("true"))
    assert end.state is State.SUCCEEDED
