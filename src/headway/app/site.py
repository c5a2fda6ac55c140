"""The server's own site: the front page, and the files that anybody may take."""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, TypeAlias
from urllib.parse import urlencode

from headway.app.login import is_one_time, login
from headway.core.core import Core
from headway.core.errors import NotFound
from headway.core.model.selection import Selection
from headway.core.operations.find import find_many
from headway.lib.asgi import Scope, header
from headway.protocols.http.context import HttpContext
from headway.protocols.http.identity import identify
from headway.protocols.http.links import PARAMETER, take_link
from headway.protocols.http.problems import Answer
from headway.protocols.http.router import path_below
from headway.protocols.http.urls import base_url
from headway.views.icon import SIGN
from headway.views.stylesheet import stylesheet
from headway.web import bundle
from headway.web.front import front_page

Handler: TypeAlias = Callable[[Scope], Awaitable[Answer]]

_NEWEST: Final = 50
_WORDS: Final = """Headway: jobs that run or only report, and how far they are.

  page in a browser  {0}/
  native API         {0}/api/v1/jobs (described in {0}/api/v1/openapi.json)
  progress by name   {0}/progress/create?jobid=NAME, /progress/update, /progress/show
  health             {0}/healthz
  command line       headway --help
  guides             docs/index.md in the package's sources
"""


class Site:
    """The handlers, bound to a core."""

    def __init__(self, core: Core, context: HttpContext) -> None:
        self._core = core
        self._context = context

    def table(self) -> Mapping[str, Handler]:
        """Give the handlers by their path."""
        return {
            "/": self.front,
            "/favicon.ico": self.icon,
            "/front.css": self.style,
            "/worker.py": self.worker,
            "/admin": self.page,
            "/groups": self.page,
            "/login": self.login,
        }

    def below(self) -> Mapping[str, Handler]:
        """Give the handlers of what is one segment below a path."""
        return {"/assets/": self.asset, "/j/": self.job_page}

    async def page(self, scope: Scope) -> Answer:
        """GET /, /admin, /groups or /login, for browsers: the page, which asks the native protocol for what it shows.

        It holds nothing of any job, so anybody may have it.
        """
        _require_browser(scope)
        html = bundle.page(depth=path_below(scope).count("/") - 1)
        if html is None:
            raise NotFound("the page was not built into this copy of Headway: make page builds it")
        return _answer(html, b"text/html; charset=utf-8", b"no-cache")

    async def job_page(self, scope: Scope) -> Answer:
        """GET /j/{id}: the page; where it was not built, the way to the light page of that job."""
        if bundle.page(depth=0) is not None:
            return await self.page(scope)
        _require_browser(scope)
        link = take_link(scope)
        asked = {"id": path_below(scope).rpartition("/")[2]} | ({PARAMETER: link} if link else {})
        base = base_url(scope, self._core.settings.public_url)
        place = (b"location", f"{base}/progress/show?{urlencode(asked)}".encode())
        return Answer(status=302, headers=(place, (b"content-length", b"0")), body=b"")

    async def login(self, scope: Scope) -> Answer:
        """GET /login: the page, or for a one-time link the way in."""
        return await login(scope, self._core) if is_one_time(scope) else await self.page(scope)

    async def asset(self, scope: Scope) -> Answer:
        """GET /assets/{name}: a part of the page. Its name changes with what is in it."""
        found = bundle.asset(path_below(scope).rpartition("/")[2])
        if found is None:
            raise NotFound(f"there is nothing at {scope['path'][:200]}")
        return _answer(found.body, found.content_type, b"max-age=31536000, immutable")

    async def front(self, scope: Scope) -> Answer:
        """GET /: the page for browsers, a few words for people who ask without one (curl)."""
        if _takes_anything(scope):
            base = base_url(scope, self._core.settings.public_url)
            return _answer(_WORDS.format(base).encode(), b"text/plain; charset=utf-8", b"no-cache")
        _require_browser(scope)
        html = bundle.page(depth=0)
        if html is not None:
            return _answer(html, b"text/html; charset=utf-8", b"no-cache")
        actor = await identify(scope, self._core, self._context.identity)
        page = await find_many(self._core, actor=actor, selection=Selection(), limit=_NEWEST)
        url = base_url(scope, self._core.settings.public_url)
        plain = front_page(page, url=url, at=self._core.clock.now())
        return _answer(plain.encode(), b"text/html; charset=utf-8", b"no-store")

    async def style(self, scope: Scope) -> Answer:  # noqa: ARG002 -- every handler takes it
        """GET /front.css."""
        body = stylesheet(_file("headway.web", "files/front.css").decode()).encode()
        return _answer(body, b"text/css; charset=utf-8", b"max-age=300")

    async def icon(self, scope: Scope) -> Answer:  # noqa: ARG002 -- every handler takes it
        """GET /favicon.ico, which browsers ask for when a picture or a log is opened by itself."""
        return _answer(SIGN.encode(), b"image/svg+xml", b"max-age=86400")

    async def worker(self, scope: Scope) -> Answer:  # noqa: ARG002 -- every handler takes it
        """GET /worker.py: the one file that a job's own code needs."""
        return _answer(
            _file("headway.sdk", "worker.py"), b"text/x-python; charset=utf-8", b"no-cache"
        )


def _takes_anything(scope: Scope) -> bool:
    """Tell whether the client is content with any kind of answer, and does not ask for a page."""
    accept = header(scope["headers"], b"accept") or b"*/*"
    return b"*/*" in accept and b"text/html" not in accept


def _require_browser(scope: Scope) -> None:
    if b"text/html" not in (header(scope["headers"], b"accept") or b""):
        raise NotFound("this is a page for browsers; the programs' way in is /api/v1/openapi.json")


@cache
def _file(package: str, name: str) -> bytes:
    return files(package).joinpath(name).read_bytes()


def _answer(body: bytes, kind: bytes, caching: bytes) -> Answer:
    return Answer(
        status=200,
        headers=(
            (b"content-type", kind),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", caching),
        ),
        body=body,
    )
