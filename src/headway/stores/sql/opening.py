"""Opening a data directory: alone, on a disk that SQLite can trust, with the newest schema."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from headway.core.ports.clock import Clock
from headway.stores.sql.database import FILE_NAME, Connect, Database, connect, for_writing
from headway.stores.sql.filesystems import check_local
from headway.stores.sql.lock import only_server
from headway.stores.sql.schema import DDL, REVISION
from headway.stores.sql.store import SqlStore


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
        InvalidRequest: the directory is on a network file system, or was written by a newer Headway.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    check_local(path)
    with ExitStack() as held:
        held.enter_context(only_server(path, held_by=held_by, since=clock.now()))
        database = _opened(path / FILE_NAME, connect)
        return SqlStore(path, database, connect=connect, fatal=fatal, held=held.pop_all())


def _opened(file: Path, connect: Connect) -> Database:
    database = for_writing(connect(file))
    try:
        _make_schema(database)
    except BaseException:
        database.close()
        raise
    return database


def _make_schema(database: Database) -> None:
    if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'job'").fetchone():
        return
    database.execute("BEGIN IMMEDIATE")
    for statement in DDL:
        database.execute(statement)
    database.execute("INSERT INTO alembic_version VALUES (?)", (REVISION,))
    database.execute("INSERT INTO ledger VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0)")
    database.execute("COMMIT")
