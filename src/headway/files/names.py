"""How sandboxes are called, and which texts can be paths. Pure."""

import posixpath
import re
from typing import Final

from headway.core.model.names import Tag

_SANDBOX: Final = "headway_sandbox_"
_NEW: Final = ".headway_new_"
_GONE: Final = ".headway_gone_"
#: A sandbox, one that is being made, or one that is being deleted; a tag is a job's id and an attempt's number.
_NAME: Final = re.compile(
    rf"(?:{_SANDBOX}|{re.escape(_NEW)}|{re.escape(_GONE)})(?P<tag>[0-9A-Za-z-]+\.[0-9]+)"
)
_LONGEST_PATH_BYTES: Final = 4095


def sandbox_name(tag: Tag) -> str:
    """Give the name of an attempt's sandbox: what has this name is complete."""
    return f"{_SANDBOX}{tag}"


def new_name(tag: Tag) -> str:
    """Give the name that it has while it is being made."""
    return f"{_NEW}{tag}"


def gone_name(tag: Tag) -> str:
    """Give the name that it has while it is being deleted."""
    return f"{_GONE}{tag}"


def part_name(tag: Tag) -> str:
    """Give the name that a file has while it is being fetched: one at a time in each directory."""
    return f".headway_part_{tag}"


def is_sandbox_name(name: str) -> bool:
    """Tell whether something of this name in a root is a sandbox."""
    return name.startswith((_SANDBOX, _NEW, _GONE))


def tag_in(name: str) -> Tag | None:
    """Read the tag in a sandbox's name; None for another name."""
    seen = _NAME.fullmatch(name)
    return Tag(seen["tag"]) if seen else None


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
