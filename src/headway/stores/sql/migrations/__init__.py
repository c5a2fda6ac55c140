"""From an older schema to the newest one, by Alembic. Imported only when a file is old: see ``opening``."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

_HERE: Final = Path(__file__).parent


def config(connection: Connection | None = None) -> Config:
    """Give Alembic's configuration; no file is read for it."""
    made = Config()
    made.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def revisions() -> list[str]:
    """List the revisions that this program knows, the oldest first."""
    walk = ScriptDirectory.from_config(config()).walk_revisions()
    return [script.revision for script in walk][::-1]


def upgrade(file: Path, *, to: str = "head") -> None:
    """Bring a file to a revision, in one transaction: a file is never left between two."""
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    # SQLAlchemy leaves transactions to sqlite3, which begins none for CREATE or ALTER.
    # Source: SQLAlchemy, "Serializable isolation / Savepoints / Transactional DDL" (dialects/sqlite).
    event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.connect() as connection:
        command.upgrade(config(connection), to)
        connection.commit()
    engine.dispose()
