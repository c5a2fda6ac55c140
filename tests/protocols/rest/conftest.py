"""The native protocol over the store in memory, called as the server's own user."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from headway.core.core import Core
from headway.core.model.names import Tag
from headway.core.model.principal import SYSTEM, Scope
from headway.core.model.spec import Spec
from headway.core.operations.tokens import create_token
from headway.core.ports.executor import Launch
from headway.lib.asgi import ASGIApp, Receive, Send
from headway.lib.asgi import Scope as AsgiScope
from headway.protocols.http.connection import CONNECTION
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import IdentitySettings
from headway.protocols.http.live.hub import Hub
from headway.protocols.rest import plugin
from headway.testing.fakes import FakeExecutor

BASE = "http://headway.test/api/v1"

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
def app(core: Core) -> ASGIApp:
    context = HttpContext(
        identity=IdentitySettings(own_user="alice"), hub=Hub(core.store), version="1.2.3"
    )
    return plugin.make(core, context)


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the user who runs the server."""
    transport = httpx.ASGITransport(as_own_user(app))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
async def stranger(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client whom nobody knows until it sends a token."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
def new_token(core: Core) -> NewToken:
    async def make(user: str, *scopes: Scope) -> str:
        created = await create_token(core, actor=SYSTEM, user=user, scopes=frozenset(scopes))
        return created.secret

    return make


@pytest.fixture
def dispatched(core: Core, executor: FakeExecutor) -> Callable[[str], Awaitable[Tag]]:
    """Give a function that has a job handed to the executor, and gives its tag there."""

    async def hand_over(job_id: str) -> Tag:
        tag = Tag(f"{job_id}.1")
        await executor.submit([Launch(tag=tag, name="", spec=Spec())])
        return tag

    return hand_over
