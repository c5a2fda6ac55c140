"""Reading ids in what submitting commands print. Pure."""

import re

from headway.core.model.names import NativeId


def last_id(pattern: re.Pattern[str], text: str) -> NativeId | None:
    """Give the id in the last match; each of the pattern's groups may hold it."""
    found: NativeId | None = None
    for match in pattern.finditer(text):
        found = NativeId(next(group for group in match.groups() if group))
    return found
