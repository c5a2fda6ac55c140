"""The progress protocol over a store in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest

from headway.core.core import Core
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import IdentitySettings
from headway.protocols.http.live.hub import Hub
from headway.protocols.http.router import mounted, plain_routes
from headway.protocols.progress import plugin


@pytest.fixture
async def client(core: Core) -> AsyncIterator[httpx.AsyncClient]:
    """A caller from this machine whom nobody knows."""
    context = HttpContext(identity=IdentitySettings(own_user="alice"), hub=Hub(core.store))
    app = mounted({plugin.prefix: plugin.make(core, context)}, plain_routes({}, methods=("GET",)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
async def stranger(core: Core) -> AsyncIterator[httpx.AsyncClient]:
    """A caller from somewhere else."""
    context = HttpContext(identity=IdentitySettings(own_user="alice"), hub=Hub(core.store))
    app = mounted({plugin.prefix: plugin.make(core, context)}, plain_routes({}, methods=("GET",)))
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
