"""The order in which people count: worker2 before worker10."""

import re
from typing import Final, TypeAlias

NaturalKey: TypeAlias = tuple[str | tuple[int, str], ...]

_DIGITS: Final = re.compile(r"([0-9]+)")


def natural_key(text: str) -> NaturalKey:
    """Give a key that sorts runs of ASCII digits as numbers, the rest without regard to case.

    Keys of different texts are never equal. Numbers are compared as text by length, so that no number is too long.
    """
    parts = _DIGITS.split(text.casefold())
    key: list[str | tuple[int, str]] = [*parts]
    for place in range(1, len(parts), 2):
        digits = parts[place].lstrip("0")
        key[place] = (len(digits), digits)
    # An ending that only the text itself decides: "07" and "7", "A" and "a". Texts stand at even places.
    key.extend(((0, ""), text))
    return tuple(key)
