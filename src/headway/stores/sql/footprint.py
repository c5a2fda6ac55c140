"""How much room the file takes, and how much its file system has."""

import contextlib
import os
from pathlib import Path

from headway.core.model.storage import Footprint
from headway.stores.sql.database import FILE_NAME, Database


def read_footprint(database: Database, directory: Path) -> Footprint:
    """Measure the file with its write-ahead log, and the file system that they are on."""
    size = 0
    for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
        with contextlib.suppress(FileNotFoundError):
            size += (directory / name).stat().st_size
    page_size, free_pages = (
        database.execute(f"PRAGMA {name}").fetchall()[0][0]
        for name in ("page_size", "freelist_count")
    )
    disk = os.statvfs(directory)
    return Footprint(
        bytes=size,
        reusable_bytes=page_size * free_pages,
        disk_bytes=disk.f_blocks * disk.f_frsize,
        disk_free_bytes=disk.f_bavail * disk.f_frsize,
    )
