"""Runs jobs on this machine, in processes that outlive the server.

``plugin`` is the entry point. It is loaded when asked for: the helper processes import modules of this package too, and
would otherwise carry the server's libraries in their memory.
"""

from importlib import import_module

__all__ = ["plugin"]


def __getattr__(name: str) -> object:
    if name == "plugin":
        return import_module("headway.executors.local.plugin").plugin
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
