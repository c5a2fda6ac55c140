"""Copying what is in a file, as the file systems do it best, and with its holes."""

import errno
import fcntl
import os
from typing import Final

from headway.files.meter import Meter

_CLONE: Final = 0x40049409  #: FICLONE: see ioctl_ficlone(2)
_SMALL_BYTES: Final = 64 << 10
_PART_BYTES: Final = 16 << 20  #: so much between two moments at which the copying can be stopped
_READ_BYTES: Final = 1 << 20
#: What is said where two file systems cannot do it between them.
_CANNOT: Final = frozenset(
    {errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS, errno.EBADF, errno.EPERM}
)


class Shrunk(OSError):
    """The file lost bytes while it was being copied."""

    def __init__(self) -> None:
        super().__init__(errno.ESTALE, "it became shorter while it was being copied")


def copy_content(source: int, target: int, size_bytes: int, meter: Meter) -> None:
    """Copy the first bytes of a file into an empty one.

    Raises:
        Shrunk: there are not so many any more.
        Stopped: as Meter.add.
    """
    meter.add(0)
    if size_bytes <= _SMALL_BYTES:
        _copy_small(source, target, size_bytes)
        meter.add(size_bytes)
        return
    if _cloned(source, target, size_bytes):
        meter.add(size_bytes)
        return
    os.ftruncate(target, size_bytes)
    at = 0
    while at < size_bytes:
        start, end = _next_data(source, at, size_bytes)
        meter.add(start - at)
        at = start
        while at < end:
            count = _copy_part(source, target, at, min(_PART_BYTES, end - at))
            if not count:
                raise Shrunk
            at += count
            meter.add(count)
    if os.fstat(source).st_size < size_bytes:
        raise Shrunk


def _copy_small(source: int, target: int, size_bytes: int) -> None:
    """Copy what takes longer to think about than to copy."""
    data = memoryview(os.pread(source, size_bytes, 0)) if size_bytes else memoryview(b"")
    if len(data) < size_bytes:
        raise Shrunk
    while data:
        data = data[os.write(target, data) :]


def _cloned(source: int, target: int, size_bytes: int) -> bool:
    try:
        fcntl.ioctl(target, _CLONE, source)
    except OSError as error:
        if error.errno in _CANNOT or error.errno == errno.ENOTTY:
            return False
        raise
    if os.fstat(target).st_size < size_bytes:
        raise Shrunk
    os.ftruncate(target, size_bytes)
    return True


def _next_data(source: int, at: int, size_bytes: int) -> tuple[int, int]:
    """Give where the next bytes are that are no hole."""
    try:
        start = os.lseek(source, at, os.SEEK_DATA)
        end = os.lseek(source, start, os.SEEK_HOLE)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a hole up to the end
            return size_bytes, size_bytes
        return at, size_bytes  # this file system does not tell
    return min(start, size_bytes), min(end, size_bytes)


def _copy_part(source: int, target: int, at: int, size_bytes: int) -> int:
    """Copy some bytes; gives how many, 0 at the end of the source."""
    try:
        count = os.copy_file_range(source, target, size_bytes, at, at)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        count = 0
    return count or _copy_through(source, target, at, size_bytes)


def _copy_through(source: int, target: int, at: int, size_bytes: int) -> int:
    """Copy as it was always done: some file systems can no other way, or say 0 where there is more."""
    os.lseek(target, at, os.SEEK_SET)
    try:
        return os.sendfile(target, source, at, size_bytes)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
    data = memoryview(os.pread(source, min(size_bytes, _READ_BYTES), at))
    written = 0
    while written < len(data):
        written += os.pwrite(target, data[written:], at + written)
    return written
