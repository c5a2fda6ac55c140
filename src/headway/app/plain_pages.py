"""Pages for browsers without JavaScript: the newest jobs, and groups."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.group import MemberKind
from headway.core.model.principal import Principal
from headway.core.model.selection import Selection
from headway.core.operations.find import find_many
from headway.core.operations.find_groups import (
    find_group,
    find_groups,
    find_groups_of,
    find_members,
    roll_up,
)
from headway.lib.asgi import Scope, header
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import identify
from headway.protocols.http.problems import Answer
from headway.protocols.http.query import Query
from headway.protocols.http.router import Handler
from headway.protocols.http.urls import base_url
from headway.web.front import front_page
from headway.web.groups import group_page, groups_page

HTML: Final = b"text/html; charset=utf-8"
GROUPS: Final = "/groups/plain"
_NEWEST: Final = 50
_MOST: Final = 500


class PlainPages:
    """The handlers, bound to a core."""

    def __init__(self, core: Core, context: HttpContext) -> None:
        self._core = core
        self._context = context

    def table(self) -> Mapping[str, Handler]:
        """Give the handlers by their path."""
        return {"/plain": self.jobs, GROUPS: self.groups}

    async def jobs(self, scope: Scope) -> Answer:
        """GET /plain: the newest jobs."""
        require_browser(scope)
        actor = await identify(scope, self._core, self._context.identity)
        page = await find_many(self._core, actor=actor, selection=Selection(), limit=_NEWEST)
        url = base_url(scope, self._core.settings.public_url)
        return _html(front_page(page, url=url, at=self._core.clock.now()))

    async def groups(self, scope: Scope) -> Answer:
        """GET /groups/plain: the caller's groups; with ``id`` what is in one."""
        require_browser(scope)
        actor = await identify(scope, self._core, self._context.identity)
        wanted = Query.of(scope).text("id")
        if wanted:
            return _html(await self._group(actor, wanted))
        return _html(groups_page(await find_groups(self._core, actor=actor, limit=_MOST)))

    async def _group(self, actor: Principal, ref: str) -> str:
        core = self._core
        group = await find_group(core, actor=actor, ref=ref)
        page = await find_members(core, actor=actor, group_id=group.id, limit=_MOST)
        states = await roll_up(core, actor=actor, group_id=group.id)
        above = await find_groups_of(core, actor=actor, member=group.id, kind=MemberKind.GROUP)
        return group_page(page, states, above.groups)


def plain_groups(scope: Scope) -> str:
    """Give where the plain page of what a request for /groups shows is, below the server's address."""
    wanted = Query.of(scope).text("id")
    return f"{GROUPS}?{urlencode({'id': wanted})}" if wanted else GROUPS


def require_browser(scope: Scope) -> None:
    """See that a page is asked for.

    Raises:
        NotFound: it is not.
    """
    if b"text/html" not in (header(scope["headers"], b"accept") or b""):
        raise NotFound("this is a page for browsers; the programs' way in is /api/v1/openapi.json")


def answer_with(body: bytes, kind: bytes, caching: bytes) -> Answer:
    """Give a whole answer."""
    return Answer(
        status=200,
        headers=(
            (b"content-type", kind),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", caching),
        ),
        body=body,
    )


def _html(page: str) -> Answer:
    return answer_with(page.encode(), HTML, b"no-store")
