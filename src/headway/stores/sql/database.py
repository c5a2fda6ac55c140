"""Connections to the SQLite file, and what an error of SQLite's means."""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from headway.stores.sql.job_rows import Value

FILE_NAME: Final = "headway.db"
_PROBE_BYTES: Final = 4 << 20


class Rows(Protocol):
    """The answer of a statement."""

    def fetchone(self) -> Any:  # noqa: ANN401 -- a row's types are those of the statement
        """Give the next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Give all rows that are left."""
        ...


class Database(Protocol):
    """A connection, of the standard library or of another module with the same manners; no transaction unless begun."""

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open."""
        ...

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> Rows:
        """Run one statement."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


#: Opens the file; called once in each thread that reads or writes.
Connect: TypeAlias = Callable[[Path], Database]


class Failure(Enum):
    """What went wrong, by what is to be done about it."""

    FULL = "no space: nothing is kept; again later"
    BUSY = "another process holds a lock on the file: again"
    BROKEN = "the disk or the file: no answer can be trusted any more"
    MISTAKE = "the statement or its values"


_BY_CODE: Final = {
    sqlite3.SQLITE_FULL: Failure.FULL,
    sqlite3.SQLITE_BUSY: Failure.BUSY,
    sqlite3.SQLITE_LOCKED: Failure.BUSY,
    sqlite3.SQLITE_ERROR: Failure.MISTAKE,
    sqlite3.SQLITE_CONSTRAINT: Failure.MISTAKE,
    sqlite3.SQLITE_MISMATCH: Failure.MISTAKE,
    sqlite3.SQLITE_RANGE: Failure.MISTAKE,
    sqlite3.SQLITE_TOOBIG: Failure.MISTAKE,
}

#: Errors that SQLite gives when a quota is exceeded, or when its shared memory file finds no space. An error of fsync is
#: not among them: what the kernel has thrown away then, nobody can know.
_PERHAPS_NO_SPACE: Final = frozenset(
    {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP}
)


def connect(path: Path) -> sqlite3.Connection:
    """Open the file with the standard library."""
    # Without being told, the module looks for each None and each bytes in vain for how to adapt it: a tenth of a write.
    sqlite3.register_adapter(type(None), _as_it_is)
    sqlite3.register_adapter(bytes, bytes)
    sqlite3.register_adapter(bool, int)
    return sqlite3.connect(
        path, timeout=10.0, isolation_level=None, check_same_thread=False, cached_statements=512
    )


def _as_it_is(nothing: None) -> None:
    return nothing


def for_writing(database: Database) -> Database:
    """Set a connection up for the writer: durable at each commit; it checkpoints itself (see Writer)."""
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "wal_autocheckpoint = 0",
        "journal_size_limit = 33554432",
        "cache_size = -8192",
        "temp_store = MEMORY",
    ):
        database.execute(f"PRAGMA {pragma}").fetchall()
    return database


def for_reading(database: Database) -> Database:
    """Set a connection up for reading only."""
    for pragma in ("query_only = ON", "cache_size = -4096", "temp_store = MEMORY"):
        database.execute(f"PRAGMA {pragma}").fetchall()
    return database


def code_of(error: BaseException) -> int | None:
    """Give SQLite's extended result code; None when the error is not SQLite's."""
    code = getattr(error, "sqlite_errorcode", None)
    return getattr(error, "extendedresult", None) if code is None else code


def failure_of(error: BaseException, directory: Path) -> Failure:
    """Tell what an error met while writing to a file in ``directory`` means."""
    code = code_of(error)
    if code is None:
        return Failure.MISTAKE
    if code in _PERHAPS_NO_SPACE and _no_space(directory):
        return Failure.FULL
    return _BY_CODE.get(code & 0xFF, Failure.BROKEN)


def _no_space(directory: Path) -> bool:
    """Try whether a few megabytes can be had; SQLite does not tell a quota from a broken disk."""
    probe = directory / ".space-probe"
    try:
        handle = os.open(probe, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except OSError as error:
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    try:
        os.posix_fallocate(handle, 0, _PROBE_BYTES)
    except OSError as error:
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    finally:
        os.close(handle)
        probe.unlink(missing_ok=True)
    return False


@contextlib.contextmanager
def snapshot(database: Database) -> Iterator[None]:
    """Have several questions answered by what is committed at the first: what changes between them is in none of the answers."""
    database.execute("BEGIN")
    try:
        yield
    finally:
        database.execute("COMMIT")
