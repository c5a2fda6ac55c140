"""The migrations, the tables and the text that a fresh file is made with are one schema."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from headway.core.errors import InvalidRequest
from headway.core.model.change import Change
from headway.core.model.names import Seq
from headway.stores.sql import open_store
from headway.stores.sql.database import FILE_NAME
from headway.stores.sql.migrations import revisions, upgrade
from headway.stores.sql.schema import DDL, REVISION
from headway.stores.sql.tables import METADATA, compiled
from headway.testing.fakes import FakeClock
from headway.testing.samples import a_job

pytestmark = pytest.mark.anyio


def _schema(file: Path) -> set[tuple[str, str]]:
    """Read what SQLite knows of the columns and indexes of a file, however their statements were written."""
    database = sqlite3.connect(file)
    found: set[tuple[str, str]] = set()
    names = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    for kind, name, table, sql in names:
        if kind == "table" and name != "alembic_version":
            options = " ".join(sql.rpartition(")")[2].split())
            columns = database.execute(f'PRAGMA table_xinfo("{name}")').fetchall()
            found.add((name, f"{columns} {options}"))
        elif kind == "index" and table != "alembic_version":
            where = (sql or "").partition(" WHERE ")[2]
            columns = database.execute(f'PRAGMA index_xinfo("{name}")').fetchall()
            found.add((name, f"{columns} {where}"))
    database.close()
    return found


async def _make(directory: Path) -> None:
    store = open_store(directory, clock=FakeClock(), fatal=_never, held_by="this test")
    await store.write(Change(jobs=(a_job(),)))
    await store.close()


def _never(error: BaseException) -> None:
    raise AssertionError from error


def test_the_text_of_the_schema_is_that_of_the_tables() -> None:
    assert list(DDL) == compiled()


def test_the_newest_migration_is_the_one_the_schema_names() -> None:
    assert revisions()[-1] == REVISION


async def test_a_fresh_file_has_the_schema_that_the_migrations_lead_to(tmp_path: Path) -> None:
    await _make(tmp_path / "fresh")
    upgrade(tmp_path / "migrated.db")
    assert _schema(tmp_path / "fresh" / FILE_NAME) == _schema(tmp_path / "migrated.db")


def test_the_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    upgrade(tmp_path / "migrated.db")
    engine = create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


@pytest.mark.parametrize("revision", ["base", *revisions()])
async def test_a_file_of_any_revision_is_brought_to_the_newest_and_used(
    tmp_path: Path, revision: str
) -> None:
    if revision != "base":
        upgrade(tmp_path / FILE_NAME, to=revision)
    store = open_store(tmp_path, clock=FakeClock(), fatal=_never, held_by="this test")
    written = await store.write(Change(jobs=(a_job(),)))
    assert (written.jobs[0].number, store.last_seq()) == (1, Seq(1))
    await store.close()
    upgrade(tmp_path / "migrated.db")
    assert _schema(tmp_path / FILE_NAME) == _schema(tmp_path / "migrated.db")


async def test_a_file_of_a_newer_program_is_refused_with_words_and_left_alone(
    tmp_path: Path,
) -> None:
    await _make(tmp_path)
    database = sqlite3.connect(tmp_path / FILE_NAME)
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(InvalidRequest, match=r"newer Headway \(schema 9999; this one knows 0001"):
        open_store(tmp_path, clock=FakeClock(), fatal=_never, held_by="this test")
    assert (tmp_path / FILE_NAME).read_bytes() == before


async def test_a_refused_directory_is_free_for_another_server(tmp_path: Path) -> None:
    await test_a_file_of_a_newer_program_is_refused_with_words_and_left_alone(tmp_path)
    database = sqlite3.connect(tmp_path / FILE_NAME)
    database.execute(f"UPDATE alembic_version SET version_num = '{REVISION}'")
    database.commit()
    database.close()
    store = open_store(tmp_path, clock=FakeClock(), fatal=_never, held_by="this test")
    await store.close()


def test_the_migration_tool_is_not_loaded_for_a_file_that_is_not_old(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from headway.stores.sql import open_store\n"
        "from headway.testing.fakes import FakeClock\n"
        "async def main():\n"
        "    path = pathlib.Path(sys.argv[1])\n"
        "    store = open_store(path, clock=FakeClock(), fatal=print, held_by='')\n"
        "    await store.close()\n"
        "    print(sorted({'alembic', 'sqlalchemy'} & sys.modules.keys()))\n"
        "asyncio.run(main())\n"
    )
    for _ in ("fresh", "again"):
        done = subprocess.run(
            [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"
