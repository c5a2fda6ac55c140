"""For programs that are called back by a Headway server: who called, when, and is it what was sent?

The standard library only. A verifier remembers what it has accepted for ten minutes, so make one and keep it; several processes
that receive the same callbacks each remember their own.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from headway.core.errors import Unauthenticated
from headway.lib.mac_auth import MacCredentials, MacHeader, SignedRequest, mac_of, read_header
from headway.lib.mac_auth import is_same as is_same_mac
from headway.lib.webhooks import ID_HEADER, SIGNATURE_HEADER, TIME_HEADER, key_of, matches

_WINDOW_S: Final = 300  # that clocks may differ
_PORTS: Final = {"http": 80, "https": 443}
_DIGITS: Final = 16


class Call(NamedTuple):
    """A call that may be believed.

    Attributes:
        id: the message's; the same event comes again under the same one when the server did not see that it was taken.
        signed_by: the id of the key of MAC; "" for a webhook.
    """

    id: str
    signed_by: str = ""


class WebhookVerifier:
    """Checks calls that are signed over their body (Standard Webhooks)."""

    def __init__(
        self,
        *secrets: str,
        window_s: float = _WINDOW_S,
        now: Callable[[], float] = time.time,  # noqa: TID251 -- it is the receiver's clock that counts
    ) -> None:
        """Make a verifier.

        Args:
            secrets: each ``whsec_`` and base64; more than one while one takes over from another.
            window_s: how far the sender's clock may be off.
            now: gives the present time in seconds since 1970.

        Raises:
            ValueError: a secret is none.
        """
        self._keys = [key_of(secret) for secret in secrets]
        self._window = _Window(window_s, now)

    def verify(self, headers: Mapping[str, str], body: bytes) -> Call:
        """Check a call by its headers, whose names may be in any case, and its body as it came.

        Raises:
            Unauthenticated: it is not signed, not by somebody who has a secret, not now, not so, or it came before.
        """
        lower = _lower(headers)
        message_id, timestamp = _stamp_of(lower)
        self._window.check_time(timestamp)
        if not any(_is_signed(lower, key, body) for key in self._keys):
            raise Unauthenticated("the call's body or its signature is not what was sent")
        self._window.remember(f"{message_id} {timestamp}", timestamp)
        return Call(id=message_id)


class MacVerifier:
    """Checks calls that are signed with MAC Access Authentication, and their bodies, which MAC does not cover."""

    def __init__(
        self,
        keys: Iterable[MacCredentials],
        *,
        window_s: float = _WINDOW_S,
        covers_body: bool = True,
        now: Callable[[], float] = time.time,  # noqa: TID251 -- it is the receiver's clock that counts
    ) -> None:
        """Make a verifier.

        Args:
            keys: those of the servers that may call.
            window_s: how far the sender's clock may be off.
            covers_body: refuse calls without a signature over the body under the same key, which Headway always makes and
                other senders of MAC do not.
            now: gives the present time in seconds since 1970.
        """
        self._keys = {key.id: key for key in keys}
        self._covers_body = covers_body
        self._window = _Window(window_s, now)

    def verify(self, headers: Mapping[str, str], body: bytes, *, method: str, url: str) -> Call:
        """Check a call by its headers, whose names may be in any case, and its body as it came.

        Args:
            headers: all of the request's.
            body: as it came.
            method: the request's.
            url: where the sender believes to call: the address that it was given, not what a proxy made of it.

        Raises:
            Unauthenticated: it is not signed, not by a key that is known, not now, not so, or it came before. A receiver
                answers 401 with ``WWW-Authenticate: MAC``.
        """
        lower = _lower(headers)
        told = _mac_header(lower)
        key = self._keys.get(told.id)
        if key is None:
            raise Unauthenticated(f"no key is called {told.id!r}")
        self._window.check_time(told.ts)
        right = mac_of(
            key, _signed_request(method, url), ts=told.ts, nonce=told.nonce, ext=told.ext
        )
        if not is_same_mac(told.mac, right):
            raise Unauthenticated("the signature is not that of this request")
        if self._covers_body:
            message_id, timestamp = _stamp_of(lower)
            # Nothing else ties the two signatures together: another call's body is not to be passed off as this one's.
            if timestamp != told.ts:
                raise Unauthenticated("the call's body was signed at another time than the call")
            if not _is_signed(lower, key.key.encode(), body):
                raise Unauthenticated("the call's body or its signature is not what was sent")
            self._window.remember(f"{message_id} {timestamp} {told.id}", told.ts)
        self._window.remember(f"{told.id} {told.nonce}", told.ts)
        return Call(id=lower.get(ID_HEADER, ""), signed_by=told.id)


class _Window:
    """What came lately. Only what was found true is remembered, so that others cannot fill it."""

    def __init__(self, window_s: float, now: Callable[[], float]) -> None:
        self._window_s = window_s
        self._now = now
        self._seen: dict[str, float] = {}  # in the order they came

    def check_time(self, timestamp: int) -> None:
        """Refuse what was signed too long ago or too far ahead."""
        off_s = self._now() - timestamp
        if abs(off_s) > self._window_s:
            side = "ago" if off_s > 0 else "ahead"
            raise Unauthenticated(
                f"the call was signed {abs(off_s):.0f} s {side}; {self._window_s:g} s are allowed"
            )

    def remember(self, what: str, timestamp: int) -> None:
        """Refuse what came before."""
        now = self._now()
        for old, forgotten_at in list(self._seen.items()):
            if forgotten_at >= now:
                break
            del self._seen[old]
        if self._seen.get(what, now) > now:
            raise Unauthenticated("the call came before: somebody sends it again")
        self._seen.pop(what, None)
        # Signed as far ahead as is allowed, it can be sent again for two windows.
        self._seen[what] = max(now, timestamp) + 2 * self._window_s


def _lower(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _mac_header(headers: Mapping[str, str]) -> MacHeader:
    try:
        return read_header(headers.get("authorization", ""))
    except ValueError as error:
        raise Unauthenticated(str(error)) from None


def _signed_request(method: str, url: str) -> SignedRequest:
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, 0)
    return SignedRequest(method=method, path=parts.path, host=parts.hostname or "", port=port)


def _stamp_of(headers: Mapping[str, str]) -> tuple[str, int]:
    message_id, timestamp = headers.get(ID_HEADER, ""), headers.get(TIME_HEADER, "")
    if not message_id or SIGNATURE_HEADER not in headers:
        raise Unauthenticated(
            f"the call is not signed: it needs {ID_HEADER} and {SIGNATURE_HEADER}"
        )
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < _DIGITS):
        raise Unauthenticated(f"{TIME_HEADER} is no number of seconds")
    return message_id, int(timestamp)


def _is_signed(headers: Mapping[str, str], key: bytes, body: bytes) -> bool:
    return matches(
        headers[SIGNATURE_HEADER],
        key,
        message_id=headers[ID_HEADER],
        timestamp=int(headers[TIME_HEADER]),
        body=body,
    )
