"""Several calls as one job. This module travels by value: it needs Python's own library only, where it runs."""

from collections.abc import Callable, Sequence
from typing import Any


def call_each(function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Call the function with each of the argument tuples, in their order."""
    return [function(*arguments) for arguments in calls]
