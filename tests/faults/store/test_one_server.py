"""One server a data directory, and which file systems it may be on."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePath

import pytest
from tests.processes import ending

from headway.core.errors import Conflict, InvalidRequest
from headway.stores.sql import filesystems, open_store
from headway.stores.sql.filesystems import kind_of, why_not
from headway.stores.sql.lock import LOCK_NAME
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio

#: A server that says when it holds the directory, and starts a helper that outlives it.
PROGRAM = """
import asyncio, pathlib, subprocess, sys
from headway.stores.sql import open_store
from headway.testing.fakes import FakeClock

async def main():
    open_store(pathlib.Path(sys.argv[1]), clock=FakeClock(), fatal=print, held_by="http://first")
    helper = subprocess.Popen(["sleep", "1000"], close_fds=False)
    print(helper.pid, flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
"""

MOUNTS = """\
22 1 252:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
25 22 0:22 / /proc rw,nosuid - proc proc rw
41 22 0:40 / /home rw,relatime shared:20 - nfs4 server:/home rw,vers=4.2
42 41 252:1 / /home/local rw,relatime - xfs /dev/vdb rw
43 22 0:44 / /data rw master:7 - fuse.sshfs host:/data rw
44 22 0:45 / /with\\040space rw - lustre mgs@tcp:/fs rw
45 44 0:46 / /with\\040space rw - tmpfs tmpfs rw
""".splitlines()


def _never(error: BaseException) -> None:
    raise AssertionError from error


def _modes_in(directory: Path) -> dict[str, str]:
    return {path.name: oct(path.stat().st_mode & 0o777) for path in directory.iterdir()}


@pytest.fixture
def first(tmp_path: Path) -> Iterator["tuple[subprocess.Popen[str], int]"]:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with ending(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) as server:
        assert server.stdout is not None
        helper = int(server.stdout.readline())
        yield server, helper
    os.kill(helper, signal.SIGKILL)


async def test_a_second_server_refuses_and_says_who_holds_the_directory(
    tmp_path: Path, first: "tuple[subprocess.Popen[str], int]"
) -> None:
    words = (
        rf"{tmp_path} is held by another server: process {first[0].pid}, http://first, since 2026"
    )
    with pytest.raises(Conflict, match=words):
        open_store(tmp_path, clock=FakeClock(), fatal=_never, held_by="http://second")


async def test_the_lock_dies_with_its_server_and_is_not_held_by_its_helpers(
    tmp_path: Path, first: "tuple[subprocess.Popen[str], int]"
) -> None:
    first[0].kill()
    await asyncio.to_thread(first[0].wait)
    store = open_store(tmp_path, clock=FakeClock(), fatal=_never, held_by="http://second")
    os.kill(first[1], 0)  # the helper lives
    await store.close()


async def test_a_holder_that_has_not_signed_yet_is_spoken_of_all_the_same(tmp_path: Path) -> None:
    store = open_store(tmp_path, clock=FakeClock(), fatal=_never, held_by="http://first")
    (tmp_path / LOCK_NAME).write_text("")
    with pytest.raises(Conflict, match="has not said who it is"):
        open_store(tmp_path, clock=FakeClock(), fatal=_never, held_by="http://second")
    await store.close()


async def test_the_files_of_a_store_are_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store(tmp_path, clock=FakeClock(), fatal=_never, held_by="http://first")
    finally:
        os.umask(before)
    modes = _modes_in(tmp_path)
    await store.close()
    assert modes == dict.fromkeys(modes, "0o600")
    assert len(modes) > 2


async def test_a_closed_store_leaves_the_directory_to_the_next(tmp_path: Path) -> None:
    for _ in range(2):
        store = open_store(tmp_path, clock=FakeClock(), fatal=_never, held_by="http://first")
        await store.close()


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/home/ada", "nfs4"),
        ("/home/local", "xfs"),
        ("/home/local/ada", "xfs"),
        ("/homely", "ext4"),
        ("/data/x", "fuse.sshfs"),
        ("/with space/x", "tmpfs"),
    ],
)
def test_the_file_system_is_that_of_the_deepest_and_newest_mount(directory: str, kind: str) -> None:
    assert kind_of(PurePath(directory), MOUNTS) == kind


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "lustre", "gpfs", "cifs", "beegfs", "afs", "ceph"])
def test_network_file_systems_are_known(kind: str) -> None:
    assert why_not(kind)


@pytest.mark.parametrize(
    "kind", ["fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.new-cloud-fs", "fuse"]
)
def test_a_fuse_file_system_is_refused_unless_it_is_known_to_be_local(kind: str) -> None:
    assert why_not(kind)


@pytest.mark.parametrize(
    "kind",
    ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs", "fuseblk", "fuse.fuse-overlayfs", ""],
)
def test_local_file_systems_are_not_refused(kind: str) -> None:
    assert why_not(kind) is None


async def test_a_directory_on_a_network_file_system_is_refused_with_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"22 1 0:1 / / rw - ext4 x rw\n23 22 0:2 / {tmp_path} rw - nfs4 x rw\n")
    monkeypatch.setattr(filesystems, "_MOUNTS", mounts)
    with pytest.raises(InvalidRequest, match="is on NFS, where SQLite's locks cannot be relied on"):
        open_store(tmp_path / "data", clock=FakeClock(), fatal=_never, held_by="http://first")
    assert not (tmp_path / "data" / LOCK_NAME).exists()
