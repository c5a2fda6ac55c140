"""What one client may ask of the server, and how uvicorn is set up."""

import asyncio
import logging
import os
from typing import Final

import msgspec
import uvicorn

from headway.app.connection_crowd import Crowd
from headway.app.connection_peer import PeerOwners
from headway.lib.asgi import ASGIApp

_MESSAGE_BYTES: Final = 64 * 1024  # of what a websocket's client sends; it has little to say


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one client may ask of the server.

    Attributes:
        url_bytes: a request's target.
        head_bytes: a request's line and headers.
        header_count: a request's headers.
        head_s: how long a request's line and headers may take, from its first byte or the connection's begin.
        idle_s: how long a connection is kept without a request.
        connections: connections at once; more are answered 503 and closed.
        connections_each: of these for one local user, or one address elsewhere (IPv6: one /64); the server's own user
            may have all.
        connections_kept: of these for nobody but the server's own user.
        unsent_bytes: a websocket with more waiting to be sent gets no more frames.
        clogged_s: a websocket that stays so for this long is dropped.
        grace_s: when the server stops, requests under way have this long.
    """

    url_bytes: int = 8 * 1024
    head_bytes: int = 32 * 1024
    header_count: int = 100
    head_s: float = 10.0
    idle_s: float = 75.0
    connections: int = 4096
    connections_each: int = 1024
    connections_kept: int = 256
    unsent_bytes: int = 512 * 1024
    clogged_s: float = 60.0
    grace_s: float = 8.0


DEFAULT_LIMITS: Final = Limits()


class ServerConfig(uvicorn.Config):
    """uvicorn's settings and ours; every connection has it."""

    def __init__(self, app: ASGIApp, *, limits: Limits, cert: str | None, key: str | None) -> None:
        super().__init__(
            app,
            loop="none",
            ws="none",
            interface="asgi3",
            lifespan="auto",
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            proxy_headers=False,
            forwarded_allow_ips="",
            server_header=False,
            timeout_keep_alive=0,
            workers=1,
            ws_max_size=_MESSAGE_BYTES,
            ws_per_message_deflate=False,
            ssl_certfile=cert,
            ssl_keyfile=key,
        )
        self.limits = limits
        self.owners = PeerOwners()
        self.crowd = Crowd(
            most=limits.connections, each=limits.connections_each, kept=limits.connections_kept
        )
        self.own_uid = os.geteuid()
        self.stopping = asyncio.Event()
