"""Sandboxes on this machine, and how files get in and out of them without leaving what a user may use."""

from headway.files.local import LocalFiles, make_files

__all__ = ["LocalFiles", "make_files"]
