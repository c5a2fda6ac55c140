"""Where what a function printed is, how it is read, and how it goes. Blocking; called in threads."""

import errno
import os
import shutil
import stat
from pathlib import Path
from typing import Final

from headway.core.model.names import Tag
from headway.core.ports.executor import LogPart, Stream
from headway.executors.functions.engines.processes import places

#: Nonblocking: a function may have put a pipe there, whose opening would wait for a writer for ever.
_READING: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_NO_FILE: Final = frozenset({errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.ENOTDIR, errno.ENOENT})
_LARGEST_PART_BYTES: Final = 8 << 20


def read(jobs: Path, tag: Tag, stream: Stream, *, offset: int, limit: int) -> LogPart | None:
    """Read of an attempt that has ended; None when it printed nothing, or was never here.

    Raises:
        OSError: it cannot be read now.
    """
    place = places.of_attempt(tag)
    part = _read(jobs / f"{place}.{stream}", offset=offset, limit=limit)
    if part is not None:
        return part
    kept = [jobs / place, *(jobs / f"{place}.{each}" for each in Stream)]
    return LogPart(data=b"", size=0) if any(map(os.path.lexists, kept)) else None


def read_present(directory: Path, stream: Stream, *, offset: int, limit: int) -> LogPart:
    """Read what a worker's present function printed."""
    return _read(directory / stream, offset=offset, limit=limit) or LogPart(data=b"", size=0)


def rescue(directory: Path, jobs: Path, tag: Tag) -> None:
    """Keep what was printed by a function whose worker died."""
    for name in places.OUTPUTS:
        source, target = directory / name, jobs / f"{places.of_attempt(tag)}.{name}"
        if source.exists() and source.stat().st_size and not target.exists():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            source.rename(target)


def delete(jobs: Path, tag: Tag) -> None:
    """Delete an attempt's outputs and directory; nothing there is no error."""
    place = places.of_attempt(tag)
    for target in (jobs / place, *(jobs / f"{place}.{stream}" for stream in Stream)):
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target, onerror=_open_up)
        else:
            target.unlink(missing_ok=True)


def _open_up(_call: object, path: str, _error: object) -> None:
    """Give ourselves the rights that a function took from its own directories, and go on."""
    parent = Path(path).parent
    parent.chmod(0o700)
    if Path(path).is_dir() and not Path(path).is_symlink():
        Path(path).chmod(0o700)
        shutil.rmtree(path)
    else:
        Path(path).unlink(missing_ok=True)


def _read(path: Path, *, offset: int, limit: int) -> LogPart | None:
    try:
        file = os.open(path, _READING)
    except OSError as error:
        if error.errno not in _NO_FILE:
            raise
        return None
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return None
        wanted = max(0, min(limit, _LARGEST_PART_BYTES, status.st_size - offset))
        return LogPart(data=os.pread(file, wanted, offset) if wanted else b"", size=status.st_size)
    finally:
        os.close(file)
