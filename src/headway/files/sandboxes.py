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
from headway.files.names import PREFIXES, gone_name, new_name, sandbox_name, tag_in
from headway.files.opening import LISTED
from headway.files.refusal import shown


class Sandboxes:
    """Sandboxes by tag.

    Args:
        root: where new ones are made.
        record: the file that lists all roots there ever were; None to know this one only.
    """

    def __init__(self, *, root: Path, own_uid: int, record: Path | None) -> None:
        self._root = root
        self._own_uid = own_uid
        self.roots: Sequence[Path] = (root,)
        if record is not None:
            self.roots = _remembered(record, root)

    def place(self, tag: Tag) -> Path:
        """Give where an attempt's sandbox is, or would be."""
        name = sandbox_name(tag)
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
            status = place.lstat()
        except FileNotFoundError:
            return False
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != self._own_uid:
            raise StagingFailed(f"{place} is there already and is not Headway's; delete it")
        return True

    @contextmanager
    def opened(self, tag: Tag) -> Iterator[int]:
        """Open a sandbox that is there."""
        self.is_made(tag)
        with closing(os.open(self.place(tag), LISTED | os.O_NOFOLLOW)) as directory:
            yield directory

    @contextmanager
    def new(self, tag: Tag) -> Iterator[int]:
        """Make an empty sandbox, which gets its name when this is left, or goes when it is left by an exception."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = new_name(tag)
        with closing(os.open(self._root, LISTED)) as root:
            delete_tree(root, name)
            os.mkdir(name, 0o700, dir_fd=root)
            try:
                with closing(os.open(name, LISTED | os.O_NOFOLLOW, dir_fd=root)) as directory:
                    yield directory
                os.rename(name, sandbox_name(tag), src_dir_fd=root, dst_dir_fd=root)
            except BaseException:
                with suppress(OSError):  # what keeps it from being deleted is not what went wrong
                    delete_tree(root, name)
                raise

    def delete(self, tag: Tag) -> None:
        """Delete a sandbox and what is left of it from an earlier time; nothing there is no error."""
        for path in self.roots:
            try:
                root = os.open(path, LISTED)
            except FileNotFoundError:
                continue
            with closing(root):
                # Without its name it is not taken for whole when this is cut short.
                delete_tree(root, gone_name(tag))
                with suppress(FileNotFoundError):
                    os.rename(sandbox_name(tag), gone_name(tag), src_dir_fd=root, dst_dir_fd=root)
                delete_tree(root, gone_name(tag))
                delete_tree(root, new_name(tag))

    def tags(self) -> Sequence[Tag]:
        """List the attempts of which something is here."""
        names: list[str] = []
        for root in self.roots:
            with suppress(FileNotFoundError):
                names += [name for name in os.listdir(root) if name.startswith(PREFIXES)]
        return sorted({tag for name in names if (tag := tag_in(name)) is not None})


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
