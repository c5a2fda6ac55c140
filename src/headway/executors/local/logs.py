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
    """Give the directory that an attempt works in, unless it was told another: ``jobs/SHARD/JOB.ATTEMPT`` below ``data``.

    The shard is the end of the job's id, which is random; its beginning is a time.
    """
    return data / place_of(tag)


def log_file(data: Path, tag: Tag, stream: Stream) -> Path:
    """Give the file of a log: beside the attempt's directory, which so is the job's alone."""
    return data / f"{place_of(tag)}.{stream}"


def place_of(tag: Tag) -> str:
    """Give where an attempt's files are, from the data directory: what all their names begin with."""
    job_id, _ = job_of_tag(tag)
    return f"jobs/{job_id[-2:]}/{tag}"


def read_part(data: Path, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart:
    """Read some bytes of a log; see Executor.read_log.

    Raises:
        NotFound: there is no such attempt here, or the job put something else in its log's place.
    """
    try:
        file = os.open(log_file(data, tag, stream), _READING)
    except FileNotFoundError:
        if attempt_directory(data, tag).is_dir():
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
    """Delete an attempt's logs and its directory; nothing there is no error."""
    for place in (
        *(log_file(data, tag, stream) for stream in Stream),
        attempt_directory(data, tag),
    ):
        _delete(place)


def _delete(place: Path) -> None:
    """Delete whatever a job may have put there."""
    if not place.is_dir() or place.is_symlink():
        place.unlink(missing_ok=True)
        return
    try:
        shutil.rmtree(place)
    except PermissionError:
        _open_up(place)
        shutil.rmtree(place)


def _open_up(directory: Path) -> None:
    """Give ourselves the rights that a job took from its own directories."""
    directory.chmod(0o700)
    for place, names, _ in os.walk(directory):
        for name in names:
            below = Path(place, name)
            if not below.is_symlink():
                below.chmod(0o700)
