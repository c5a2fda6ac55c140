"""The header Idempotency-Key, and the digest of what came with it."""

import hashlib
import re
from typing import Final

import msgspec

from headway.core.errors import InvalidRequest
from headway.lib.asgi import Headers, header_values
from headway.protocols.http.body import decode_json

IDEMPOTENCY_HEADER: Final = (
    "Idempotency-Key",
    "1 to 255 visible characters; the same key with the same body gives the same job again for 24 hours.",
)
_KEY: Final = re.compile(rb"[\x21-\x7e]{1,255}")
_NO_DIGEST: Final = b""


def idempotency_of(headers: Headers, raw: bytes, *, about: str = "") -> tuple[str | None, bytes]:
    """Read the key, and give the digest that goes with it: of a body, and of what else the request is ``about``.

    Raises:
        InvalidRequest: it is empty, longer than 255 characters, has others than visible ASCII ones, or came twice.
    """
    given = header_values(headers, b"idempotency-key")
    if not given:
        return None, _NO_DIGEST
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        raise InvalidRequest(
            "Idempotency-Key must be one text of 1 to 255 visible ASCII characters",
            field="Idempotency-Key",
        )
    return given[0].decode("ascii"), _digest(raw, about)


def _digest(raw: bytes, about: str) -> bytes:
    """Give the SHA-256 of a body in one form: the order of keys and blanks do not matter."""
    canonical = msgspec.json.encode(decode_json(raw), order="sorted")
    return hashlib.sha256(canonical + about.encode()).digest()
