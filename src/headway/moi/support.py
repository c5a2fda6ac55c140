"""The two scripts for browsers, to be served by an application. They have moi's functions, and are written anew."""

from pathlib import Path


def moi_js() -> str:
    """Give the path of moi.js, which speaks with /moi-ws/."""
    return str(_directory() / "moi.js")


def moi_list_js() -> str:
    """Give the path of moi_list.js, which shows a group as a list."""
    return str(_directory() / "moi_list.js")


def _directory() -> Path:
    return Path(__file__).resolve().parent / "support_files"
