"""GET /login?once=…: a one-time link signs the browser in and leads on."""

from headway.core.core import Core
from headway.core.operations.sessions import cookie_name, use_login_link
from headway.lib.asgi import Scope
from headway.protocols.http.cookies import setting
from headway.protocols.http.guards import refuse_careless_write
from headway.protocols.http.problems import Answer
from headway.protocols.http.query import Query


def is_one_time(scope: Scope) -> bool:
    """Tell whether a request comes by a one-time link."""
    return b"once=" in scope.get("query_string", b"")


async def login(scope: Scope, core: Core) -> Answer:
    """Use the link up, set the cookie, and lead to where the link is for.

    Raises:
        InvalidRequest: the query is not that of such a link.
        Unauthenticated: the link was used, or has expired.
        Forbidden: another site's page led here, or nobody meant to come; the link is still good.
    """
    refuse_careless_write(scope)
    once = Query.of(scope, known=("once",)).required("once")
    session, link = await use_login_link(core, once=once)
    root: str = scope.get("app_root_path", scope.get("root_path", ""))
    headers = (
        (b"location", f"{root}{link.to}".encode()),
        (b"content-length", b"0"),
        (b"cache-control", b"no-store"),
        setting(scope, cookie_name(core), session, at=core.clock.now()),
    )
    return Answer(status=303, headers=headers, body=b"")
