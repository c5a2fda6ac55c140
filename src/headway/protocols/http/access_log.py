"""One line a request, without secrets."""

import logging
import re
import time
from typing import Final

from headway.lib.asgi import Scope

access_log: Final = logging.getLogger("headway.access")

_NAMED_SECRETS: Final = re.compile(
    rb"(?i)((?:^|&)(?:k|key|token|access_token|secret|password)=)[^&]*", re.ASCII
)
_TOKENS: Final = re.compile(rb"hwr?_[A-Za-z0-9_-]{8,}")


def log_access(scope: Scope, status: int, *, begun_s: float) -> None:
    """Log an answer that begins; ``begun_s`` is when its request came, by the monotonic clock."""
    client = scope.get("client") or ("-", 0)
    access_log.info(
        "%s %s %s %d %.1f ms",
        client[0],
        scope.get("method", "WEBSOCKET"),
        shown_target(scope),
        status,
        (time.monotonic() - begun_s) * 1000,
    )


def shown_target(scope: Scope) -> str:
    """Write a request's path and query for a log: secrets stripped, nothing that a terminal would obey."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    query: bytes = scope.get("query_string", b"")
    if query:
        raw += b"?" + _NAMED_SECRETS.sub(rb"\1...", query)
    text = _TOKENS.sub(b"...", raw).decode("latin-1")
    return text if text.isprintable() else ascii(text)[1:-1]
