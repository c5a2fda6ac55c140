"""Real shells, and the words that they are given."""

import pytest
from hypothesis import strategies as st

SHELLS = [
    pytest.param(("dash",), marks=pytest.mark.service("dash")),
    pytest.param(("bash",), marks=pytest.mark.service("bash")),
    pytest.param(("bash", "--posix"), marks=pytest.mark.service("bash")),
    ("/bin/sh",),
]
#: All that an argument can hold: text, and bytes that are none.
CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.integers(
    0xDC80, 0xDCFF
).map(chr)
WORDS = st.text(CHARACTERS)


def as_bytes(text: str) -> bytes:
    """Give the bytes that a word stands for."""
    return text.encode("utf-8", "surrogateescape")


def variables_of(printed: bytes) -> dict[bytes, bytes]:
    """Read what ``env -0`` prints."""
    pairs = [line.partition(b"=") for line in printed.split(b"\0")[:-1]]
    return {name: value for name, _, value in pairs}
