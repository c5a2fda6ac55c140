"""The joblauncher protocol over a store in memory."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from msgspec.structs import replace

from headway.callbacks import Guard, HttpSender, Resolver
from headway.core.core import Core
from headway.lib.asgi import ASGIApp, Receive, Send
from headway.lib.asgi import Scope as AsgiScope
from headway.protocols.http.connection import CONNECTION
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import IdentitySettings
from headway.protocols.http.live.hub import Hub
from headway.protocols.http.router import mounted, plain_routes
from headway.protocols.joblauncher import plugin
from headway.testing.fake_files import FakeFiles

BASE = "http://localhost:9998"


class OwnUser:
    """A connection of the user who runs the server."""

    is_own_user = True
    uid = 1000

    def abort(self) -> None:
        """Nothing is to be dropped here."""


def as_own_user(app: ASGIApp) -> ASGIApp:
    """Give the application as if every connection were the own user's."""

    async def recognised(scope: AsgiScope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {CONNECTION: OwnUser()}}, receive, send)

    return recognised


@pytest.fixture
def files() -> FakeFiles:
    """The seed's directory, and nothing else."""
    names = ("runme.sh", "input.dat")
    return FakeFiles({f"/tmp/jobdir/{name}": b"x" for name in names}, allowed="/tmp")


@pytest.fixture
async def core(core: Core, files: FakeFiles) -> Core:
    guard = Guard(is_own=True, networks=(), own_port=9998)
    return replace(core, files=files, sender=HttpSender(guard=guard, resolve=Resolver()))


@pytest.fixture
def make_app(core: Core) -> Callable[..., ASGIApp]:
    def make(**settings: object) -> ASGIApp:
        context = HttpContext(
            identity=IdentitySettings(own_user="alice"),
            hub=Hub(core.store),
            settings={"joblauncher": settings},
        )
        return mounted(
            {plugin.prefix: plugin.make(core, context)}, plain_routes({}, methods=("GET",))
        )

    return make


@pytest.fixture
async def client(make_app: Callable[..., ASGIApp]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the user who runs the server."""
    async with client_of(make_app()) as client:
        yield client


@pytest.fixture
async def strict_client(make_app: Callable[..., ASGIApp]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server that brings files before it answers."""
    async with client_of(make_app(strict=True)) as client:
        yield client


@pytest.fixture
async def stranger(make_app: Callable[..., ASGIApp]) -> AsyncIterator[httpx.AsyncClient]:
    """A client whom nobody knows."""
    transport = httpx.ASGITransport(make_app())
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    """Give a client of the own user."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(as_own_user(app)), base_url=BASE)
