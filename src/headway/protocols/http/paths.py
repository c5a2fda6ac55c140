"""Where a request's path begins: behind a prefix, a proxy, or a slash too many."""

import re
from typing import Final

from headway.lib.asgi import Scope, header

_SLASHES: Final = re.compile("/{2,}")
_SCHEMES: Final = {b"http": "http", b"https": "https"}
_WEBSOCKET_SCHEMES: Final = {b"http": "ws", b"https": "wss"}


def place(scope: Scope, *, prefix: str, behind_proxy: bool) -> None:
    """Put a request's place right, in its scope: ``root_path`` is the prefix, ``path`` begins with it (ASGI 3.0).

    The proxy may pass the prefix on or strip it. Slashes next to each other become one: an address written as base plus
    path has two. Behind a proxy its X-Forwarded-Prefix, -Proto and -Host count; otherwise they are anybody's words.
    """
    if behind_proxy:
        prefix = _forwarded(scope, prefix)
    path: str = scope["path"]
    if not prefix and path.find("//") < 0:  # `in` takes longer
        return
    path = _SLASHES.sub("/", path)
    if prefix and (path == prefix or path.startswith(prefix + "/")):
        path = path[len(prefix) :]
    scope["root_path"] = prefix
    scope["path"] = f"{prefix}/{path.lstrip('/')}"


def _forwarded(scope: Scope, prefix: str) -> str:
    headers = scope["headers"]
    scheme = header(headers, b"x-forwarded-proto")
    if scheme is not None:
        known = _WEBSOCKET_SCHEMES if scope["type"] == "websocket" else _SCHEMES
        scope["scheme"] = known.get(scheme.strip().lower(), scope["scheme"])
    host = header(headers, b"x-forwarded-host")
    if host is not None:
        # The first entry is what the client asked for; the guard checks it as any Host.
        asked = (b"host", host.partition(b",")[0].strip())
        scope["headers"] = [asked, *(pair for pair in headers if pair[0] != b"host")]
    given = header(headers, b"x-forwarded-prefix")
    if given is None:
        return prefix
    text = given.decode("latin-1").strip().rstrip("/")
    is_path = text.startswith("/") and not text.startswith("//") and text.isprintable()
    return text if is_path and not set(text) & set(" ?#\\\"'<>") else prefix
