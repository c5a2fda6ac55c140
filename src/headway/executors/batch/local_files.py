"""Reaching files on this machine, blocking: what a transport does in threads."""

import errno
import functools
import itertools
import logging
import os
import secrets
import stat
from collections.abc import Iterable, Sequence
from typing import Final

from headway.core.errors import NotFound
from headway.core.ports.executor import LogPart
from headway.executors.batch.process import as_bytes
from headway.executors.batch.transport import File

#: Nonblocking: a job may have put a pipe there, whose opening would wait for a writer for ever.
_READING: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_WRITING: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
_LISTED: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
#: What is said of a path where nothing is that could be read, and never will be by waiting.
_NOTHING: Final = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.ENAMETOOLONG}
)
_NO_SYNC: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})
LARGEST_PART_BYTES: Final = 8 << 20  #: no answer is longer, whatever was asked
_SMALL_BYTES: Final = 64 << 10

logger: Final = logging.getLogger(__name__)

_counter = itertools.count()


def write_files(files: Sequence[File]) -> None:
    """Write files, durable on return if they are to last; see Transport.write.

    In a directory that is new they have their own names from the start: nobody knows of it before all of this has returned.

    Raises:
        OSError: not all were written.
    """
    paths = [as_bytes(file.path) for file in files]
    places = [*map(os.path.dirname, paths)]
    lasting = {place for place, file in zip(places, files, strict=True) if file.is_lasting}
    unsynced: dict[bytes, None] = {}
    new: set[bytes] = set()
    for place in dict.fromkeys(places):
        is_new, changed = _made(place)
        if place in lasting:
            unsynced |= dict.fromkeys([place, *changed])
        if is_new:
            new.add(place)
    unfinished: list[tuple[bytes, bytes]] = []
    try:
        for path, place, file in zip(paths, places, files, strict=True):
            part = path if place in new else _part_beside(path)
            unfinished.append((part, path))
            _write_part(part, file)
        while unfinished:
            part, path = unfinished[-1]
            if part != path:
                os.rename(part, path)
            unfinished.pop()
    finally:
        for part, _ in unfinished:
            _unlink(part)
    for directory in unsynced:
        _sync_directory(directory)


def write_new_file(file: File) -> bool:
    """Write a file unless there is one of its name; see Transport.write_new.

    Raises:
        OSError: it was not written, or not durably where it should be.
    """
    path = as_bytes(file.path)
    directory = os.path.dirname(path)
    _, unsynced = _made(directory)
    part = _part_beside(path)
    try:
        _write_part(part, file)
        if not _named(part, path):
            return False
    finally:
        _unlink(part)
    if file.is_lasting:
        for each in (directory, *unsynced):
            _sync_directory(each)
    return True


def write_new_files(files: Sequence[File]) -> list[bool | None]:
    """Write some files, each as ``write_new_file`` does; see Transport.write_new_each."""
    written: list[bool | None] = []
    for file in files:
        try:
            written.append(write_new_file(file))
        except OSError as error:  # a job may have made its directory unusable
            logger.warning("%s was not written: %s", file.path, error)
            written.append(None)
    return written


def _named(part: bytes, path: bytes) -> bool:
    """Give a whole file its name; False when there is one of that name.

    On a network file system the answer may be lost and the question asked again, which then finds our own: the count of names tells.
    """
    try:
        os.link(part, path)
    except FileExistsError:
        return os.stat(part, follow_symlinks=False).st_nlink > 1
    return True


def _made(directory: bytes) -> tuple[bool, list[bytes]]:
    """Make a directory and those that it is in.

    Returns:
        Whether it is new, and those that got a new name in them, and the one it is in.
    """
    above = os.path.dirname(directory)
    changed = [above]
    try:
        is_new = _make(directory)
    except FileNotFoundError:
        changed += _made(above)[1]
        is_new = _make(directory)
    return is_new, changed


def _make(directory: bytes) -> bool:
    try:
        os.mkdir(directory, 0o700)
    except FileExistsError:
        return False
    return True


def _part_beside(path: bytes) -> bytes:
    """Give the name that a file has until it is whole."""
    name = f".headway-{_our_own(os.getpid())}-{next(_counter)}"
    return os.path.join(os.path.dirname(path), name.encode())


@functools.cache
def _our_own(process: int) -> str:
    """Give a word that no other process has, on whatever machine it writes into the same directory."""
    return f"{process}-{secrets.token_hex(8)}"


def _write_part(part: bytes, file: File) -> None:
    opened = os.open(part, _WRITING, 0o600)
    try:
        rest = memoryview(file.data)
        while rest:
            rest = rest[os.write(opened, rest) :]
        os.fchmod(opened, file.mode)
        if file.is_lasting:
            os.fsync(opened)
    finally:
        os.close(opened)


def _sync_directory(directory: bytes) -> None:
    opened = os.open(directory, _LISTED)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(opened)


