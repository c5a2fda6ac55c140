"""The built page: its one HTML file and its assets, as they were built into the package. Pure but for reading them."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import msgspec

_STATIC: Final = "static"
_PAGE: Final = "index.html"
_TYPES: Final = {
    ".js": b"text/javascript; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".woff2": b"font/woff2",
}


class Asset(msgspec.Struct, frozen=True):
    """A file of the page, and what it is. Its name changes with its bytes, so that it can be kept for ever."""

    body: bytes
    content_type: bytes


def page(*, depth: int) -> bytes | None:
    """Give the page for an address so many folders below the root; None when it was not built into this package.

    Its addresses are relative: it works behind any prefix, and the way up differs.
    """
    html = _page()
    if html is None or depth == 0:
        return html
    up = b"../" * depth
    return html.replace(b'="./', b'="' + up)


def asset(name: str) -> Asset | None:
    """Give a file of the page by its name; None when there is none."""
    return _assets().get(name)


@cache
def _page() -> bytes | None:
    file = files("headway.web").joinpath(_STATIC, _PAGE)
    return file.read_bytes() if file.is_file() else None


@cache
def _assets() -> dict[str, Asset]:
    directory = files("headway.web").joinpath(_STATIC, "assets")
    if not directory.is_dir():
        return {}
    return {each.name: _asset(each) for each in directory.iterdir() if _suffix(each) in _TYPES}


def _asset(file: Traversable) -> Asset:
    return Asset(file.read_bytes(), _TYPES[_suffix(file)])


def _suffix(file: Traversable) -> str:
    return "." + file.name.rpartition(".")[2]
