"""Text for a POSIX shell. Pure."""

from collections.abc import Iterable

from headway.executors.batch.process import as_bytes


def quoted(data: bytes) -> bytes:
    """Quote bytes, of which none is NUL, so that they are one word and nothing else."""
    return b"'" + data.replace(b"'", b"'\\''") + b"'"


def words(texts: Iterable[str]) -> bytes:
    """Quote arguments or paths.

    Raises:
        InvalidRequest: as ``as_bytes``.
    """
    return b" ".join(quoted(as_bytes(text)) for text in texts)
