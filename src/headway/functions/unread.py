"""Results that are pickles, where the program does not want them opened."""

from typing import NamedTuple


class Unread(NamedTuple):
    """What a function gave back, as the bytes that it was pickled to; ``type`` is its Python type's name."""

    data: bytes
    type: str
