"""What can be copied: plain files that are really where they seem to be, directories, and links that stay inside."""

import ctypes
import errno
import functools
import os
import posixpath
import stat
from collections.abc import Mapping
from typing import Final

from headway.files.refusal import failed, refused

_READING: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_KINDS: Final[Mapping[int, str]] = {
    stat.S_IFIFO: "it is a named pipe",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
    stat.S_IFSOCK: "it is a socket",
    stat.S_IFLNK: "it is a link",
    stat.S_IFDIR: "it is a directory",
}
#: File systems whose files are the kernel's words, some without end: proc, sysfs, debugfs, tracefs, securityfs, cgroup, cgroup2,
#: bpf, pstore, selinuxfs, configfs. The numbers are those of linux/magic.h.
_KERNELS_OWN: Final = frozenset(
    {
        0x9FA0,
        0x62656572,
        0x64626720,
        0x74726163,
        0x73636673,
        0x27E0EB,
        0x63677270,
        0xCAFE4A11,
        0x6165676C,
        0xF97CFF8C,
        0x62656570,
    }
)


def open_file(directory: int, name: str, path: str, *, own_uid: int, disks: set[int]) -> int:
    """Open a plain file for reading, which ``check_kind`` took for one. It never waits.

    Args:
        directory: an open directory that it is in.
        path: what it is called towards people.
        disks: file systems that are known not to be the kernel's own words; those of good files are added.

    Raises:
        Refused: it is something else, or a hard link to somebody else's file; ``path`` is named.
    """
    try:
        file = os.open(name, _READING, dir_fd=directory)
    except OSError as error:
        raise failed(path, error) from error
    try:
        _check_opened(file, directory, path, own_uid, disks)
    except BaseException:
        os.close(file)
        raise
    return file


def _check_opened(file: int, directory: int, path: str, own_uid: int, disks: set[int]) -> None:
    status = os.fstat(file)
    check_kind(status, path)
    if status.st_nlink > 1 and not _is_own(status, os.fstat(directory), own_uid):
        raise refused(path, "it is a hard link to a file that may be somebody else's")
    if status.st_dev not in disks:
        if _is_kernels(file):
            raise refused(path, "it is no file on a disk, but the kernel's own words")
        disks.add(status.st_dev)


def check_kind(status: os.stat_result, path: str) -> None:
    """Check that something is a plain file.

    Raises:
        Refused: it is not; ``path`` is named.
    """
    if not stat.S_ISREG(status.st_mode):
        why = _KINDS.get(stat.S_IFMT(status.st_mode), "it is no plain file")
        raise refused(path, f"{why}, and only files and directories are copied")


def check_link(target: str, depth: int, path: str) -> None:
    """Check that a link in a copied directory leads to something in the same directory.

    Args:
        target: what the link says.
        depth: how many directories below the copied one the link is in.

    Raises:
        Refused: it leads out, or may do so by another link; ``path`` is named.
    """
    names = [name for name in target.split(posixpath.sep) if name not in {"", "."}]
    ups = 0
    while ups < len(names) and names[ups] == "..":
        ups += 1
    # A ".." after a name may lead up from wherever a link of that name leads to.
    if target.startswith("/") or ups > depth or ".." in names[ups:]:
        raise refused(path, "it is a link that leads out of the directory that is copied")


def _is_own(status: os.stat_result, directory: os.stat_result, own_uid: int) -> bool:
    """Tell whether only the server's own user can have made a hard link here."""
    others_write = bool(directory.st_mode & stat.S_IWOTH)
    return status.st_uid == own_uid == directory.st_uid and not others_write


def _is_kernels(file: int) -> bool:
    room = ctypes.create_string_buffer(512)
    if _libc().fstatfs(file, room) != 0:
        number = ctypes.get_errno()
        raise OSError(number or errno.EIO, os.strerror(number))
    return ctypes.c_ulong.from_buffer(room).value & 0xFFFFFFFF in _KERNELS_OWN


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
