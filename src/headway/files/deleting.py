"""Deleting a directory with all in it: however deep, whatever its rights, following no link, sparing what is mounted in it."""

import errno
import os
import stat
from typing import Final

from headway.files.bounds import closing
from headway.files.opening import DIRECTORY, LISTED

_MOST_ROUNDS: Final = 100
_SHALLOW: Final = 32
_MOUNT: Final = b"mnt_id:"  #: see proc_pid_fdinfo(5)


def delete_tree(directory: int, name: str) -> None:
    """Delete something in an open directory; one that is not there is no error.

    Raises:
        OSError: something in it cannot be deleted.
    """
    try:
        if _unlinked(directory, name):
            return
        mount = _mount_of(directory)
        with closing(_opened(directory, name, mount)) as top:
            for _ in range(_MOST_ROUNDS):
                _Emptying(top, mount).run()
                try:
                    os.rmdir(name, dir_fd=directory)
                except OSError as error:
                    if error.errno != errno.ENOTEMPTY:
                        raise
                    continue  # somebody still writes into it
                return
            raise OSError(errno.ENOTEMPTY, "something goes on writing into it")
    except FileNotFoundError:
        return


class _Emptying:
    """Empties one directory. What lies deep in it is moved up to its top first, so that few are open at a time."""

    def __init__(self, top: int, mount: int) -> None:
        self._top = top
        self._mount = mount
        self._moved = 0

    def run(self) -> None:
        """Delete what is in it."""
        while names := os.listdir(self._top):
            for name in names:
                self._delete(self._top, name, 0)

    def _delete(self, directory: int, name: str, depth: int) -> None:
        try:
            if _unlinked(directory, name):
                return
            if depth >= _SHALLOW:
                self._move_up(directory, name)
                return
            with closing(_opened(directory, name, self._mount)) as here:
                for below in os.listdir(here):
                    self._delete(here, below, depth + 1)
            os.rmdir(name, dir_fd=directory)
        except FileNotFoundError:
            return

    def _move_up(self, directory: int, name: str) -> None:
        with closing(_opened(directory, name, self._mount)):  # gives us the right to move it
            pass
        while True:
            self._moved += 1
            try:
                os.rename(name, f".deep_{self._moved}", src_dir_fd=directory, dst_dir_fd=self._top)
            except (FileExistsError, NotADirectoryError):
                continue
            except OSError as error:
                if error.errno != errno.ENOTEMPTY:
                    raise
                continue
            return


def _unlinked(directory: int, name: str) -> bool:
    """Delete what is no directory; gives False for a directory."""
    status = os.stat(name, dir_fd=directory, follow_symlinks=False)
    if stat.S_ISDIR(status.st_mode):
        return False
    os.unlink(name, dir_fd=directory)
    return True


def _opened(directory: int, name: str, mount: int) -> int:
    """Open a directory, and give ourselves the rights that a job took from it.

    Raises:
        OSError: it is on another mount than ``mount``: a job left something mounted, and what is in it is not the job's.
    """
    with closing(os.open(name, DIRECTORY | os.O_NOFOLLOW, dir_fd=directory)) as opened:
        if _mount_of(opened) != mount:
            raise OSError(errno.EBUSY, "something is mounted in it")
        if os.fstat(opened).st_mode & stat.S_IRWXU != stat.S_IRWXU:
            os.chmod(f"/proc/self/fd/{opened}", stat.S_IRWXU)
        return os.open(".", LISTED, dir_fd=opened)


def _mount_of(directory: int) -> int:
    """Give the number of the mount that an open directory is on; a directory mounted a second time has another one."""
    with open(f"/proc/self/fdinfo/{directory}", "rb") as lines:
        return next(int(line[len(_MOUNT) :]) for line in lines if line.startswith(_MOUNT))
