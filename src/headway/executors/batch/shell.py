"""Text for a POSIX shell. Pure."""

from collections.abc import Iterable
from typing import Final

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


def printed(data: bytes) -> bytes:
    """Give what printf(1), which has every byte but NUL as it is, prints these bytes for."""
    if b"\0" in data:
        return b"%b " + quoted(escaped(data))
    return b"%s " + quoted(data)


def escaped(data: bytes) -> bytes:
    """Write bytes as ``printf %b`` reads them: in printable ASCII without a quote."""
    return b"".join(_ESCAPES[byte] for byte in data)


def _escape(byte: int) -> bytes:
    if 0x20 <= byte < 0x7F and byte not in b"\\'":  # noqa: PLR2004 -- printable ASCII
        return bytes([byte])
    return b"\\0%03o" % byte


_ESCAPES: Final = tuple(_escape(byte) for byte in range(256))
