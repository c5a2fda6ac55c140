"""The moi protocol over a store in memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import httpx
import pytest
from tests.protocols.rest.conftest import OwnUser, as_own_user

from headway.core.core import Core
from headway.core.model.group import Group
from headway.core.model.job import Job
from headway.core.model.names import GroupId
from headway.core.model.principal import Principal, Scope
from headway.core.model.spec import Spec
from headway.core.operations.groups import create_group, root_group
from headway.core.operations.submit import Submission, submit
from headway.lib.asgi import ASGIApp, Message
from headway.protocols.http.connection import CONNECTION, STOPPING
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import IdentitySettings
from headway.protocols.http.live.hub import Hub
from headway.protocols.http.router import mounted, plain_routes
from headway.protocols.moi import plugin

OWN = Principal(name="alice", scopes=frozenset(Scope), via="own-user")

#: A message: its verb, and the info object or words behind it.
Told: TypeAlias = tuple[str, Any]


class Talk:
    """A client's end of the websocket."""

    def __init__(self) -> None:
        self._said: asyncio.Queue[Message] = asyncio.Queue()
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._said.put_nowait({"type": "websocket.connect"})

    async def receive(self) -> Message:
        return await self._said.get()

    async def send(self, message: Message) -> None:
        await self._told.put(dict(message))

    def say(self, **verbs: Any) -> None:
        self.say_text(json.dumps(verbs))

    def say_text(self, text: str) -> None:
        self._said.put_nowait({"type": "websocket.receive", "text": text})

    def leave(self) -> None:
        self._said.put_nowait({"type": "websocket.disconnect", "code": 1000})

    async def next(self) -> Message:
        return await asyncio.wait_for(self._told.get(), 60)

    async def hear(self) -> Told:
        message = await self.next()
        ((verb, value),) = json.loads(message["text"]).items()
        return verb, value

    async def hear_some(self, count: int) -> list[Told]:
        return [await self.hear() for _ in range(count)]

    async def hear_all(self) -> list[Told]:
        """Give what was told until now, in its order: up to the answer to something that makes no sense."""
        self.say_text("?")
        heard: list[Told] = []
        while (told := await self.hear())[0] != "error":
            heard.append(told)
        return heard

    async def hear_all_but_errors(self) -> list[Told]:
        """Give what was told until now but for refusals."""
        self.say_text("?")
        heard: list[Told] = []
        while (told := await self.hear())[1] != _NO_JSON:
            heard.append(told)
        return [told for told in heard if told[0] != "error"]


_NO_JSON = 'this is not JSON; say for example {"get": []}'

Connect: TypeAlias = Callable[..., Any]


@pytest.fixture
def app(core: Core) -> ASGIApp:
    context = HttpContext(identity=IdentitySettings(own_user="alice"), hub=Hub(core.store))
    return mounted({plugin.prefix: plugin.make(core, context)}, plain_routes({}, methods=("GET",)))


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(as_own_user(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
def connect(app: ASGIApp) -> Connect:
    """Give a function that opens the websocket, as the own user or by a token."""

    @asynccontextmanager
    async def opened(user: str = "", token: str = "") -> AsyncIterator[Talk]:
        talk = Talk()
        state: dict[str, Any] = {STOPPING: asyncio.Event()}
        headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
        scope: dict[str, Any] = {
            "type": "websocket",
            "path": "/moi-ws/",
            "query_string": f"user={user}".encode() if user else b"",
            "headers": headers,
            "state": state if token else state | {CONNECTION: OwnUser()},
        }
        serving = asyncio.ensure_future(app(scope, talk.receive, talk.send))
        try:
            assert (await talk.next())["type"] == "websocket.accept"
            yield talk
            talk.leave()
            await asyncio.wait_for(serving, 60)
        finally:
            serving.cancel()

    return opened


NewJob: TypeAlias = Callable[..., Awaitable[Job]]
NewGroup: TypeAlias = Callable[..., Awaitable[Group]]


@pytest.fixture
def new_job(core: Core) -> NewJob:
    async def make(*groups: str, name: str = "job", actor: Principal = OWN) -> Job:
        submission = Submission(name=name, spec=Spec(command=("true",)), groups=groups)
        return (await submit(core, actor=actor, protocol="moi", submission=submission)).job

    return make


@pytest.fixture
def new_group(core: Core) -> NewGroup:
    async def make(parent: str, name: str = "group", actor: Principal = OWN) -> Group:
        made = await create_group(
            core, actor=actor, protocol="moi", name=name, parent=GroupId(parent)
        )
        return made.group

    return make


@pytest.fixture
def new_user(core: Core) -> NewGroup:
    async def make(name: str, actor: Principal = OWN) -> Group:
        return await root_group(core, actor=actor, protocol="moi", name=name)

    return make
