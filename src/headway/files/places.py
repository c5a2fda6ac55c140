"""Finding and making what a path names below a top directory, together with the directory that it is in."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import msgspec

from headway.files.bounds import Bounds, closing
from headway.files.opening import DIRECTORY, LISTED, Opening, is_top
from headway.files.refusal import failed

_MOST_LINKS: Final = 40


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is there, and no link: its directory, open, its name in it, and what it is.

    Attributes:
        path: what it is called towards people.
    """

    directory: int
    name: str
    status: os.stat_result
    path: str

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory."""
        return stat.S_ISDIR(self.status.st_mode)


class Top(msgspec.Struct, frozen=True, kw_only=True):
    """An open directory that nothing leads out of.

    Attributes:
        links: whether links on the way are followed, if they stay below it.
        bounds: what is forbidden below it all the same; None for nothing.
    """

    opening: Opening
    directory: int
    links: bool
    bounds: Bounds | None = None

    @contextmanager
    def found(self, way: str, path: str) -> Iterator[Found]:
        """Find what is at the end of a relative way; ``path`` is what it is called towards people.

        Raises:
            Refused: it is not there, leads out, or is forbidden.
        """
        with self._directory_of(way, path) as (directory, name):
            try:
                status = os.stat(name, dir_fd=directory, follow_symlinks=False)
            except OSError as error:
                raise failed(path, error) from error
            seen = Found(directory=directory, name=name, status=status, path=path)
            self._check(seen)
            yield seen

    @contextmanager
    def _directory_of(self, way: str, path: str) -> Iterator[tuple[int, str]]:
        """Open the directory that something is really in, and give its name there."""
        try:
            directory, name = self._followed(way)
        except OSError as error:
            raise failed(path, error) from error
        with closing(directory):
            yield directory, name

    def _followed(self, way: str) -> tuple[int, str]:
        for _ in range(_MOST_LINKS):
            before, name = os.path.split(way)
            if name in {"", ".", ".."}:
                before, name = way or ".", "."
            directory = self.opening(self.directory, before or ".", DIRECTORY, links=self.links)
            try:
                target = os.readlink(name, dir_fd=directory)
            except OSError as error:
                if error.errno in {errno.EINVAL, errno.ENOENT}:  # no link, or not there at all
                    return directory, name
                os.close(directory)
                raise
            os.close(directory)
            if not self.links or (target.startswith("/") and not is_top(self.directory)):
                raise OSError(errno.EXDEV, "it leads out")
            way = os.path.join(before, target)
        raise OSError(errno.ELOOP, "too many links")

    def _check(self, seen: Found) -> None:
        if self.bounds is None:
            return
        if not seen.is_directory:
            self.bounds.check(seen.directory, seen.path)
            return
        try:
            opened = os.open(seen.name, DIRECTORY | os.O_NOFOLLOW, dir_fd=seen.directory)
        except OSError as error:
            raise failed(seen.path, error) from error
        with closing(opened):
            self.bounds.check(opened, seen.path)

    def made_directory(self, way: str, path: str, *, durable: bool = False) -> int:
        """Open a directory for what is to be put into it; make it and those above it where they are not there.

        Args:
            durable: sync the directories in which some were made.

        Raises:
            Refused: it is no directory, leads out or is forbidden; ``path`` is named.
        """
        try:
            try:
                directory = self._open(way)
            except FileNotFoundError:
                directory = self._made(way, path, durable=durable)
        except OSError as error:
            raise failed(path, error) from error
        try:
            if self.bounds is not None:
                self.bounds.check(directory, path)
        except BaseException:
            os.close(directory)
            raise
        return directory

    def _made(self, way: str, path: str, *, durable: bool) -> int:
        here = self._open(".")
        names = way.split("/")
        try:
            for count, name in enumerate(names, start=1):
                prefix = "/".join(names[:count])
                try:
                    there = self._open(prefix)
                except FileNotFoundError:
                    if self.bounds is not None:
                        self.bounds.check(here, path)
                    with suppress(FileExistsError):  # another job's results go there as well
                        os.mkdir(name, dir_fd=here)
                    if durable:
                        os.fsync(here)
                    there = self._open(prefix)
                os.close(here)
                here = there
        except BaseException:
            os.close(here)
            raise
        return here

    def _open(self, way: str) -> int:
        return self.opening(self.directory, way, LISTED, links=self.links)
