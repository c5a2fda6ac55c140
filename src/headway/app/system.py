"""The machine's clock, ids that sort by time, and the server's own secret."""

import base64
import hashlib
import hmac
import os
import secrets
import struct
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from headway.core.errors import InvalidRequest
from headway.core.model.names import JobId
from headway.lib.ids import uuid7

_SECRET_BYTES: Final = 32
_RANDOM: Final = struct.Struct("128Q")  # what is asked for at a time, by ids
_SIGNATURE_BYTES: Final = 16  # 128 bits


class SystemClock:
    """The machine's clock; see headway.core.ports.clock.Clock."""

    def now(self) -> datetime:
        """Give the present time."""
        return datetime.now(UTC)  # noqa: TID251 -- this is the Clock


class SystemIds:
    """UUIDv7 and secrets from the operating system; see headway.core.ports.clock.Ids."""

    def __init__(self) -> None:
        self._last_ns = 0
        self._random: Iterator[int] = iter(())  # of the operating system, not used yet

    def new_job_id(self) -> JobId:
        """Give a new id, later than the last one even when the clock was set back."""
        self._last_ns = max(self._last_ns + 250, time.time_ns())
        return JobId(uuid7(time_ns=self._last_ns, random_bits=self._random_bits()))

    def _random_bits(self) -> int:
        # Asking the system lets other threads run, and one then waits for one's turn: not for each job.
        for bits in self._random:
            return bits
        self._random = iter(_RANDOM.unpack(os.urandom(_RANDOM.size)))
        return next(self._random)

    def new_secret(self) -> str:
        """Give 256 random bits."""
        return secrets.token_urlsafe(32)


class HmacSeal:
    """HMAC-SHA-256 under the server's secret, cut to 128 bits; see headway.core.ports.clock.Seal."""

    def __init__(self, secret: bytes) -> None:
        self._keyed = hmac.new(secret, digestmod=hashlib.sha256)

    def sign(self, text: str) -> str:
        """Give the signature of a text."""
        # Not hmac.digest: that lets other threads run, and then waits for its turn, for each text.
        signed = self._keyed.copy()
        signed.update(text.encode())
        return base64.urlsafe_b64encode(signed.digest()[:_SIGNATURE_BYTES]).rstrip(b"=").decode()

    def matches(self, text: str, signature: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.sign(text).encode(), signature.encode())


def read_or_make_secret(path: Path) -> bytes:
    """Read the server's secret from a 0600 file; make it, durably, when there is none.

    Raises:
        InvalidRequest: the file is no secret of ours, or cannot be read or written.
    """
    try:
        if not path.exists():
            _make_secret(path)
        secret = path.read_bytes()
    except OSError as error:
        raise InvalidRequest(
            f"the server's secret, {path}, cannot be kept: {error.strerror}; make room for it, or"
            " choose another directory with --data",
            field="data",
        ) from error
    if len(secret) != _SECRET_BYTES:
        raise InvalidRequest(
            f"{path} is not a secret of {_SECRET_BYTES} bytes; restore or remove it"
        )
    return secret


def _make_secret(path: Path) -> None:
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(_SECRET_BYTES))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.rename(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
