"""Requests that the server makes to its own application, as its own user, without a socket."""

import msgspec

from headway.lib.asgi import ASGIApp, Message, Scope
from headway.protocols.http.connection import CONNECTION, INSIDE


class _OwnConnection:
    """The connection of a request from inside."""

    uid = None
    is_own_user = True

    def abort(self) -> None:
        """Do nothing: there is nothing to drop."""


class InsideAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer."""

    status: int
    body: bytes


async def ask_inside(
    app: ASGIApp, path: str, document: object, *, key: str | None = None
) -> InsideAnswer:
    """POST a JSON document; ``key`` is an idempotency key."""
    body = msgspec.json.encode(document)
    headers = [
        (b"host", b"localhost"),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    if key is not None:
        headers.append((b"idempotency-key", key.encode()))
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
        "state": {CONNECTION: _OwnConnection(), INSIDE: True},
    }
    status = 500
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return InsideAnswer(status=status, body=b"".join(parts))
