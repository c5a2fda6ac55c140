"""From a request to its row of the table, without regular expressions, and with each part of the path decoded on its own.

A worker's id may hold a slash: it comes as %2F, and only the raw path tells it from one that parts the path.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

import msgspec

from headway.core.core import Core
from headway.core.errors import HeadwayError, InvalidRequest, NotFound
from headway.core.model.principal import Principal
from headway.lib.asgi import Message, Receive, Scope, Send
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import identify
from headway.protocols.http.problems import Answer, Problem, answer, answer_of, send_answer
from headway.protocols.rest.addresses import PREFIX
from headway.protocols.rest.call import Call
from headway.protocols.rest.conditions import WRITES, guarded, unless_known
from headway.protocols.rest.table import Row

_NOBODY: Final = Principal(name="", scopes=frozenset(), via="nobody")
_ID: Final = "id"  #: of a job: what is neither a UUID nor a number is not looked for, and not found
_OWN_PARTS: Final = PREFIX.strip("/").split("/")


class _Node:
    """One part of the paths: what may follow it, and what may be done there."""

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.variable: tuple[str, _Node] | None = None
        self.rows: dict[str, Row] = {}


class Router:
    """The native protocol as an ASGI application. HEAD is GET without the body; ``//`` is ``/``."""

    def __init__(self, core: Core, context: HttpContext, rows: Iterable[Row]) -> None:
        self._core = core
        self._context = context
        self._root = _Node()
        for row in rows:
            _place(self._root, row)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a websocket."""
        watched = _Begun(send)
        try:
            given = await self._answer(scope, receive, watched)
        except HeadwayError as error:
            if watched.begun:
                raise
            given = answer_of(error)
        if given is not None:
            await send_answer(scope, send, _without_body(given) if _is_head(scope) else given)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> Answer | None:
        node, args = self._find(scope)
        method = "WEBSOCKET" if scope["type"] == "websocket" else scope["method"]
        row = node.rows.get("GET" if method == "HEAD" else method)
        if row is None:
            return _not_allowed(method, node.rows)
        actor = _NOBODY if row.public else await identify(scope, self._core, self._context.identity)
        headers = scope["headers"]
        given = await row.handler(
            Call(
                core=guarded(self._core, row, headers),
                context=self._context,
                actor=actor,
                scope=scope,
                receive=receive,
                send=send,
                args=args,
            )
        )
        return given if given is None or method in WRITES else unless_known(given, headers)

    def _find(self, scope: Scope) -> tuple[_Node, Mapping[str, str]]:
        node = self._root
        args: dict[str, str] = {}
        for part in parts_of(scope):
            known = node.below.get(part)
            if known is not None:
                node = known
            elif node.variable is not None:
                name, node = node.variable
                if name != _ID and "\0" in part:
                    raise InvalidRequest("the path has a NUL character in it", field="path")
                args[name] = part
            else:
                raise _no_such_path(scope)
        if not node.rows:
            raise _no_such_path(scope)
        return node, args


def parts_of(scope: Scope) -> Sequence[str]:
    """Give the parts of a request's path below this protocol's prefix, each percent-decoded; empty ones do not count.

    Raises:
        InvalidRequest: the path is not percent-encoded UTF-8.
    """
    raw = scope.get("raw_path") or scope["path"].encode()
    return _parts(raw, scope.get("root_path", ""))


@lru_cache(maxsize=512)  # the same workers report to the same paths again and again
def _parts(raw: bytes, root: str) -> Sequence[str]:
    path = raw.partition(b"?")[0]
    try:
        parts = [unquote(part, errors="strict") for part in path.decode().split("/") if part]
    except UnicodeDecodeError:
        raise InvalidRequest("the path must be percent-encoded UTF-8", field="path") from None
    return tuple(_below(_below(parts, [part for part in root.split("/") if part]), _OWN_PARTS))


def _below(parts: list[str], above: list[str]) -> list[str]:
    """Take parts away from the front, if they are there: a proxy may have taken them already."""
    return parts[len(above) :] if parts[: len(above)] == above else parts


class _Begun:
    """Sends, and remembers that the answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        self.begun = True
        await self._send(message)


def _place(root: _Node, row: Row) -> None:
    node = root
    for part in row.path.split("/")[1:]:
        if not part.startswith("{"):
            node = node.below.setdefault(part, _Node())
            continue
        if node.variable is None:
            node.variable = (part.strip("{}"), _Node())
        node = node.variable[1]
    node.rows[row.method] = row


def _is_head(scope: Scope) -> bool:
    return scope.get("method") == "HEAD"


def _without_body(given: Answer) -> Answer:
    return msgspec.structs.replace(given, body=b"")


def _no_such_path(scope: Scope) -> NotFound:
    return NotFound(f"there is no {scope['path']} here; see {PREFIX}/openapi.json")


def _not_allowed(method: str, rows: Mapping[str, Row]) -> Answer:
    """Give 405 with what is allowed; a plain request to a websocket's address is told what it needs."""
    if rows.keys() == {"WEBSOCKET"}:
        status, detail, code = HTTPStatus.UPGRADE_REQUIRED, "this speaks websocket", "websocket"
        return answer(
            Problem(title=status.phrase, status=status, detail=detail, code=code),
            ((b"upgrade", b"websocket"), (b"connection", b"upgrade")),
        )
    also = {"HEAD"} if "GET" in rows else set()
    allowed = ", ".join(sorted(rows.keys() - {"WEBSOCKET"} | also))
    status = HTTPStatus.METHOD_NOT_ALLOWED
    detail = f"{method} is not for this address; allowed: {allowed}"
    problem = Problem(title=status.phrase, status=status, detail=detail, code="method-not-allowed")
    return answer(problem, ((b"allow", allowed.encode()),))
