"""Copying one file or link into another directory: whole, or not at all."""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec

from headway.files.bounds import closing
from headway.files.content import copy_content
from headway.files.kinds import check_kind, open_file
from headway.files.meter import Meter
from headway.files.places import Found
from headway.files.refusal import failed

_PART: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
#: What is kept of a mode: rights, and nothing that would have the copy run as another user.
RIGHTS: Final = 0o777
#: What a file system says that has no such modes or times, or a file that is somebody else's.
_NOT_KEPT: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS})


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """Where a copy goes: an open directory and a name in it.

    Attributes:
        path: what it is called towards people.
    """

    directory: int
    name: str
    path: str


class Copying:
    """Copies files; one staging has one, and one thread at a time uses it.

    Args:
        part: what a copy is called until it is whole. One that is there was left behind by a server that was killed.
        durable: sync each copy before it gets its name.
    """

    def __init__(self, *, meter: Meter, part: str, own_uid: int, durable: bool) -> None:
        self.meter = meter
        self.durable = durable
        self._part = part
        self._own_uid = own_uid
        self._disks: set[int] = set()

    def file(self, source: Found, goal: Goal) -> None:
        """Copy a file, in place of one that is there, with its rights and times.

        Raises:
            Refused: it cannot be copied; nothing has changed.
            Stopped: as Meter.add; nothing has changed.
        """
        check_kind(source.status, source.path)
        directory, name, path = source.directory, source.name, source.path
        file = open_file(directory, name, path, own_uid=self._own_uid, disks=self._disks)
        with closing(file):
            status = os.fstat(file)

            def fill(part: int) -> None:
                copy_content(file, part, status.st_size, self.meter)
                keep(part, status, status.st_mode & RIGHTS)

            try:
                self.written(goal, fill)
            except OSError as error:
                raise failed(f"{source.path} → {goal.path}", error) from error

    def written(self, goal: Goal, fill: Callable[[int], None], *, mode: int = 0o600) -> None:
        """Put a file there that ``fill`` writes, in place of one that is there.

        Raises:
            OSError: it cannot be written; nothing has changed.
        """
        try:
            with closing(self._new_part(goal.directory, mode)) as part:
                fill(part)
                # Of an empty file there is but its inode, which the sync of its directory takes along.
                if self.durable and os.fstat(part).st_size:
                    os.fsync(part)  # and not only the data: rights and times are to last, too
            self._name_part(goal)
        except BaseException:
            self._drop_part(goal.directory)
            raise

    def link(self, target: str, status: os.stat_result, goal: Goal) -> None:
        """Make a link, in place of what is there.

        Raises:
            Refused: it cannot be made; nothing has changed.
        """
        directory = goal.directory
        try:
            self._drop_part(directory)
            os.symlink(target, self._part, dir_fd=directory)
            with suppress(OSError):  # a link's times are worth no failure
                times_ns = status.st_atime_ns, status.st_mtime_ns
                os.utime(self._part, ns=times_ns, dir_fd=directory, follow_symlinks=False)
            self._name_part(goal)
        except OSError as error:
            self._drop_part(directory)
            raise failed(goal.path, error) from error

    def _new_part(self, directory: int, mode: int) -> int:
        try:
            return os.open(self._part, _PART, mode, dir_fd=directory)
        except FileExistsError:
            os.unlink(self._part, dir_fd=directory)
            return os.open(self._part, _PART, mode, dir_fd=directory)

    def _name_part(self, goal: Goal) -> None:
        os.rename(self._part, goal.name, src_dir_fd=goal.directory, dst_dir_fd=goal.directory)

    def _drop_part(self, directory: int) -> None:
        with suppress(OSError):
            os.unlink(self._part, dir_fd=directory)


def keep(copy: int, status: os.stat_result, mode: int) -> None:
    """Give a copy its mode and its original's times, where the file system has such."""
    try:
        os.fchmod(copy, mode)
        os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
    except OSError as error:
        if error.errno not in _NOT_KEPT:
            raise
