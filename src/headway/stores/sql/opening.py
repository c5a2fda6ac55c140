"""Opening a data directory: alone, on a disk that SQLite can trust, with the newest schema."""

import errno
import importlib
import logging
import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from headway.core.errors import InvalidRequest, StorageFull
from headway.core.ports.clock import Clock
from headway.stores.sql.database import (
    FILE_NAME,
    Connect,
    Database,
    Failure,
    code_of,
    connect,
    failure_of,
    for_writing,
)
from headway.stores.sql.filesystems import check_local
from headway.stores.sql.lock import only_server
from headway.stores.sql.schema import DDL, REVISION
from headway.stores.sql.store import SqlStore

logger = logging.getLogger(__name__)

_LOG_BYTES: Final = 8 << 20  # more than is written before a checkpoint when there is time for one
_PLENTY_BYTES: Final = 1 << 30
_HAS_VERSION: Final = (
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
)
_FIRST_ROWS: Final = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
    f"INSERT INTO alembic_version VALUES ('{REVISION}')",  # noqa: S608 -- our own word
    "INSERT INTO ledger VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
)


def open_store(
    path: Path,
    *,
    clock: Clock,
    fatal: Callable[[BaseException], None],
    held_by: str,
    connect: Connect = connect,
) -> SqlStore:
    """Open the store in a data directory, making both if they are not there. Called in the event loop that will use it.

    Args:
        path: the data directory.
        clock: tells since when it is held.
        fatal: called in the event loop when the disk or the file is broken. What was being written is never answered then:
            the process must end.
        held_by: the address of this server, told to a second one that wants the same directory.
        connect: opens the file.

    Raises:
        Conflict: another server holds the directory; the message says which.
        InvalidRequest: the directory is on a network file system, or was written by a newer Headway, or what is in it is
            damaged or none of ours.
        StorageFull: no space to begin with.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    check_local(path)
    with ExitStack() as held:
        held.enter_context(only_server(path, held_by=held_by, since=clock.now()))
        database = _opened(path / FILE_NAME, connect)
        return SqlStore(path, database, connect=connect, fatal=fatal, held=held.pop_all())


def _opened(file: Path, connect: Connect) -> Database:
    _close_to_others(file)
    database = connect(file)
    try:
        _bring_up(for_writing(database), file)
        _make_room(file.with_name(f"{file.name}-wal"))
    except BaseException as error:
        database.close()
        if isinstance(error, Exception) and code_of(error) is not None:
            _explain(error, file)
        raise
    return database


def _bring_up(database: Database, file: Path) -> None:
    revision = _revision(database)
    if revision is None:
        _make_tables(database)
    elif revision != REVISION:
        _upgrade(file, revision)


def _make_room(log: Path) -> None:
    """Give the write-ahead log the room it mostly needs, where the disk has plenty: what is behind its end SQLite takes no notice of.

    To sync what was written over blocks that were written before takes a third to a half of the time of a file that grows,
    and never the ten milliseconds that this may take.
    """
    with suppress(FileNotFoundError):
        handle = os.open(log, os.O_WRONLY | os.O_CLOEXEC)
        size = os.fstat(handle).st_size
        disk = os.fstatvfs(handle)
        try:
            if disk.f_bavail * disk.f_frsize >= _PLENTY_BYTES and size < _LOG_BYTES:
                os.pwrite(handle, bytes(_LOG_BYTES - size), size)
                os.fsync(handle)
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            os.ftruncate(handle, size)
        finally:
            os.close(handle)


def _explain(error: Exception, file: Path) -> None:
    """Raise what an error of SQLite's means to whoever starts the server; a mistake of ours is left as it is."""
    failure = failure_of(error, file.parent)
    if failure is Failure.FULL:
        raise StorageFull(
            f"the disk of {file.parent} is full; make room, or give another directory (--data)"
        ) from error
    if failure is Failure.BROKEN:
        raise InvalidRequest(
            f"{file} cannot be used: {error}; bring it back from a copy, or give another directory"
            " (--data)",
            field="data",
        ) from error


def _close_to_others(file: Path) -> None:
    """Make the file if it is not there, readable by its owner only; SQLite gives the files beside it the same mode.

    Where that cannot be, SQLite will say why, and the directory is closed to others in any case.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        file.chmod(0o600)


def _revision(database: Database) -> str | None:
    """Read which migration the file has come to; None for a fresh file."""
    if database.execute(_HAS_VERSION).fetchone() is None:
        return None
    row = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _make_tables(database: Database) -> None:
    database.execute("BEGIN IMMEDIATE")
    for statement in (*DDL, *_FIRST_ROWS):
        database.execute(statement)
    database.execute("COMMIT")


def _upgrade(file: Path, revision: str) -> None:
    # Not imported at the top: Alembic and SQLAlchemy cost half a second and 27 MB, and a file is old once a release.
    migrations = importlib.import_module("headway.stores.sql.migrations")
    known = migrations.revisions()
    if revision not in known:
        raise InvalidRequest(
            f"{file} was written by a newer Headway (schema {revision}; this one knows {known[-1]});"
            " install that version again, or give another directory (--data)",
            field="data",
        )
    logger.info("bringing %s from schema %s to %s", file, revision, known[-1])
    migrations.upgrade(file)
