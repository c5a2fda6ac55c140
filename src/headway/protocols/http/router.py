"""Plain ASGI routing: a path, a handler, an answer. For protocols whose paths hold no parameters, and for mounting them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from headway.core.errors import HeadwayError
from headway.lib.asgi import ASGIApp, Receive, Scope, Send
from headway.protocols.http.problems import Answer, Problem, answer, answer_of, send_answer

Handler: TypeAlias = Callable[[Scope], Awaitable[Answer]]


def path_below(scope: Scope) -> str:
    """Give a request's path below the place where the present application is mounted."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(root) else path


def plain_routes(
    table: Mapping[str, Handler],
    *,
    methods: Sequence[str],
    below: Mapping[str, Handler] = MappingProxyType({}),
) -> ASGIApp:
    """Give an application of fixed paths that all take the same methods.

    Args:
        table: a handler for each path.
        methods: what they take.
        below: a handler for all paths that are one of these, which end in a slash, and one more segment.

    A handler's core errors are answered as problem documents. The answer to HEAD is that to GET without its body.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 -- no handler reads a body
        path = path_below(scope)
        handler = table.get(path) or _handler_below(path, below)
        if scope["type"] != "http" or handler is None:
            given = not_found(scope)
        elif scope["method"] not in methods:
            given = not_allowed(scope, methods)
        else:
            try:
                given = await handler(scope)
            except HeadwayError as error:
                given = answer_of(error)
        await send_answer(scope, send, given)

    return app


def _handler_below(path: str, below: Mapping[str, Handler]) -> Handler | None:
    place, slash, name = path.rpartition("/")
    return below.get(place + slash) if name else None


def not_found(scope: Scope) -> Answer:
    """Answer a request for a path that is not there."""
    return answer(
        Problem(
            title="Not Found",
            status=404,
            detail=f"there is nothing at {scope['path'][:200]}",
            code="no-such-path",
        )
    )


def not_allowed(scope: Scope, methods: Sequence[str]) -> Answer:
    """Answer a request with a method that a path does not take; ``methods`` are those that it takes."""
    words = f"{scope['method']} is not allowed here"
    return answer(
        Problem(title="Method Not Allowed", status=405, detail=words, code="method-not-allowed"),
        ((b"allow", ", ".join(methods).encode()),),
    )


def mounted(mounts: Mapping[str, ASGIApp], otherwise: ASGIApp) -> ASGIApp:
    """Give an application that hands requests below a prefix to the application mounted there.

    A prefix matches whole path segments; the longest one wins.
    """
    longest_first = sorted(mounts.items(), key=lambda mount: -len(mount[0]))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await otherwise(scope, receive, send)
            return
        root: str = scope.get("root_path", "")
        path = path_below(scope)
        for prefix, below in longest_first:
            if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/"):
                inner = {
                    **scope,
                    "root_path": root + prefix,
                    "app_root_path": scope.get("app_root_path", root),
                }
                await below(inner, receive, send)
                return
        await otherwise(scope, receive, send)

    return app
