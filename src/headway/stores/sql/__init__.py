"""The store in an SQL database: one SQLite file, needing no server."""

from headway.stores.sql.opening import open_store
from headway.stores.sql.store import SqlStore

__all__ = ["SqlStore", "open_store"]
