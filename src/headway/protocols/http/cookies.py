"""The session's cookie: read from a request, set and taken away by an answer.

Source: RFC 6265. It is for this server's own pages alone (SameSite=Strict), and no script sees it (HttpOnly).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from headway.core.model.session import Session
from headway.lib.asgi import Headers, Scope, header_values
from headway.protocols.http.origin import is_cross_site

_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
_TOLD_BY: Final = frozenset({b"origin", b"sec-fetch-site"})
_LONGEST: Final = 500


def cookie_of(scope: Scope, name: Callable[[], str]) -> str | None:
    """Give the session's cookie, None without one, or where it must not count.

    It never counts for another site's page. For a request that may change something the browser must have said that the
    page is ours; every browser of today says so.
    """
    headers: Headers = scope["headers"]
    given = header_values(headers, b"cookie")
    if not given:
        return None
    wanted = name()
    value = next((value for found, value in _pairs(given) if found == wanted), None)
    if value is None or len(value) > _LONGEST or is_cross_site(headers):
        return None
    is_safe = scope["type"] == "http" and scope.get("method") in _SAFE_METHODS
    if not is_safe and _TOLD_BY.isdisjoint([field for field, _ in headers]):
        return None
    return value


def setting(
    scope: Scope, name: str, session: Session | None, *, at: datetime
) -> tuple[bytes, bytes]:
    """Give the header that sets the cookie, or takes it away where there is no session."""
    root: str = scope.get("app_root_path", scope.get("root_path", ""))
    age_s = 0 if session is None else max(0, int((session.expires - at).total_seconds()))
    value = "" if session is None else session.value
    parts = [
        f"{name}={value}",
        f"Path={root or '/'}",
        f"Max-Age={age_s}",
        "HttpOnly",
        "SameSite=Strict",
    ]
    if scope.get("scheme") == "https":
        parts.append("Secure")
    return b"set-cookie", "; ".join(parts).encode("latin-1")


def _pairs(given: Sequence[bytes]) -> Iterator[tuple[str, str]]:
    for value in given:
        for pair in value.decode("latin-1").split(";"):
            name, _, content = pair.strip().partition("=")
            yield name, content
