"""The moi protocol's routes: the websocket, and what the client library and the command ask for."""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, TypeAlias

import msgspec

from headway.core.core import Core
from headway.core.errors import HeadwayError, InvalidRequest, NotFound
from headway.core.model.job import Kind
from headway.core.model.names import GroupId
from headway.core.model.principal import Principal
from headway.core.model.principal import Scope as TokenScope
from headway.core.operations.groups import create_group, root_group
from headway.core.policy.access import require_user
from headway.lib.asgi import Receive, Scope, Send
from headway.protocols.http.body import read_json_object
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import identify, watch_over
from headway.protocols.http.problems import Answer, answer_of, send_answer
from headway.protocols.http.query import Query
from headway.protocols.http.router import not_allowed, not_found, path_below
from headway.protocols.moi.nodes import Nodes, Within
from headway.protocols.moi.socket import Followers, Socket
from headway.protocols.moi.wire.bodies import GroupBody, UserBody, read_body
from headway.protocols.moi.wire.info import DEFAULT, KEPT

PROTOCOL: Final = KEPT
PREFIX: Final = "/moi-ws"
_LONGEST: Final = 200
_Handler: TypeAlias = Callable[[Scope, Receive], Awaitable[Answer]]


class Routes:
    """The protocol as an ASGI application, bound to a core."""

    def __init__(self, core: Core, context: HttpContext) -> None:
        self._core = core
        self._context = context
        self._followers = Followers(core)
        self._table: Mapping[str, Mapping[str, _Handler]] = {
            "/contexts": {"GET": self.contexts},
            "/headway-list.js": {"GET": self.script},
            "/groups": {"POST": self.create},
            "/info": {"GET": self.info},
            "/nodes": {"GET": self.nodes},
            "/users": {"GET": self.users, "POST": self.add_user},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a websocket."""
        try:
            if scope["type"] == "websocket":
                socket = await self._socket(scope)
                # Before the client knows that it is open: nothing that happens after that is missed.
                self._followers.enter(socket)
            else:
                await send_answer(scope, send, await self._answer(scope, receive))
                return
        except HeadwayError as error:
            await send_answer(scope, send, answer_of(error))
            return
        try:
            await socket.serve(scope, receive, send)
        finally:
            self._followers.leave(socket)

    async def _socket(self, scope: Scope) -> Socket:
        """The websocket. ``user`` or ``group`` is whom or what it is about; without it all of the caller's."""
        if path_below(scope) not in {"", "/"}:
            raise NotFound(f"there is nothing at {scope['path'][:200]}")
        actor = await self._actor(scope)
        require_user(actor, TokenScope.READ)
        query = Query.of(scope, known=("user", "group"))
        user, group = (query.text(name, longest=_LONGEST) for name in ("user", "group"))
        if user is not None and group is not None:
            raise InvalidRequest("say user or group, not both", field="user")
        return Socket(
            self._core,
            actor,
            Within(user, None if group is None else GroupId(group)),
            still_known=watch_over(scope, self._core, self._context.identity, actor),
        )

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        handlers = self._table.get(path_below(scope))
        if handlers is None:
            return not_found(scope)
        handler = handlers.get("GET" if scope["method"] == "HEAD" else scope["method"])
        if handler is None:
            return not_allowed(scope, list(handlers))
        return await handler(scope, receive)

    async def contexts(self, scope: Scope, _receive: Receive) -> Answer:
        """GET /contexts: contexts' names and the clusters that they stand for; ``default`` is always the first one."""
        require_user(await self._actor(scope), TokenScope.READ)
        names = self._core.clusters_for(Kind.FUNCTION)
        known = {DEFAULT: names[0]} if names else {}
        return _json(known | {str(name): name for name in names})

    async def script(self, _scope: Scope, _receive: Receive) -> Answer:
        """GET /headway-list.js: a list for pages, the same for everybody."""
        body = _script()
        headers = (
            (b"content-type", b"text/javascript; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-cache"),
        )
        return Answer(status=200, headers=headers, body=body)

    async def info(self, scope: Scope, _receive: Receive) -> Answer:
        """GET /info?id=: a job or group as an info object."""
        actor = await self._actor(scope)
        name = Query.of(scope, known=("id",)).required("id")
        return _json(await Nodes(self._core, actor).info(name))

    async def nodes(self, scope: Scope, _receive: Receive) -> Answer:
        """GET /nodes?id=: all below a group."""
        actor = await self._actor(scope)
        name = Query.of(scope, known=("id",)).required("id")
        return _json(await Nodes(self._core, actor).infos_below(GroupId(name)))

    async def users(self, scope: Scope, _receive: Receive) -> Answer:
        """GET /users: each moi user's name and the id of their group."""
        roots = await Nodes(self._core, await self._actor(scope)).roots()
        return _json({root.name: root.id for root in roots})

    async def add_user(self, scope: Scope, receive: Receive) -> Answer:
        """POST /users: the id of a user's group; it is made, where there is none."""
        actor = await self._actor(scope)
        body = read_body(await read_json_object(scope, receive), UserBody)
        root = await root_group(self._core, actor=actor, protocol=PROTOCOL, name=body.user)
        return _json({"user": root.name, "id": root.id})

    async def create(self, scope: Scope, receive: Receive) -> Answer:
        """POST /groups: a group; one that is there already stays as it is."""
        actor = await self._actor(scope)
        body = read_body(await read_json_object(scope, receive), GroupBody)
        made = await create_group(
            self._core,
            actor=actor,
            protocol=PROTOCOL,
            name=body.name,
            group_id=body.id,
            url=body.url,
            parent=None if body.parent is None else GroupId(body.parent),
        )
        return _json(await Nodes(self._core, actor).info(made.group.id))

    async def _actor(self, scope: Scope) -> Principal:
        return await identify(scope, self._core, self._context.identity)


@cache
def _script() -> bytes:
    return files("headway.protocols.moi").joinpath("static/headway-list.js").read_bytes()


def _json(value: object) -> Answer:
    body = msgspec.json.encode(value)
    headers = (
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    )
    return Answer(status=200, headers=headers, body=body)
