"""Values that come from outside on their way into a command: what cannot go there, what is cleaned, and how it is rounded. Pure."""

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.model.spec import Resources

_MIB: Final = 1024 * 1024


def option_value(value: str, *, field: str) -> str:
    """Check a value that follows an option as a word of its own.

    Raises:
        InvalidRequest: it is empty, holds a control character, or begins with "-" and so could be read as an option.
    """
    if not value or value.startswith("-") or not value.isprintable():
        raise InvalidRequest(
            f"{field}: {value!r} cannot be given to the scheduler: it is empty, begins with '-' or holds a control character",
            field=field,
        )
    return value


def cleaned(text: str, *, allowed: str, longest: int) -> str:
    """Give what a scheduler takes of a name: letters without their accents, "_" for each run of anything else.

    Args:
        text: as its user gave it.
        allowed: the inside of a character class: ``A-Za-z0-9._-``.
        longest: in characters.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    source = plain if plain.strip() else text
    return re.sub(rf"[^{allowed}]+", "_", source)[:longest].strip("_")


def plain(text: str) -> str:
    """Give text that can be stored: JSON may name halves of surrogate pairs, which are no characters."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def minutes_up(seconds: float) -> int:
    """Give whole minutes, one at least."""
    return max(1, math.ceil(seconds / 60))


def mebibytes_up(size: int) -> int:
    """Give whole MiB, one at least."""
    return max(1, -(-size // _MIB))


def ranges(indices: Sequence[int]) -> list[tuple[int, int]]:
    """Give the first and last of each run of neighbours, ascending."""
    found: list[tuple[int, int]] = []
    for index in sorted(set(indices)):
        if found and index == found[-1][1] + 1:
            found[-1] = (found[-1][0], index)
        else:
            found.append((index, index))
    return found


class Shape:
    """How many processes a job has and how they lie on nodes, with what follows from what was given.

    Attributes:
        processes: how many in all, 1 and up.
        cores: of each process, 1 and up.
        nodes: None where it is not said.
        per_node: processes on one node; None where it is neither said nor follows.
        is_asked: anything of it was given.
    """

    def __init__(self, resources: Resources) -> None:
        given = (
            resources.node_count,
            resources.process_count,
            resources.processes_per_node,
            resources.cpu_cores_per_process,
        )
        self.is_asked = any(each is not None for each in given)
        self.nodes = resources.node_count
        self.cores = resources.cpu_cores_per_process or 1
        nodes, per_node = self.nodes or 1, resources.processes_per_node or 1
        self.processes = resources.process_count or nodes * per_node
        self.per_node = resources.processes_per_node
        if self.per_node is None and self.nodes is not None:
            self.per_node = -(-self.processes // self.nodes)
        if self.per_node is None and self.processes == 1:
            self.per_node = 1
