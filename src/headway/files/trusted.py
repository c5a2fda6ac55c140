"""Opening a directory that the server was configured with, by links that only its owner or root can have made."""

import errno
import os
import stat
from typing import Final

from headway.files.bounds import closing
from headway.files.opening import DIRECTORY

_MOST_LINKS: Final = 40
_ENTRY: Final = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


def open_trusted(path: str, *, own_uid: int) -> int:
    """Open a directory by its absolute path.

    Raises:
        OSError: it is not there, or a link on its way is somebody else's, who may have it lead anywhere.
    """
    here = os.open("/", DIRECTORY)
    names, links = _names(path), 0
    try:
        while names:
            with closing(os.open(names.pop(), _ENTRY, dir_fd=here)) as there:
                target = _link(there, own_uid)
                if target is None:
                    new = os.dup(there)
                elif target.startswith("/"):
                    new = os.open("/", DIRECTORY)
                else:
                    new = os.dup(here)
            os.close(here)
            here = new
            names += _names(target or "")
            links += target is not None
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        return os.open(".", DIRECTORY, dir_fd=here)
    finally:
        os.close(here)


def _names(path: str) -> list[str]:
    """Give the names on the way, the first one last."""
    return [name for name in reversed(path.split("/")) if name]


def _link(entry: int, own_uid: int) -> str | None:
    """Read a link; None for what is none."""
    status = os.fstat(entry)
    if not stat.S_ISLNK(status.st_mode):
        return None
    if status.st_uid not in {0, own_uid}:
        raise OSError(errno.EACCES, "a link on its way is somebody else's")
    return os.readlink("", dir_fd=entry)
