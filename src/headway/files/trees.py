"""Copying a directory with all in it. However deep it is, two directories are open at a time."""

import os
import stat
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from headway.files.bounds import Bounds, closing
from headway.files.copying import RIGHTS, Copying, Goal, keep
from headway.files.kinds import check_link
from headway.files.opening import LISTED, Opening, open_far
from headway.files.places import Found
from headway.files.refusal import Refused, failed, refused

_MOST_LEVELS: Final = 500
_TOP: Final = "."


class _Level(msgspec.Struct, frozen=True, kw_only=True):
    """A directory in the one that is copied: the way to it from there, and what it is called towards people."""

    way: str
    source: str
    target: str
    depth: int

    def below(self, name: str) -> "_Level":
        """Give a directory in it."""
        return _Level(
            way=_below(self.way, name),
            source=os.path.join(self.source, name),
            target=os.path.join(self.target, name),
            depth=self.depth + 1,
        )


class Trees:
    """Copies directories.

    Args:
        source_bounds: what nothing is copied from; None for nothing.
        target_bounds: what nothing is copied to; None for nothing.
        refuse: hears of what cannot be copied; when it returns, the rest is copied.
    """

    def __init__(
        self,
        copying: Copying,
        *,
        opening: Opening,
        source_bounds: Bounds | None,
        target_bounds: Bounds | None,
        refuse: Callable[[Refused], None],
    ) -> None:
        self._copying = copying
        self._opening = opening
        self._source_bounds = source_bounds
        self._target_bounds = target_bounds
        self._refuse = refuse

    def put(self, source: Found, directory: int, name: str, path: str) -> None:
        """Copy what is in a directory into an open one, or a file as ``name`` into it; to sync that one is the caller's.

        Raises:
            Refused: it cannot be copied at all.
            Stopped: as Meter.add.
        """
        if source.is_directory:
            self._copy(source, directory, path)
        else:
            self._copying.file(source, Goal(directory=directory, name=name, path=path))

    def _copy(self, source: Found, target: int, path: str) -> None:
        made: list[tuple[_Level, os.stat_result]] = []
        with closing(_listed(source)) as top:
            waiting = [_Level(way=_TOP, source=source.path, target=path, depth=0)]
            while waiting:
                level = waiting.pop()
                try:
                    waiting += self._level(top, target, level, made)
                except Refused as error:
                    self._refuse(error)
        for level, status in reversed(made):
            self._finish(target, level, status)

    def _level(
        self, top: int, target: int, level: _Level, made: list[tuple[_Level, os.stat_result]]
    ) -> list[_Level]:
        """Copy what is in one directory; gives the directories in it, which are made and empty."""
        below: list[_Level] = []
        with (
            closing(self._open(top, level.way, level.source, self._source_bounds)) as here,
            closing(self._open(target, level.way, level.target, self._target_bounds)) as there,
        ):
            for name in os.listdir(here):
                try:
                    entry = _entry(here, name, os.path.join(level.source, name))
                    goal = Goal(directory=there, name=name, path=os.path.join(level.target, name))
                    if entry.is_directory:
                        _make(level, entry, goal)
                        below.append(level.below(name))
                        made.append((below[-1], entry.status))
                    else:
                        self._leaf(entry, goal, level.depth)
                except Refused as error:
                    self._refuse(error)
        return below

    def _leaf(self, entry: Found, goal: Goal, depth: int) -> None:
        self._copying.meter.add(0)
        if not stat.S_ISLNK(entry.status.st_mode):
            self._copying.file(entry, goal)
            return
        try:
            target = os.readlink(entry.name, dir_fd=entry.directory)
        except OSError as error:
            raise failed(entry.path, error) from error
        check_link(target, depth, entry.path)
        self._copying.link(target, entry.status, goal)

    def _open(self, top: int, way: str, path: str, bounds: Bounds | None) -> int:
        try:
            directory = open_far(self._opening, top, way)
        except OSError as error:
            raise failed(path, error) from error
        try:
            if bounds is not None:
                bounds.check_below(directory, path)
        except BaseException:
            os.close(directory)
            raise
        return directory

    def _finish(self, target: int, level: _Level, status: os.stat_result) -> None:
        """Give a directory its mode and times, now that nothing more comes into it."""
        try:
            with closing(self._open(target, level.way, level.target, None)) as there:
                # That new files get its group is a property of where it was made.
                shared = os.fstat(there).st_mode & stat.S_ISGID
                keep(there, status, status.st_mode & RIGHTS | shared)
                if self._copying.durable:
                    os.fsync(there)
        except Refused as error:
            self._refuse(error)


def sizes_in(opening: Opening, source: Found) -> Iterator[int]:
    """Give the sizes of the files in a directory, as far as they can be seen."""
    with closing(_listed(source)) as top:
        waiting = [_TOP]
        while waiting:
            way = waiting.pop()
            try:
                with closing(open_far(opening, top, way)) as here, os.scandir(here) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(_below(way, entry.name))
                        elif entry.is_file(follow_symlinks=False):
                            yield entry.stat(follow_symlinks=False).st_size
            except OSError:  # the copying says so
                continue


def _below(way: str, name: str) -> str:
    return name if way == _TOP else f"{way}/{name}"


def _entry(directory: int, name: str, path: str) -> Found:
    try:
        status = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except OSError as error:
        raise failed(path, error) from error
    return Found(directory=directory, name=name, status=status, path=path)


def _listed(source: Found) -> int:
    try:
        return os.open(source.name, LISTED | os.O_NOFOLLOW, dir_fd=source.directory)
    except OSError as error:
        raise failed(source.path, error) from error


def _make(level: _Level, entry: Found, goal: Goal) -> None:
    """Make a directory for what is in another one; one that is there will do."""
    if level.depth >= _MOST_LEVELS:
        raise refused(entry.path, f"it is more than {_MOST_LEVELS} directories deep")
    try:
        os.mkdir(goal.name, entry.status.st_mode & RIGHTS | stat.S_IRWXU, dir_fd=goal.directory)
    except FileExistsError:
        there = os.stat(goal.name, dir_fd=goal.directory, follow_symlinks=False)
        if not stat.S_ISDIR(there.st_mode):
            raise refused(goal.path, "no directory is in its place, and it is kept") from None
    except OSError as error:
        raise failed(goal.path, error) from error
