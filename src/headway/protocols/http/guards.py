"""What every request passes first: is it for this server, may a browser send it, and what its answer must say.

One plain ASGI layer, since every layer costs each request.
"""

import logging
import re
import time
from collections.abc import Awaitable
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

import msgspec

from headway.core.errors import Forbidden
from headway.lib.asgi import ASGIApp, Headers, Message, Receive, Scope, Send, header_values
from headway.protocols.http.access_log import access_log, log_access
from headway.protocols.http.origin import TELLING, is_cross_site, is_prefetch
from headway.protocols.http.paths import place
from headway.protocols.http.problems import Problem, answer, send_answer, send_problem

LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
#: For an answer that pages of others may show (a picture): the guard keeps what an answer says itself.
EMBEDDABLE: Final = (b"cross-origin-resource-policy", b"cross-origin")

_CROSS_SITE: Final = "this request comes from another site's page; only this server's own may"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+))(?::[0-9]{0,5})?", re.ASCII)
_KNOWN_HOSTS: Final = 64


class GuardSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the guard lets through.

    Attributes:
        hosts: names, beside this machine's loopback ones and the address connected to, that requests may be for;
            ``*`` is any (the proxy in front checks them).
        frame_ancestors: who may show pages in a frame, as Content-Security-Policy says it.
        prefix: the path under which a proxy serves this server, without a slash at its end.
        behind_proxy: X-Forwarded-Prefix, -Proto and -Host say how the client sees this server.
    """

    hosts: frozenset[str] = frozenset()
    frame_ancestors: str = "'self'"
    prefix: str = ""
    behind_proxy: bool = False


class Guards:
    """An ASGI layer around the whole application."""

    def __init__(self, app: ASGIApp, settings: GuardSettings = GuardSettings()) -> None:  # noqa: B008 -- frozen
        self._app = app
        self._settings = settings
        self._hosts = LOCAL_NAMES | {name.lower().strip("[]") for name in settings.hosts}
        self._headers = security_headers(settings.frame_ancestors)
        self._header_names = frozenset(name for name, _ in self._headers)
        self._known_hosts: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        place(scope, prefix=self._settings.prefix, behind_proxy=self._settings.behind_proxy)
        answering = self._answering(scope, send)
        if self._is_plain(scope["headers"]):
            await self._app(scope, receive, answering)
            return
        refused = self._refused_host(scope)
        if refused is not None:
            await send_answer(scope, answering, answer(refused))
        elif _needs_own_page(scope) and is_cross_site(scope["headers"]):
            await send_problem(scope, answering, Forbidden(_CROSS_SITE))
        else:
            await self._app(scope, receive, answering)

    def _is_plain(self, headers: Headers) -> bool:
        """Tell at little cost that a program asks for a host that was allowed before; most requests are so."""
        fields = dict(headers)
        return (
            len(fields) == len(headers)
            and fields.get(b"host") in self._known_hosts
            and b"sec-fetch-site" not in fields
            and b"origin" not in fields
        )

    def _answering(self, scope: Scope, send: Send) -> Send:
        """Give ``send`` with what every answer says, and the log of it."""
        begun_s = time.monotonic() if access_log.isEnabledFor(logging.INFO) else None

        def answering(message: Message) -> Awaitable[None]:
            kind = message["type"]
            if kind == "http.response.start" or kind == "websocket.http.response.start":  # noqa: PLR1714 -- faster
                own = message.get("headers", ())
                if self._header_names.isdisjoint([name for name, _ in own]):
                    message["headers"] = [*own, *self._headers]
                else:
                    said = {name for name, _ in own}
                    added = (pair for pair in self._headers if pair[0] not in said)
                    message["headers"] = [*own, *added]
                if begun_s is not None:
                    log_access(scope, message["status"], begun_s=begun_s)
            elif kind == "websocket.accept" and begun_s is not None:
                log_access(scope, HTTPStatus.SWITCHING_PROTOCOLS, begun_s=begun_s)
            return send(message)

        return answering

    def _refused_host(self, scope: Scope) -> Problem | None:
        given = header_values(scope["headers"], b"host")
        if len(given) != 1:
            if not given and scope.get("http_version") == "1.0":
                return None  # a browser always sends one: this cannot be a page of somebody else's
            return Problem(
                title=HTTPStatus.BAD_REQUEST.phrase,
                status=HTTPStatus.BAD_REQUEST,
                detail=f"a request must have one Host header, not {len(given)}",
                code="bad-host",
            )
        name = host_name(given[0])
        if name in self._hosts or "*" in self._hosts:
            if len(self._known_hosts) < _KNOWN_HOSTS:
                self._known_hosts.add(given[0])
            return None
        if _is_connected_to(scope, name):
            return None
        status = HTTPStatus.MISDIRECTED_REQUEST
        shown = given[0].decode("latin-1")[:100]
        return Problem(
            title=status.phrase,
            status=status,
            detail=f"this server does not answer for {shown}; its administrator can add that name to the allowed hosts",
            code="unknown-host",
        )


def refuse_careless_write(scope: Scope) -> None:
    """Check that a GET which changes something was meant.

    Raises:
        Forbidden: HEAD, a browser that fetches ahead, or another site's page.
    """
    headers: Headers = scope["headers"]
    if scope["method"] == "HEAD":
        raise Forbidden("HEAD changes nothing; this address does: ask with GET")
    if TELLING.isdisjoint([name for name, _ in headers]):
        return
    if is_prefetch(headers):
        raise Forbidden("this address changes something; it is not fetched ahead")
    if is_cross_site(headers):
        raise Forbidden(_CROSS_SITE)


def security_headers(frame_ancestors: str) -> tuple[tuple[bytes, bytes], ...]:
    """Give the headers of every answer that does not say otherwise itself.

    Pages may run this server's own scripts and show its own pictures, and nothing else; no other origin may read anything.
    """
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {frame_ancestors}"
    )
    return (
        (b"content-security-policy", policy.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-resource-policy", b"same-origin"),
    )


@lru_cache(maxsize=256)
def host_name(host: bytes) -> str | None:
    """Give the name or address in a Host header, lower case, without port and brackets; None when it is none."""
    found = _HOST.fullmatch(host.decode("latin-1").strip())
    if found is None:
        return None
    return (found[1] or found[2]).lower().rstrip(".")


def _needs_own_page(scope: Scope) -> bool:
    return scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS


@lru_cache(maxsize=256)
def _same_address(name: str, address: str) -> bool:
    try:
        ours = ip_address(address)
        return ip_address(name) in {ours, getattr(ours, "ipv4_mapped", None)}
    except ValueError:
        return False


def _is_connected_to(scope: Scope, name: str | None) -> bool:
    """Tell whether the host is the very address that the client connected to: no name can be bent to it."""
    server = scope.get("server")
    return name is not None and server is not None and _same_address(name, str(server[0]))