def _unlink(path: bytes) -> None:
    try:
        os.unlink(path)
    except OSError:  # it was not made, or nothing can be deleted where nothing could be written
        return


def collect_files(paths: Iterable[str]) -> dict[str, bytes]:
    """Read small files; see Transport.collect.

    Raises:
        OSError: it could not be looked whether one is there.
    """
    found: dict[str, bytes] = {}
    is_there: dict[bytes, bool] = {}
    for path in paths:
        raw = as_bytes(path)
        directory = os.path.dirname(raw)
        if not is_there.get(directory, True):
            continue
        data = _small(raw)
        if data is not None:
            found[path] = data
        elif directory not in is_there:  # of thousands that never began none has one
            is_there[directory] = _is_there(directory)
    return found


def _is_there(directory: bytes) -> bool:
    try:
        os.lstat(directory)
    except FileNotFoundError:
        return False
    return True


def _small(path: bytes) -> bytes | None:
    opened = _opened(path)
    if opened is None:
        return None
    try:
        return os.pread(opened, _SMALL_BYTES, 0)
    finally:
        os.close(opened)


def names_in(directory: str) -> list[str]:
    """Give the names in a directory; see Transport.names.

    Raises:
        OSError: it could not be looked.
    """
    try:
        return [os.fsdecode(name) for name in os.listdir(as_bytes(directory))]
    except FileNotFoundError:
        return []


def missing_directories(paths: Iterable[str]) -> list[str]:
    """Tell which are no directories that may be entered; see Transport.missing_directories.

    Raises:
        OSError: it could not be looked.
    """
    return [path for path in paths if not _may_be_entered(as_bytes(path))]


def _may_be_entered(path: bytes) -> bool:
    try:
        is_directory = stat.S_ISDIR(os.stat(path).st_mode)
    except PermissionError:
        return False
    except OSError as error:
        if error.errno in _NOTHING:
            return False
        raise
    return is_directory and os.access(path, os.X_OK, effective_ids=True)


def read_part(path: str, *, offset: int, limit: int) -> LogPart:
    """Read some bytes of a file; see Transport.read.

    Raises:
        NotFound: there is no such file.
        OSError: it cannot be read now.
    """
    opened = _opened(as_bytes(path))
    if opened is None:
        raise no_file(path)
    return _part_of(opened, offset=offset, limit=limit)


def look_at_part(path: str, *, offset: int, limit: int) -> LogPart:
    """Read some bytes of a file that is not ours, and change nothing; see Transport.read.

    What is no regular file is not even opened: a job that waits to write to a pipe would go on, to nobody.

    Raises:
        NotFound: there is no such file, or it may not be read.
        OSError: it cannot be read now.
    """
    try:
        if not stat.S_ISREG(os.lstat(as_bytes(path)).st_mode):
            raise no_file(path)
        opened = os.open(as_bytes(path), _READING)
    except PermissionError:
        raise no_file(path) from None
    except OSError as error:
        if error.errno in _NOTHING:
            raise no_file(path) from None
        raise
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise no_file(path)
    return _part_of(opened, offset=offset, limit=limit)


def _part_of(opened: int, *, offset: int, limit: int) -> LogPart:
    try:
        size = os.fstat(opened).st_size
        wanted = max(0, min(limit, LARGEST_PART_BYTES, size - offset))
        return LogPart(data=os.pread(opened, wanted, offset) if wanted else b"", size=size)
    finally:
        os.close(opened)


def no_file(path: str) -> NotFound:
    """Say that there is no such file."""
    return NotFound(f"there is no file {path} that could be read")


def _opened(path: bytes) -> int | None:
    """Open a regular file; None where there is none of ours."""
    try:
        opened = _open(path)
    except OSError as error:
        if error.errno in _NOTHING or (isinstance(error, PermissionError) and _is_others(path)):
            return None
        raise
    if stat.S_ISREG(os.fstat(opened).st_mode):
        return opened
    os.close(opened)
    return None


def _is_others(path: bytes) -> bool:
    """Tell whether what may not be read is not ours: a job may have put a link or somebody else's file in the place of its own."""
    if os.path.islink(os.path.dirname(path)):
        return True
    try:
        return os.lstat(path).st_uid != os.geteuid()
    except OSError:
        return False


def _open(path: bytes) -> int:
    try:
        return os.open(path, _READING)
    except PermissionError:
        _take_rights(path)
        return os.open(path, _READING)


def _take_rights(path: bytes) -> None:
    """Give ourselves the rights that a job took from its own file and directory: others have none to give."""
    directory = os.path.dirname(path)
    if not os.path.islink(directory):
        os.chmod(directory, os.stat(directory).st_mode | stat.S_IRWXU)
    if not os.path.islink(path):
        os.chmod(path, os.stat(path).st_mode | stat.S_IRUSR)
