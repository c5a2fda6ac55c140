"""The native protocol over the store in memory, called as the server's own user."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from headway.core.core import Core
from headway.core.model.names import Cluster
from headway.core.model.principal import SYSTEM, Scope
from headway.core.operations.tokens import create_token
from headway.lib.asgi import ASGIApp, Receive, Send
from headway.lib.asgi import Scope as AsgiScope
from headway.protocols.http.connection import CONNECTION
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import IdentitySettings
from headway.protocols.rest import plugin
from headway.stores.memory import MemoryStore
from headway.testing.fakes import FakeClock, FakeExecutor, FakeIds, FakeSeal

NewToken = Callable[..., Awaitable[str]]


class OwnUser:
    """A connection of the user who runs the server."""

    is_own_user = True

    def abort(self) -> None:
        """Nothing is to be dropped here."""


def as_own_user(app: ASGIApp) -> ASGIApp:
    """Give the application as if every connection were the own user's."""

    async def recognised(scope: AsgiScope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {CONNECTION: OwnUser()}}, receive, send)

    return recognised


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def executor() -> FakeExecutor:
    return FakeExecutor()


@pytest.fixture
def core(clock: FakeClock, executor: FakeExecutor) -> Core:
    return Core(
        store=MemoryStore(),
        executors={Cluster("local"): executor},
        clock=clock,
        ids=FakeIds(),
        seal=FakeSeal(),
    )


@pytest.fixture
def app(core: Core) -> ASGIApp:
    context = HttpContext(identity=IdentitySettings(own_user="alice"), version="1.2.3")
    return plugin.make(core, context)


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(as_own_user(app))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://headway.test/api/v1"
    ) as client:
        yield client


@pytest.fixture
async def stranger(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client whom nobody knows until it sends a token."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://headway.test/api/v1"
    ) as client:
        yield client


@pytest.fixture
def new_token(core: Core) -> NewToken:
    async def make(user: str, *scopes: Scope) -> str:
        created = await create_token(core, actor=SYSTEM, user=user, scopes=frozenset(scopes))
        return created.secret

    return make
