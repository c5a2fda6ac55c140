"""A store in this process's memory: the reference that the other stores are compared with."""

from headway.stores.memory.store import MemoryStore

__all__ = ["MemoryStore"]
