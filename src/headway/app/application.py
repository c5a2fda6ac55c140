"""The whole ASGI application: every protocol at its prefix, the server's own site around them, guards in front."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

import msgspec

from headway.app.health import METRICS_TYPE, health_of, healthcheck, metrics
from headway.app.options import ServeOptions
from headway.app.site import Site
from headway.app.trouble import Troubles
from headway.app.wiring import VERSION, make_app
from headway.core.core import Core
from headway.core.model.principal import Scope as TokenScope
from headway.core.policy.access import require_user
from headway.lib.asgi import ASGIApp, Scope
from headway.protocols.http.context import HttpContext
from headway.protocols.http.guards import Guards, GuardSettings
from headway.protocols.http.identity import identify
from headway.protocols.http.problems import Answer
from headway.protocols.http.router import plain_routes

logger = logging.getLogger(__name__)

_PLAIN: Final = b"text/plain; charset=utf-8"


def make_application(
    core: Core, context: HttpContext, troubles: Troubles, options: ServeOptions
) -> ASGIApp:
    """Make the application.

    Raises:
        PluginError: a protocol is broken.
    """
    site = Site(core, context)
    routes: Mapping[str, Callable[[Scope], Awaitable[Answer]]] = {
        **site.table(),
        **_health(core, context, troubles),
    }
    own = plain_routes(routes, methods=("GET", "HEAD"), below=site.below())
    # Its jobs and its user's command line come by the address that it tells them.
    told = urlsplit(core.settings.public_url).hostname or options.host
    settings = GuardSettings(
        hosts=frozenset({*options.allow_hosts, options.host, told}),
        behind_proxy=options.behind_proxy,
    )
    return Guards(make_app(core, context, otherwise=own), settings)


def _health(
    core: Core, context: HttpContext, troubles: Troubles
) -> Mapping[str, Callable[[Scope], Awaitable[Answer]]]:
    async def healthz(_scope: Scope) -> Answer:
        body = msgspec.json.encode(health_of(troubles, version=VERSION))
        return _answer(body, b"application/json")

    async def ping(_scope: Scope) -> Answer:
        return _answer(b"pong\n", _PLAIN)

    async def checked(_scope: Scope) -> Answer:
        is_well, body = healthcheck(troubles)
        return _answer(body, _PLAIN, status=200 if is_well else 500)

    async def figures(scope: Scope) -> Answer:
        # Totals of everybody's jobs, without any name: for every user, as a monitor needs no more than read.
        require_user(await identify(scope, core, context.identity), TokenScope.READ)
        return _answer(
            await metrics(core, troubles, live_clients=context.hub.figures.clients),
            METRICS_TYPE.encode(),
        )

    return {"/healthz": healthz, "/metrics": figures, "/ping": ping, "/healthcheck": checked}


def _answer(body: bytes, kind: bytes, *, status: int = 200) -> Answer:
    headers = (
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    )
    return Answer(status=status, headers=headers, body=body)
