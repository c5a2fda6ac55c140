"""Requests about who may do what, what users keep, and the server itself."""

from collections.abc import Sequence

from headway.sdk.message import Request, path_of, present
from headway.sdk.requests.bodies import given, with_body


def filters() -> Request:
    """List the caller's saved filters."""
    return Request("GET", path_of("filters"))


def save_filter(name: str, q: str) -> Request:
    """Keep a query under a name."""
    return with_body("PUT", path_of("filters", name), {"q": q})


def delete_filter(name: str) -> Request:
    """Forget a saved filter."""
    return Request("DELETE", path_of("filters", name))


def create_token(
    scopes: Sequence[str],
    *,
    user: str | None = None,
    note: str | None = None,
    expires_in_s: float | None = None,
) -> Request:
    """Make a token; its secret is in the answer and nowhere else."""
    said = {"scopes": list(scopes), "user": user, "note": note, "expires_in_s": expires_in_s}
    return with_body("POST", path_of("tokens"), given(said))


def tokens() -> Request:
    """List tokens, without their secrets."""
    return Request("GET", path_of("tokens"))


def revoke_token(token_id: str) -> Request:
    """Make a token worthless."""
    return Request("DELETE", path_of("tokens", token_id))


def make_link(ref: str, *, what: str, expires_in_s: float | None = None) -> Request:
    """Ask for a link that shows a job to whoever has it."""
    said = {"what": what, "expires_in_s": expires_in_s}
    return with_body("POST", path_of("jobs", ref, "links"), given(said))


def make_login_link(*, to: str) -> Request:
    """Ask for a link that signs a browser in once, and then leads to ``to``."""
    return with_body("POST", path_of("login-links"), {"to": to})


def whoami() -> Request:
    """Ask who the server takes us for."""
    return Request("GET", path_of("whoami"))


def clusters(*, in_trouble: bool = False) -> Request:
    """Ask where jobs run, or only for those clusters that are in trouble."""
    query = present([("health", "trouble" if in_trouble else None)])
    return Request("GET", path_of("clusters"), query)


def health() -> Request:
    """Ask whether the server is well, and which version it is."""
    return Request("GET", "/healthz")


def metrics() -> Request:
    """Ask for the server's figures."""
    return Request("GET", "/metrics", headers=(("accept", "text/plain"),))
