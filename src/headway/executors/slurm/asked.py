"""What a job asked for, for people."""

from functools import lru_cache
from typing import Final

_NAMES: Final = {"cpu": "cores", "mem": "memory", "node": "nodes", "gres/gpu": "GPUs"}
_UNSET: Final = frozenset({"", "N/A", "NOT_SET", "INVALID", "(null)"})
_KEPT: Final = 512  #: jobs of one kind ask for the same: so many kinds are remembered


def read(tres: str, limit: str) -> dict[str, str]:
    """Read trackable resources (``cpu=4,mem=2G,node=1,billing=4``) and a time limit (``1-02:00:00``)."""
    return dict(_read(tres, limit))


@lru_cache(maxsize=_KEPT)
def _read(tres: str, limit: str) -> tuple[tuple[str, str], ...]:
    pairs = [each.partition("=") for each in tres.split(",")]
    found = [(_NAMES[name], value) for name, _, value in pairs if name in _NAMES and value]
    return tuple(found) if limit in _UNSET else (*found, ("wall time", limit))
