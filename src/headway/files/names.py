"""How sandboxes are called, and which texts can be paths. Pure."""

import posixpath
import re
from typing import Final

import msgspec

from headway.core.model.names import Tag

_SANDBOX: Final = "headway_sandbox_"
_NEW: Final = ".headway_new_"
_GONE: Final = ".headway_gone_"
_TAG: Final = re.compile(r"[0-9A-Za-z-]+\.[0-9]+")  #: a job's id and an attempt's number
_LONGEST_PATH_BYTES: Final = 4095


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Names of one server's sandboxes.

    Attributes:
        mark: hexadecimal digits that tell them from those of other servers, which may be in the same directory.
    """

    mark: str = ""

    def sandbox(self, tag: Tag) -> str:
        """Give the name of an attempt's sandbox: what has this name is complete."""
        return self._name(_SANDBOX, tag)

    def new(self, tag: Tag) -> str:
        """Give the name that it has while it is being made."""
        return self._name(_NEW, tag)

    def gone(self, tag: Tag) -> str:
        """Give the name that it has while it is being deleted."""
        return self._name(_GONE, tag)

    def tag_in(self, name: str) -> Tag | None:
        """Read the tag in the name of a sandbox, whole or not; None for another name."""
        for start in (_SANDBOX, _NEW, _GONE):
            tag = name.removeprefix(self._name(start, ""))
            if tag != name:
                return Tag(tag) if _TAG.fullmatch(tag) else None
        return None

    def _name(self, start: str, tag: str) -> str:
        return f"{start}{self.mark}_{tag}" if self.mark else f"{start}{tag}"


def part_name(tag: Tag) -> str:
    """Give the name that a file has while it is being fetched: one at a time in each directory."""
    return f".headway_part_{tag}"


def is_sandbox_name(name: str) -> bool:
    """Tell whether something of this name in a root is a sandbox, of whatever server."""
    return name.startswith((_SANDBOX, _NEW, _GONE))


def normal(path: str) -> str:
    """Give a path without ``.``, ``..`` and doubled slashes, judged by its text; it may still begin with ``..``."""
    plain = posixpath.normpath(path)
    return plain[1:] if plain.startswith("//") else plain


def is_text_of_path(path: str) -> bool:
    """Tell whether the system could take this for a path at all."""
    try:
        size = len(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return False
    return 0 < size <= _LONGEST_PATH_BYTES and "\0" not in path


def is_inside(path: str) -> bool:
    """Tell whether a relative path stays below where it starts."""
    plain = normal(path)
    return not plain.startswith("/") and plain.split("/", 1)[0] != ".."


def is_below(path: str, root: str) -> bool:
    """Tell whether a normal absolute path is a root or below it, by its text."""
    return path == root or path.startswith(root.rstrip("/") + "/")
