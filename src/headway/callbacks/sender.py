"""Makes calls over HTTP: to addresses that may be called and to no others, in ten seconds in all."""

import asyncio
import base64
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from headway.callbacks.credentials import ScopedCredentials
from headway.callbacks.exchange import Reply, Unanswered, exchange
from headway.callbacks.guard import Address, Guard
from headway.callbacks.resolve import Resolve
from headway.core.errors import InvalidRequest
from headway.core.model.callback import check_url, place_of
from headway.core.ports.callbacks import Answer, Rendered
from headway.lib import mac_auth, webhooks

_LIMIT_S: Final = 10.0
_CONNECT_LIMIT_S: Final = 4.0  # to one of several addresses
_NONCE_BYTES: Final = 17  # 130 random bits and more
_SHOWN_CHARACTERS: Final = 300
_DEFAULT_PORTS: Final = {("http", 80), ("https", 443)}


class _Target(NamedTuple):
    """An address, in parts. ``resource`` is what the request line names."""

    scheme: str
    host: str
    port: int
    path: str
    resource: str

    @property
    def authority(self) -> str:
        """The value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if (self.scheme, self.port) in _DEFAULT_PORTS else f"{host}:{self.port}"


class HttpSender:
    """See headway.core.ports.callbacks.Sender. One connection a call, no proxy, no cookie, no redirect."""

    def __init__(
        self,
        *,
        guard: Guard,
        resolve: Resolve,
        credentials: Sequence[ScopedCredentials] = (),
        user_agent: str = "headway",
        tls: ssl.SSLContext | None = None,
        limit_s: float = _LIMIT_S,
    ) -> None:
        self._guard = guard
        self._resolve = resolve
        self._credentials = credentials
        self._user_agent = user_agent
        self._tls = tls
        self._limit_s = limit_s

    def check(self, url: str, *, field: str) -> None:
        """Check an address without asking anybody; see Sender."""
        check_url(url, field=field)
        _, host, port = place_of(url)
        address = _numeric(host)
        why = None if address is None else self._guard.refusal(address)
        if why is None and self._guard.is_named_self(host, address, port):
            why = "a server does not call itself"
        if why is not None:
            raise InvalidRequest(f"{field}: {host} may not be called: {why}", field=field)

    async def send(
        self, url: str, rendered: Rendered, *, message_id: str, at: datetime, secret: str
    ) -> Answer:
        """Make one call; see Sender."""
        began = time.monotonic()
        target = _target_of(url)
        key = self._body_key(target, secret)
        stamp = _stamp(rendered, message_id=message_id, at=at, key=key)
        reply = Reply()
        detail = ""
        try:
            async with asyncio.timeout(self._limit_s):
                await self._tell(target, rendered, stamp, at, reply)
        except TimeoutError:
            detail = f"no whole answer in {self._limit_s:g} s"
        except Unanswered as error:
            detail = str(error)
        except (OSError, ssl.SSLError) as error:
            detail = f"{type(error).__name__}: {error}"
        took_s = time.monotonic() - began
        shown = _shown(reply) if reply.status is not None else ""
        words = (shown or detail)[:_SHOWN_CHARACTERS]
        return Answer(status=reply.status, detail=words, took_s=took_s)

    async def _tell(
        self,
        target: _Target,
        rendered: Rendered,
        stamp: Sequence[tuple[str, str]],
        at: datetime,
        reply: Reply,
    ) -> None:
        """Make the request, once more when the receiver asks for a signature; ``reply`` is what came last."""
        credentials = self._credentials_for(target)
        await self._once(
            target, rendered, (*stamp, *_signed(credentials, target, rendered, at)), reply
        )
        challenged = any(map(mac_auth.is_challenge, reply.values("www-authenticate")))
        if reply.status == HTTPStatus.UNAUTHORIZED and challenged and credentials is not None:
            reply.status, reply.is_whole = None, False
            reply.headers.clear()
            reply.body.clear()
            fresh = _signed(credentials, target, rendered, at)
            await self._once(target, rendered, (*stamp, *fresh), reply)

    async def _once(
        self, target: _Target, rendered: Rendered, headers: Sequence[tuple[str, str]], reply: Reply
    ) -> None:
        request = _request_of(target, rendered, (("user-agent", self._user_agent), *headers))
        async with self._connected(target) as (reader, writer):
            await exchange(reader, writer, request, reply)

    @asynccontextmanager
    async def _connected(
        self, target: _Target
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Connect to one of the target's addresses that may be called.

        Raises:
            Unanswered: none may be, or it is the server itself.
            OSError: none can be reached.
        """
        reader, writer = await self._connect(target)
        try:
            if self._guard.is_self(_end(writer, "peername"), _end(writer, "sockname"), target.port):
                raise Unanswered("a server does not call itself")
            yield reader, writer
        finally:
            writer.transport.abort()

    async def _connect(self, target: _Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        addresses = await self._addresses(target.host)
        tls = self._tls_context() if target.scheme == "https" else None
        limit_s = self._limit_s if len(addresses) == 1 else _CONNECT_LIMIT_S
        error: OSError = OSError("no address")
        for address in addresses:
            try:
                async with asyncio.timeout(limit_s):
                    return await asyncio.open_connection(
                        str(address),
                        target.port,
                        ssl=tls,
                        server_hostname=target.host if tls is not None else None,
                    )
            except OSError as failed:  # TimeoutError too
                error = failed
        raise error

    async def _addresses(self, host: str) -> Sequence[Address]:
        """Give the addresses of a host that may be called.

        Raises:
            Unanswered: it has none.
            OSError: it is not known.
        """
        address = _numeric(host)
        found = [address] if address is not None else await self._resolve(host)
        refusals = {one: self._guard.refusal(one) for one in found}
        allowed = [one for one, why in refusals.items() if why is None]
        if not allowed:
            whys = "; ".join(f"{one} may not be called: {why}" for one, why in refusals.items())
            raise Unanswered(whys or f"{host} has no address")
        return allowed

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def _body_key(self, target: _Target, secret: str) -> bytes | None:
        """Give what the body is signed with: MAC does not cover it, so that its key does so here too."""
        if secret:
            return webhooks.key_of(secret)
        credentials = self._credentials_for(target)
        return None if credentials is None else credentials.key.encode()

    def _credentials_for(self, target: _Target) -> mac_auth.MacCredentials | None:
        for one in self._credentials:
            if one.covers(target.host, target.port):
                return one.credentials
        return None


def _end(writer: asyncio.StreamWriter, name: str) -> Address:
    """Give the address at one end of a connection.

    Raises:
        Unanswered: it is not known any more.
    """
    end = writer.get_extra_info(name)
    if not end:  # the receiver has broken it off at once
        raise Unanswered("the connection was closed without an answer")
    return ip_address(end[0])


def _target_of(url: str) -> _Target:
    scheme, host, port = place_of(url)
    parts = urlsplit(url)
    resource = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(scheme, host, port, parts.path, resource)


def _numeric(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _stamp(
    rendered: Rendered, *, message_id: str, at: datetime, key: bytes | None
) -> Sequence[tuple[str, str]]:
    """Give what tells a message from others, and its signature when there is a key."""
    timestamp = int(at.timestamp())
    stamp = [(webhooks.ID_HEADER, message_id), (webhooks.TIME_HEADER, str(timestamp))]
    if key is not None:
        signed = webhooks.signature(
            key, message_id=message_id, timestamp=timestamp, body=rendered.body
        )
        stamp.append((webhooks.SIGNATURE_HEADER, signed))
    return stamp


def _signed(
    credentials: mac_auth.MacCredentials | None, target: _Target, rendered: Rendered, at: datetime
) -> Sequence[tuple[str, str]]:
    if credentials is None:
        return ()
    request = mac_auth.SignedRequest(
        method=rendered.method, path=target.path, host=target.host, port=target.port
    )
    nonce = base64.b32encode(secrets.token_bytes(_NONCE_BYTES)).decode().rstrip("=").lower()
    value = mac_auth.header_of(credentials, request, ts=int(at.timestamp()), nonce=nonce)
    return (("authorization", value),)


def _request_of(target: _Target, rendered: Rendered, headers: Sequence[tuple[str, str]]) -> bytes:
    lines = [
        f"{rendered.method} {target.resource} HTTP/1.1",
        f"host: {target.authority}",
        *(f"{name}: {value}" for name, value in headers),
        f"content-type: {rendered.content_type}",
        f"content-length: {len(rendered.body)}",
        "accept: */*",
        "connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + rendered.body


def _shown(reply: Reply) -> str:
    """Give the beginning of an answer for people."""
    location = next(iter(reply.values("location")), None)
    if location is not None:
        return f"not followed: {location}"
    return bytes(reply.body[: 4 * _SHOWN_CHARACTERS]).decode(errors="replace")
