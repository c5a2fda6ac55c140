"""Where an attempt's files are, how a log is read, and how they go."""

import errno
import os
import shutil
import stat
from pathlib import Path
from typing import Final

from headway.core.errors import NotFound
from headway.core.model.names import Tag, job_of_tag
from headway.core.ports.executor import LogPart, Stream

#: Nonblocking: a job may have put a pipe there, whose opening would wait for a writer for ever.
_READING: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_NO_FILE: Final = frozenset({errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.ENOTDIR})
_LARGEST_PART_BYTES: Final = 8 << 20  #: no answer is longer, whatever was asked


def attempt_directory(data: Path, tag: Tag) -> Path:
    """Give the directory of an attempt: ``jobs/SHARD/JOB.ATTEMPT`` below the data directory.

    The shard is the end of the job's id, which is random; its beginning is a time.
    """
    return data / place_of(tag)


def place_of(tag: Tag) -> str:
    """Give the directory of an attempt, from the data directory."""
    job_id, _ = job_of_tag(tag)
    return f"jobs/{job_id[-2:]}/{tag}"


def read_part(data: Path, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
    """Read some bytes of a log; see Executor.read_log.

    Raises:
        NotFound: there is no such attempt here, or the job put something else in its log's place.
    """
    directory = attempt_directory(data, tag)
    try:
        file = os.open(directory / stream.value, _READING)
    except FileNotFoundError:
        if directory.is_dir():
            return LogPart(data=b"", size=0)
        raise NotFound(
            f"this machine has no log of attempt {tag}; it may have been deleted"
        ) from None
    except OSError as error:
        if error.errno not in _NO_FILE:
            raise
        raise _no_log(tag, stream) from None
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise _no_log(tag, stream)
        size = status.st_size
        wanted = max(0, min(limit, _LARGEST_PART_BYTES, size - offset))
        return LogPart(data=os.pread(file, wanted, offset) if wanted else b"", size=size)
    finally:
        os.close(file)


def _no_log(tag: Tag, stream: Stream) -> NotFound:
    return NotFound(
        f"attempt {tag} has no log: its job put something else in the place of {stream}"
    )


def delete(data: Path, tag: Tag) -> None:
    """Delete an attempt's directory; nothing there is no error."""
    directory = attempt_directory(data, tag)
    if directory.is_symlink():
        directory.unlink()
    elif directory.is_dir():
        try:
            shutil.rmtree(directory)
        except PermissionError:
            _open_up(directory)
            shutil.rmtree(directory)


def _open_up(directory: Path) -> None:
    """Give ourselves the rights that a job took from its own directories."""
    directory.chmod(0o700)
    for place, names, _ in os.walk(directory):
        for name in names:
            below = Path(place, name)
            if not below.is_symlink():
                below.chmod(0o700)
