"""Opening what a path names without ever leaving a directory, whoever swaps links on the way meanwhile."""

import ctypes
import errno
import functools
import os
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final, Protocol

#: The same on every architecture that has Linux 5.6: see openat2(2).
_OPENAT2: Final = 437
_NO_MAGIC_LINKS: Final = 0x02
_NO_LINKS: Final = 0x04
_BENEATH: Final = 0x08
_IN_ROOT: Final = 0x10
_MOST_TRIES: Final = 64
_LONGEST_PART: Final = 1000  #: characters, of four bytes at most
#: What a kernel without openat2 says, or a container that does not let it through.
_ABSENT: Final = frozenset({errno.ENOSYS, errno.EPERM})
DIRECTORY: Final = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
LISTED: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NONBLOCK


class Opening(Protocol):
    """Opens a path from a directory; OSError when it is not there, or leads out."""

    def __call__(self, directory: int, path: str, flags: int, *, links: bool) -> int:
        """Open it; without ``links`` no link on the way is followed, with them those that stay below ``directory``."""
        ...


class _How(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


def best_opening() -> Opening:
    """Give the kernel's own way where it has one, else the walk."""
    return open_beneath if _has_openat2() else walk_beneath


def open_beneath(directory: int, path: str, flags: int, *, links: bool) -> int:
    """Have the kernel resolve the path; see Opening."""
    scope = _IN_ROOT if links and is_top(directory) else _BENEATH
    resolve = scope | _NO_MAGIC_LINKS | (0 if links else _NO_LINKS)
    for _ in range(_MOST_TRIES):
        try:
            return _openat2(directory, path, flags, resolve)
        except BlockingIOError:  # EAGAIN: somebody moves directories just now
            continue
    raise OSError(errno.EAGAIN, "directories on its way are being moved")


def walk_beneath(directory: int, path: str, flags: int, *, links: bool) -> int:
    """Open one directory after the other, following no link at all; see Opening."""
    if links and is_top(directory):  # there is nothing that could be left
        return os.open(path, flags | os.O_CLOEXEC, dir_fd=directory)
    names = PurePosixPath(path).parts
    if ".." in names or path.startswith("/"):
        raise OSError(errno.EXDEV, "it leads upwards")
    here = os.open(".", DIRECTORY, dir_fd=directory)
    for place, name in enumerate(names):
        last = place == len(names) - 1
        how = flags if last else DIRECTORY
        try:
            there = os.open(name, how | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
        finally:
            os.close(here)
        here = there
    return here if names else _reopened(here, flags)


def open_far(opening: Opening, directory: int, way: str) -> int:
    """Open a directory, following no link, however long the way to it is."""
    here = os.open(".", DIRECTORY, dir_fd=directory)
    for part in _parts(way):
        try:
            there = opening(here, part, DIRECTORY, links=False)
        finally:
            os.close(here)
        here = there
    return _reopened(here, LISTED)


def _parts(way: str) -> Iterator[str]:
    """Cut a way into pieces that the system takes for paths."""
    at = 0
    while len(way) - at > _LONGEST_PART and (cut := way.rfind("/", at, at + _LONGEST_PART)) > 0:
        yield way[at:cut]
        at = cut + 1
    yield way[at:]


def is_top(directory: int) -> bool:
    """Tell whether this is the root of all files."""
    return os.path.samestat(os.fstat(directory), os.stat("/"))


def _reopened(directory: int, flags: int) -> int:
    try:
        return os.open(".", flags | os.O_CLOEXEC, dir_fd=directory)
    finally:
        os.close(directory)


@functools.cache
def _has_openat2() -> bool:
    try:
        os.close(_openat2(_here(), ".", os.O_PATH, _NO_MAGIC_LINKS))
    except OSError as error:
        return error.errno not in _ABSENT
    return True


def _here() -> int:
    return -100  # AT_FDCWD


def _openat2(directory: int, path: str, flags: int, resolve: int) -> int:
    how = _How(flags | os.O_CLOEXEC, 0, resolve)
    call = _libc().syscall
    name = ctypes.c_char_p(os.fsencode(path))
    opened = int(
        call(
            ctypes.c_long(_OPENAT2),
            ctypes.c_int(directory),
            name,
            ctypes.byref(how),
            ctypes.c_size_t(ctypes.sizeof(how)),
        )
    )
    if opened < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return opened


@functools.cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc
