"""Who is asking, as HTTP tells it: by a token, a signed link, a browser's session, or the server's own user by their socket."""

import base64
import binascii
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

import msgspec
from starlette.requests import HTTPConnection

from headway.core.core import Core
from headway.core.errors import Unauthenticated
from headway.core.model.change import Written
from headway.core.model.principal import Principal
from headway.core.model.principal import Scope as TokenScope
from headway.core.operations.links import follow_link, reader_by
from headway.core.operations.sessions import SESSION, cookie_name, recognise
from headway.core.operations.tokens import authenticate
from headway.core.policy.access import LINK, OPEN_NETWORK
from headway.core.ports.store import Store
from headway.lib.asgi import Headers, Scope, header_values
from headway.protocols.http.connection import connection_of, is_inside
from headway.protocols.http.cookies import cookie_of
from headway.protocols.http.links import opens, take_link

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

_CACHED_FOR: Final = timedelta(seconds=5)
_CACHE_SIZE: Final = 4096
_ENDING: Final = frozenset({"token", "report-token", SESSION, LINK})  # ``Principal.via``
_PROXY_HEADERS: Final = frozenset({b"forwarded", b"via", b"x-real-ip"})
_PROXY_PREFIX: Final = b"x-forwarded-"


class TokenCache:
    """Tokens that were found good in the last seconds, by the hash of their secret.

    A revocation through the same store empties it at once; the seconds bound everything else.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Principal, datetime]] = {}
        self._store: Store | None = None

    async def authenticate(self, core: Core, secret: str) -> Principal:
        """Do as the operation of that name does, asking it once in a while.

        Raises:
            Unauthenticated: nobody's token.
        """
        return await self._asked(core, secret, partial(authenticate, core, secret=secret))

    async def recognise(self, core: Core, value: str) -> Principal:
        """Tell whose session this is, asking the operation of that name once in a while.

        Raises:
            Unauthenticated: it has ended, or its token has.
        """
        return await self._asked(core, f"session {value}", partial(recognise, core, value=value))

    async def _asked(
        self, core: Core, words: str, asking: Callable[[], Awaitable[Principal]]
    ) -> Principal:
        self._follow(core.store)
        now = core.clock.now()
        key = hashlib.sha256(words.encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(key)
        if known is not None and now < known[1]:
            return known[0]
        self._known.pop(key, None)
        principal = await asking()
        if len(self._known) >= _CACHE_SIZE:
            self._known.clear()
        until = now + _CACHED_FOR
        self._known[key] = (principal, min(until, principal.expires or until))
        return principal

    def _follow(self, store: Store) -> None:
        if self._store is not store:
            self._store = store
            self._known.clear()
            store.listen(self._written)

    def _written(self, batch: Sequence[Written]) -> None:
        if any(written.tokens for written in batch):
            self._known.clear()


class IdentitySettings(msgspec.Struct, frozen=True, kw_only=True):
    """How callers are recognised.

    Attributes:
        own_user: the name of the user who runs the server.
        behind_proxy: every connection comes from a proxy, so that none says who is asking. What the server asks
            itself comes by none.
        open_progress: networks from which anybody may report progress and see it.
    """

    own_user: str
    behind_proxy: bool = False
    open_progress: tuple[Network, ...] = ()
    cache: TokenCache = msgspec.field(default_factory=TokenCache)


async def identify(
    request: HTTPConnection | Scope, core: Core, settings: IdentitySettings
) -> Principal:
    """Tell who is asking. A token that is given counts, whatever the socket says.

    Raises:
        Unauthenticated: nobody is known to ask, or the token is not good.
    """
    found = await _known(_scope(request), core, settings)
    if found is None:
        raise Unauthenticated(
            "nobody is known here without a token: send Authorization: Bearer TOKEN "
            "(headway token new makes one)"
        )
    return found


async def identify_open(
    request: HTTPConnection | Scope, core: Core, settings: IdentitySettings
) -> Principal:
    """Tell who is asking, where anybody from this machine or an open network may ask (progress only).

    Raises:
        Unauthenticated: nobody is known to ask and they are elsewhere, or the token is not good.
    """
    scope = _scope(request)
    found = await _known(scope, core, settings)
    if found is not None:
        return found
    if not _is_open(scope, settings):
        raise Unauthenticated(
            "progress from this address needs a token: send Authorization: Bearer TOKEN, "
            "or have the server started with --open-progress for your network"
        )
    scopes = frozenset({TokenScope.READ, TokenScope.REPORT})
    return Principal(name="", scopes=scopes, via=OPEN_NETWORK)


def watch_over(
    scope: Scope, core: Core, settings: IdentitySettings, actor: Principal
) -> Callable[[], Awaitable[bool]] | None:
    """Give what tells whether somebody who came by something that may end is still known; None for anybody else."""
    if actor.via not in _ENDING:
        return None

    async def is_still_known() -> bool:
        try:
            now = await _known(scope, core, settings)
        except Unauthenticated:  # revoked, or expired
            return False
        return now is not None and (now.name, now.scopes, now.job) == (
            actor.name,
            actor.scopes,
            actor.job,
        )

    return is_still_known


def came_by_proxy(headers: Headers) -> bool:
    """Tell whether a request bears the mark of a proxy: its socket then says nothing of its sender."""
    for name, _ in headers:  # noqa: SIM110 -- asked of every request: a generator costs more
        if name in _PROXY_HEADERS or name.startswith(_PROXY_PREFIX):
            return True
    return False


def client_address(scope: Scope, *, behind_proxy: bool) -> Address | None:
    """Give the address of whoever asks, None when it cannot be known.

    Behind a proxy that is the last entry of X-Forwarded-For, the one which that proxy wrote itself.
    """
    headers: Headers = scope["headers"]
    if behind_proxy:
        entries = header_values(headers, b"x-forwarded-for")
        text = entries[-1].rpartition(b",")[2].strip().decode("latin-1") if entries else ""
    elif came_by_proxy(headers) or not scope.get("client"):
        return None
    else:
        text = scope["client"][0]
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


async def _known(scope: Scope, core: Core, settings: IdentitySettings) -> Principal | None:
    """Tell who is asking. What they said counts before what their browser says, and that before their socket.

    A link or session that is not good is no reason to refuse somebody who is known without it.

    Raises:
        Unauthenticated: a token is not good; or a link or session is not, and nobody is known without it.
    """
    value = take_link(scope)
    secret = _secret(scope["headers"])
    if secret is not None:
        return await settings.cache.authenticate(core, secret)
    refusal: Unauthenticated | None = None
    if value is not None:
        try:
            return _by_link(scope, core, value)
        except Unauthenticated as error:
            refusal = error
    cookie = cookie_of(scope, lambda: cookie_name(core))
    if cookie is not None:
        try:
            return await settings.cache.recognise(core, cookie)
        except Unauthenticated as error:
            refusal = refusal or error
    found = _by_socket(scope, settings)
    if found is None and refusal is not None:
        raise refusal
    return found


def _by_link(scope: Scope, core: Core, value: str) -> Principal:
    link = follow_link(core, value)
    if not opens(link, scope):
        raise Unauthenticated(f"this link shows a job's {link.what} and nothing else")
    return reader_by(link)


def _by_socket(scope: Scope, settings: IdentitySettings) -> Principal | None:
    if came_by_proxy(scope["headers"]) or (settings.behind_proxy and not is_inside(scope)):
        return None
    connection = connection_of(scope)
    if connection is None or not connection.is_own_user:
        return None
    return _own_user(settings.own_user)


@lru_cache(maxsize=4)
def _own_user(name: str) -> Principal:
    return Principal(name=name, scopes=frozenset(TokenScope), via="own-user")


def _is_open(scope: Scope, settings: IdentitySettings) -> bool:
    address = client_address(scope, behind_proxy=settings.behind_proxy)
    if address is None:
        return False
    if address.is_loopback and not settings.behind_proxy:
        return True
    return any(address in network for network in settings.open_progress)


def _secret(headers: Headers) -> str | None:
    """Read the token that a request bears: as a bearer's, or as the password of Basic (RFC 6750, RFC 7617)."""
    given = header_values(headers, b"authorization")
    if not given:
        return None
    if len(given) > 1:
        raise Unauthenticated("Authorization was given more than once")
    scheme, _, value = given[0].decode("latin-1").strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        value = _password(value)
    elif scheme.lower() != "bearer":
        raise Unauthenticated("Authorization must be: Bearer TOKEN")
    if not value:
        raise Unauthenticated("Authorization has no token; it must be: Bearer TOKEN")
    return value


def _password(word: str) -> str:
    try:
        text = base64.b64decode(word, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthenticated("Authorization: Basic is not followed by base64") from None
    return text.partition(":")[2]


def _scope(request: HTTPConnection | Scope) -> Scope:
    return request.scope if isinstance(request, HTTPConnection) else request
