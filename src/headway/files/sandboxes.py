"""The directories that sandboxes are in: the one for new ones, and those for which it was another one before."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from headway.core.errors import InvalidRequest, StagingFailed
from headway.core.model.names import Tag
from headway.files.bounds import closing
from headway.files.deleting import delete_tree
from headway.files.names import Names
from headway.files.opening import LISTED
from headway.files.refusal import shown


class Sandboxes:
    """Sandboxes by tag.

    Args:
        root: where new ones are made.
        record: the file that lists all roots there ever were; None to know this one only.
        names: how they are called.
    """

    def __init__(self, *, root: Path, own_uid: int, record: Path | None, names: Names) -> None:
        self._root = root
        self._names = names
        self._own_uid = own_uid
        self.roots: Sequence[Path] = (root,)
        if record is not None:
            self.roots = _remembered(record, root)

    def place(self, tag: Tag) -> Path:
        """Give where an attempt's sandbox is, or would be."""
        name = self._names.sandbox(tag)
        for root in self.roots[1:]:
            if os.path.lexists(root / name):
                return root / name
        return self._root / name

    def is_made(self, tag: Tag) -> bool:
        """Tell whether it is there, which means that it is complete.

        Raises:
            StagingFailed: something is there that is not ours.
        """
        place = self.place(tag)
        try:
            self._check_ours(place, place.lstat())
        except FileNotFoundError:
            return False
        return True

    def _check_ours(self, place: Path, status: os.stat_result) -> None:
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != self._own_uid:
            raise StagingFailed(
                f"{place} is no sandbox of Headway's: something else is in its place"
            )

    @contextmanager
    def opened(self, tag: Tag) -> Iterator[int]:
        """Open a sandbox that is there.

        Raises:
            StagingFailed: something is there that is not ours.
        """
        place = self.place(tag)
        self._check_ours(place, place.lstat())
        with closing(os.open(place, LISTED | os.O_NOFOLLOW)) as directory:
            self._check_ours(place, os.fstat(directory))
            yield directory

    @contextmanager
    def new(self, tag: Tag) -> Iterator[int]:
        """Make an empty sandbox, which gets its name when this is left, or goes when it is left by an exception."""
        name = self._names.new(tag)
        with closing(self._opened_root()) as root:
            delete_tree(root, name)
            os.mkdir(name, 0o700, dir_fd=root)
            try:
                with closing(os.open(name, LISTED | os.O_NOFOLLOW, dir_fd=root)) as directory:
                    yield directory
                os.rename(name, self._names.sandbox(tag), src_dir_fd=root, dst_dir_fd=root)
            except BaseException:
                with suppress(OSError):  # what keeps it from being deleted is not what went wrong
                    delete_tree(root, name)
                raise

    def _opened_root(self) -> int:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        root = os.open(self._root, LISTED)
        status = os.fstat(root)
        others_write = status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX
        if status.st_uid not in {0, self._own_uid} or others_write:
            os.close(root)
            raise StagingFailed(
                f"{self._root} is somebody else's, or others can move what is in it; choose another"
                " directory for sandboxes with --sandbox-root"
            )
        return root

    def delete(self, tag: Tag) -> None:
        """Delete a sandbox and what is left of it from an earlier time; nothing there is no error.

        Raises:
            OSError: something of it cannot be deleted.
        """
        for path in self.roots:
            try:
                root = os.open(path, LISTED)
            except FileNotFoundError:
                continue
            with closing(root):
                # Without its name it is not taken for whole when this is cut short.
                delete_tree(root, self._names.gone(tag))
                with suppress(FileNotFoundError):
                    os.rename(
                        self._names.sandbox(tag),
                        self._names.gone(tag),
                        src_dir_fd=root,
                        dst_dir_fd=root,
                    )
                delete_tree(root, self._names.gone(tag))
                delete_tree(root, self._names.new(tag))

    def tags(self) -> Sequence[Tag]:
        """List the attempts of which something is here."""
        found: set[Tag] = set()
        for root in self.roots:
            with suppress(OSError), os.scandir(root) as entries:
                found |= {tag for entry in entries if (tag := self._tag_of(entry)) is not None}
        return sorted(found)

    def _tag_of(self, entry: os.DirEntry[str]) -> Tag | None:
        tag = self._names.tag_in(entry.name)
        if tag is None:
            return None
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None
        return tag if status.st_uid == self._own_uid else None


def _remembered(record: Path, root: Path) -> Sequence[Path]:
    """Give the roots there ever were, this one first, and have it remembered."""
    try:
        lines = os.fsdecode(record.read_bytes()).split("\0") if record.exists() else []
        known = [Path(line) for line in lines if line]
        if root not in known:
            known.append(root)
            _write(record, b"\0".join(os.fsencode(path) for path in known))
    except OSError as error:
        raise InvalidRequest(
            f"{shown(str(record))}, the list of sandbox directories, cannot be used: {error.strerror}",
            field="data",
        ) from error
    return (root, *(path for path in known if path != root))


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    with closing(os.open(path.parent, LISTED)) as directory:
        os.fsync(directory)
