"""Patterns in the names of log files, sbatch(1) "filename pattern"."""

import re
from collections.abc import Mapping
from typing import Final

_PATTERN: Final = re.compile(r"%(?P<width>[0-9]*)(?P<letter>.)")
_MAX_WIDTH: Final = 10


def literal(path: str) -> str:
    r"""Write a path so that Slurm takes it as it is.

    A backslash anywhere ends the reading of patterns, and then stands for the character after it (seen on 22.05).
    """
    return path.replace("\\", "\\\\") if "\\" in path else path.replace("%", "%%")


def is_plain(pattern: str) -> bool:
    """Tell whether there is nothing to fill in."""
    return "%" not in pattern and "\\" not in pattern


def filled(pattern: str, values: Mapping[str, str]) -> str:
    """Fill in a pattern; "" where it holds something that is not known.

    Args:
        values: from the pattern's letter to what it stands for; "" for not known.
    """
    if "\\" in pattern:
        return re.sub(r"\\(.?)", r"\1", pattern)
    known = {"%": "%", **values}
    unknown = False

    def fill(found: re.Match[str]) -> str:
        nonlocal unknown
        value = known.get(found["letter"], "")
        unknown = unknown or not value
        width = min(int(found["width"] or 0), _MAX_WIDTH)
        return value.zfill(width) if value.isdecimal() else value

    path = _PATTERN.sub(fill, pattern)
    return "" if unknown else path
