"""The data directory: what is where in it, and that nobody else can read it."""

import os
from pathlib import Path

import msgspec

from headway.core.errors import InvalidRequest


class DataDir(msgspec.Struct, frozen=True, kw_only=True):
    """Paths below one directory of mode 0700.

    Attributes:
        executors: a directory for each cluster: its jobs' logs and its own records.
        sandboxes: where jobs have their sandboxes unless another place is chosen; ``sandbox_roots`` keeps all such places.
        spool: where jobs append reports while the server is away.
    """

    root: Path
    secret: Path
    executors: Path
    sandboxes: Path
    sandbox_roots: Path
    spool: Path

    def of_executor(self, cluster: str) -> Path:
        """Give a cluster's own directory, made if it is missing."""
        path = self.executors / cluster
        path.mkdir(mode=0o700, exist_ok=True)
        return path


def make_data_dir(root: Path) -> DataDir:
    """Make the directory and what belongs in it, and close it to others.

    Raises:
        InvalidRequest: it cannot be made or written, or belongs to somebody else.
    """
    root = root.expanduser().absolute()
    data = DataDir(
        root=root,
        secret=root / "secret",
        executors=root / "clusters",
        sandboxes=root / "sandboxes",
        sandbox_roots=root / "sandbox-roots",
        spool=root / "spool",
    )
    try:
        for path in (root, data.executors, data.spool):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = root.stat()
        if status.st_uid != os.geteuid():
            raise InvalidRequest(
                f"{root} belongs to user {status.st_uid}, not to you; choose another with --data",
                field="data",
            )
        root.chmod(0o700)
    except OSError as error:
        raise InvalidRequest(
            f"{error.filename or root} cannot be used for data: {error.strerror}", field="data"
        ) from error
    return data
