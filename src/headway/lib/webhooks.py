"""Signatures over a message's id, time and body. Source: the Standard Webhooks specification, symmetric signatures (v1)."""

import base64
import binascii
import hashlib
import hmac
from typing import Final

ID_HEADER: Final = "webhook-id"
TIME_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"

_PREFIX: Final = "whsec_"
_VERSION: Final = "v1"
_KEY_BYTES: Final = range(24, 65)


def key_of(secret: str) -> bytes:
    """Read a secret as it is written: ``whsec_`` and 24 to 64 bytes in base64.

    Raises:
        ValueError: it is not written so; the message does not repeat it.
    """
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        raise ValueError(
            f"a webhook's secret is {_PREFIX} and {_KEY_BYTES.start} to {_KEY_BYTES.stop - 1} random"
            " bytes in base64"
        )
    return key


def signature(key: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Give the value of the header ``webhook-signature``; ``timestamp`` is in seconds since 1970."""
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    digest = hmac.digest(key, signed, hashlib.sha256)
    return f"{_VERSION},{base64.b64encode(digest).decode()}"


def matches(signatures: str, key: bytes, *, message_id: str, timestamp: int, body: bytes) -> bool:
    """Tell whether one of the signatures in a header, which are parted by blanks, is the right one, in constant time."""
    right = signature(key, message_id=message_id, timestamp=timestamp, body=body).encode()
    return any(hmac.compare_digest(one.encode(), right) for one in signatures.split(" "))
