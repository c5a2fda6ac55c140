"""What a job asked for, for people."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_NAMES: Final = {"cpu": "cores", "mem": "memory", "node": "nodes", "gres/gpu": "GPUs"}
_UNSET: Final = frozenset({"", "N/A", "NOT_SET", "INVALID", "(null)"})
_KEPT: Final = (
    512  #: jobs of one kind ask for the same: so many kinds are remembered, and share what was read
)


@lru_cache(maxsize=_KEPT)
def read(tres: str, limit: str) -> Mapping[str, str]:
    """Read trackable resources (``cpu=4,mem=2G,node=1,billing=4``) and a time limit (``1-02:00:00``)."""
    pairs = [each.partition("=") for each in tres.split(",")]
    found = {_NAMES[name]: value for name, _, value in pairs if name in _NAMES and value}
    return found if limit in _UNSET else found | {"wall time": limit}
