"""MAC Access Authentication: the header that says who makes a request, without saying the key.

Source: draft-ietf-oauth-v2-http-mac-01, with what its users do: the path is signed without its query string, and is empty
where the address has none. The body is not covered.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SCHEME: Final = "MAC"
_DIGESTS: Final = {"hmac-sha-1": hashlib.sha1, "hmac-sha-256": hashlib.sha256}
ALGORITHMS: Final = tuple(_DIGESTS)

_ATTRIBUTE: Final = re.compile(r'([a-z]+)="([\x20\x21\x23-\x5b\x5d-\x7e]*)"', re.ASCII)
_NEEDED: Final = ("id", "ts", "nonce", "mac")
_DIGITS: Final = 16  # of a time, fewer than


@dataclass(frozen=True, kw_only=True, slots=True)
class MacCredentials:
    """A key that two sides share.

    Attributes:
        id: what the key is called.
        key: printable ASCII.
        algorithm: one of ``ALGORITHMS``.
    """

    id: str
    key: str
    algorithm: str = "hmac-sha-1"

    def __post_init__(self) -> None:
        if self.algorithm not in _DIGESTS:
            raise ValueError(
                f"{self.algorithm!r} is no algorithm of MAC; there are {' and '.join(ALGORITHMS)}"
            )
        for name, text in (("id", self.id), ("key", self.key)):
            if not (text and text.isascii() and text.isprintable()):
                raise ValueError(f"the {name} of MAC credentials must be printable ASCII")
        if '"' in self.id or "\\" in self.id:
            raise ValueError('the id of MAC credentials must not have " or \\ in it')


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedRequest:
    """What of a request is signed. ``path`` is without the query string, ``host`` in any case."""

    method: str
    path: str
    host: str
    port: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MacHeader:
    """A header ``Authorization: MAC …``, read. ``ts`` is in seconds since 1970."""

    id: str
    ts: int
    nonce: str
    mac: str
    ext: str = ""


def mac_of(
    credentials: MacCredentials, request: SignedRequest, *, ts: int, nonce: str, ext: str = ""
) -> str:
    """Give the signature of a request, in base64."""
    lines = (
        str(ts),
        nonce,
        request.method.upper(),
        request.path,
        request.host.lower(),
        str(request.port),
        ext,
    )
    text = "".join(f"{line}\n" for line in lines)
    digest = hmac.digest(credentials.key.encode(), text.encode(), _DIGESTS[credentials.algorithm])
    return base64.b64encode(digest).decode()


def header_of(credentials: MacCredentials, request: SignedRequest, *, ts: int, nonce: str) -> str:
    """Give the value of the header ``Authorization``."""
    mac = mac_of(credentials, request, ts=ts, nonce=nonce)
    return f'{SCHEME} id="{credentials.id}",ts="{ts}",nonce="{nonce}",mac="{mac}"'


def read_header(value: str) -> MacHeader:
    """Read the value of a header ``Authorization``.

    Raises:
        ValueError: it is no MAC header, or lacks a part.
    """
    scheme, _, rest = value.strip().partition(" ")
    if scheme.upper() != SCHEME:
        raise ValueError("the request is not signed with MAC")
    parts = _attributes(rest)
    missing = [name for name in _NEEDED if not parts.get(name)]
    if missing:
        raise ValueError(f"the MAC header lacks {', '.join(missing)}")
    if not (parts["ts"].isascii() and parts["ts"].isdigit() and len(parts["ts"]) < _DIGITS):
        raise ValueError("ts of the MAC header is no number of seconds")
    return MacHeader(
        id=parts["id"],
        ts=int(parts["ts"]),
        nonce=parts["nonce"],
        mac=parts["mac"],
        ext=parts.get("ext", ""),
    )


def is_same(one: str, other: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def is_challenge(value: str) -> bool:
    """Tell whether a header ``WWW-Authenticate`` asks for a signature with MAC."""
    return any(part.strip().partition(" ")[0].upper() == SCHEME for part in value.split(","))


def _attributes(text: str) -> Mapping[str, str]:
    parts: dict[str, str] = {}
    for part in filter(None, map(str.strip, _split(text))):
        found = _ATTRIBUTE.fullmatch(part)
        if found is None or found[1] in parts:
            raise ValueError("the MAC header cannot be read")
        parts[found[1]] = found[2]
    return parts


def _split(text: str) -> list[str]:
    """Part a list at its commas, but not inside quotes, where no escapes are allowed."""
    return re.findall(r'(?:[^",]|"[^"]*"?)+', text)
