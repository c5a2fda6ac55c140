"""Absolute addresses of this server, as the client that asks can reach it."""

from headway.lib.asgi import Scope, header


def base_url(scope: Scope, fallback: str) -> str:
    """Give the address that the client used for this server, without a slash at its end.

    The Host header is one that the server allows (guards); without one, ``fallback`` is given.
    """
    host = header(scope["headers"], b"host")
    if not host:
        return fallback
    root: str = scope.get("app_root_path", scope.get("root_path", ""))
    return f"{scope['scheme']}://{host.decode('latin-1')}{root}"
