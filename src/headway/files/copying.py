"""Copying what was found to another directory: each file whole or not at all, directories one entry after the other."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

import msgspec

from headway.files.bounds import Bounds, closing, identity_of
from headway.files.content import copy_content
from headway.files.kinds import check_kind, check_link, open_file
from headway.files.meter import Meter
from headway.files.opening import LISTED, Opening
from headway.files.places import Found
from headway.files.refusal import failed, refused

_PART: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_RIGHTS: Final = 0o777  #: what is kept of a mode: rights, and nothing that gives others ours
_MOST_LEVELS: Final = 1000


class _Level(msgspec.Struct, frozen=True, kw_only=True):
    """A directory that is to be copied: its way below the copied one, and what it is called towards people."""

    way: str
    path: str
    depth: int


class Copying:
    """One staging of one sandbox; by one thread.

    Args:
        part: what a file is called in its new directory until it is whole.
        durable: sync what was copied.
    """

    def __init__(
        self,
        *,
        opening: Opening,
        bounds: Bounds,
        meter: Meter,
        part: str,
        own_uid: int,
        durable: bool,
    ) -> None:
        self._opening = opening
        self._bounds = bounds
        self._meter = meter
        self._part = part
        self._own_uid = own_uid
        self._durable = durable

    def file(self, source: Found, directory: int, name: str) -> None:
        """Copy a file into a directory, in place of one that is there.

        Raises:
            Refused: it cannot be copied; nothing has changed.
            Stopped: as Meter.add; nothing has changed.
        """
        with closing(
            open_file(source.directory, source.name, source.path, own_uid=self._own_uid)
        ) as file:
            status = os.fstat(file)

            def fill(target: int) -> None:
                copy_content(file, target, status.st_size, self._meter)
                os.fchmod(target, status.st_mode & _RIGHTS)
                os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))

            try:
                self.written(directory, name, fill)
            except OSError as error:
                raise failed(source.path, error) from error

    def written(
        self, directory: int, name: str, fill: Callable[[int], None], *, mode: int = 0o600
    ) -> None:
        """Put a file into a directory that ``fill`` writes, in place of one that is there: whole or not at all."""
        try:
            with closing(self._new_part(directory, mode)) as target:
                fill(target)
                if self._durable:
                    os.fdatasync(target)
            os.rename(self._part, name, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException:
            with suppress(OSError):
                os.unlink(self._part, dir_fd=directory)
            raise

    def _new_part(self, directory: int, mode: int) -> int:
        try:
            return os.open(self._part, _PART, mode, dir_fd=directory)
        except FileExistsError:  # left behind when the server was killed
            os.unlink(self._part, dir_fd=directory)
            return os.open(self._part, _PART, mode, dir_fd=directory)

    def tree(self, source: Found, target: int) -> None:
        """Copy what is in a directory into another one.

        Raises:
            Refused: something in it cannot be copied; what was copied before it stays.
            Stopped: as Meter.add.
        """
        made: list[tuple[str, os.stat_result]] = []
        with closing(_listed(source.directory, source.name, source.path)) as top:
            waiting = [_Level(way=".", path=source.path, depth=0)]
            while waiting:
                level = waiting.pop()
                below = self._level(top, target, level, made)
                waiting += reversed(below)
        for way, status in reversed(made):
            self._finish(target, way, status)
        if self._durable:
            os.fsync(target)

    def _level(
        self, top: int, target: int, level: _Level, made: list[tuple[str, os.stat_result]]
    ) -> list[_Level]:
        """Copy what is in one directory; gives the directories in it, which are made and empty."""
        below: list[_Level] = []
        try:
            with (
                closing(self._opening(top, level.way, LISTED, links=False)) as here,
                closing(self._opening(target, level.way, LISTED, links=False)) as there,
            ):
                for name in os.listdir(here):
                    way = name if level.way == "." else f"{level.way}/{name}"
                    entry = _entry(here, name, os.path.join(level.path, name))
                    if not entry.is_directory:
                        self._leaf(entry, there, level.depth)
                        continue
                    self._check_directory(entry, level.depth)
                    _make(there, name, entry)
                    made.append((way, entry.status))
                    below.append(_Level(way=way, path=entry.path, depth=level.depth + 1))
                if self._durable:
                    os.fsync(there)
        except OSError as error:
            raise failed(level.path, error) from error
        return below

    def _leaf(self, entry: Found, there: int, depth: int) -> None:
        if stat.S_ISLNK(entry.status.st_mode):
            self._link(entry, there, depth)
        else:
            check_kind(entry.status, entry.path)
            self.file(entry, there, entry.name)

    def _link(self, entry: Found, there: int, depth: int) -> None:
        target = os.readlink(entry.name, dir_fd=entry.directory)
        check_link(target, depth, entry.path)
        with suppress(FileNotFoundError):
            os.unlink(self._part, dir_fd=there)
        os.symlink(target, self._part, dir_fd=there)
        os.rename(self._part, entry.name, src_dir_fd=there, dst_dir_fd=there)

    def _check_directory(self, entry: Found, depth: int) -> None:
        if depth >= _MOST_LEVELS:
            raise refused(entry.path, f"it is more than {_MOST_LEVELS} directories deep")
        self._meter.add(0)
        above = identity_of(os.fstat(entry.directory))
        with closing(_listed(entry.directory, entry.name, entry.path)) as opened:
            self._bounds.check_below(above, opened, entry.path)

    def _finish(self, target: int, way: str, status: os.stat_result) -> None:
        """Give a directory its mode and times, now that nothing more comes into it."""
        with closing(self._opening(target, way, LISTED, links=False)) as there:
            shared = os.fstat(there).st_mode & stat.S_ISGID  # the group's own, of where it was made
            os.fchmod(there, status.st_mode & _RIGHTS | shared)
            os.utime(there, ns=(status.st_atime_ns, status.st_mtime_ns))
            if self._durable:
                os.fsync(there)


def size_below(opening: Opening, source: Found) -> Iterator[int]:
    """Give the sizes of the files in a directory, as far as they can be seen."""
    with closing(_listed(source.directory, source.name, source.path)) as top:
        waiting = ["."]
        while waiting:
            way = waiting.pop()
            try:
                with closing(opening(top, way, LISTED, links=False)) as here:
                    for entry in os.scandir(here):
                        below = entry.name if way == "." else f"{way}/{entry.name}"
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(below)
                        elif entry.is_file(follow_symlinks=False):
                            yield entry.stat(follow_symlinks=False).st_size
            except OSError:  # the copying tells of it
                continue


def _entry(directory: int, name: str, path: str) -> Found:
    status = os.stat(name, dir_fd=directory, follow_symlinks=False)
    return Found(directory=directory, name=name, status=status, path=path)


def _listed(directory: int, name: str, path: str) -> int:
    try:
        return os.open(name, LISTED | os.O_NOFOLLOW, dir_fd=directory)
    except OSError as error:
        raise failed(path, error) from error


def _make(directory: int, name: str, entry: Found) -> None:
    mode = entry.status.st_mode & _RIGHTS | stat.S_IRWXU
    try:
        os.mkdir(name, mode, dir_fd=directory)
    except FileExistsError:
        there = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if not stat.S_ISDIR(there.st_mode):
            raise refused(entry.path, "a file is in its place, and is not replaced") from None
