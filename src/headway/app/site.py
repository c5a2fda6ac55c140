"""The server's own site: the front page, and the files that anybody may take."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import urlencode

from headway.app.login import is_one_time, login
from headway.app.plain_pages import (
    GROUPS,
    HTML,
    PlainPages,
    answer_with,
    plain_groups,
    require_browser,
)
from headway.core.core import Core
from headway.core.errors import NotFound
from headway.lib.asgi import Scope, header
from headway.protocols.http.context import HttpContext
from headway.protocols.http.links import PARAMETER, take_link
from headway.protocols.http.problems import Answer
from headway.protocols.http.router import Handler, path_below
from headway.protocols.http.urls import base_url
from headway.views.icon import SIGN
from headway.views.stylesheet import stylesheet
from headway.web import bundle

_PLAIN: Final = f'href=".{GROUPS}"'.encode()
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
        self._plain = PlainPages(core, context)

    def table(self) -> Mapping[str, Handler]:
        """Give the handlers by their path."""
        return {
            "/": self.front,
            "/favicon.ico": self.icon,
            "/front.css": self.style,
            "/worker.py": self.worker,
            "/admin": self.page,
            "/groups": self.groups,
            "/login": self.login,
            **self._plain.table(),
        }

    def below(self) -> Mapping[str, Handler]:
        """Give the handlers of what is one segment below a path."""
        return {"/assets/": self.asset, "/j/": self.job_page}

    async def page(self, scope: Scope) -> Answer:
        """GET /admin or /login, for browsers: the page, which asks the native protocol for what it shows.

        It holds nothing of any job, so anybody may have it.
        """
        require_browser(scope)
        html = bundle.page(depth=path_below(scope).count("/") - 1)
        if html is None:
            raise NotFound("the page was not built into this copy of Headway: make page builds it")
        return answer_with(html, HTML, b"no-cache")

    async def job_page(self, scope: Scope) -> Answer:
        """GET /j/{id}: the page; where it was not built, the way to the light page of that job."""
        if bundle.page(depth=0) is not None:
            return await self.page(scope)
        require_browser(scope)
        link = take_link(scope)
        asked = {"id": path_below(scope).rpartition("/")[2]} | ({PARAMETER: link} if link else {})
        return self._elsewhere(scope, f"/progress/show?{urlencode(asked)}")

    def _elsewhere(self, scope: Scope, path: str) -> Answer:
        base = base_url(scope, self._core.settings.public_url)
        place = (b"location", f"{base}{path}".encode())
        return Answer(status=302, headers=(place, (b"content-length", b"0")), body=b"")

    async def groups(self, scope: Scope) -> Answer:
        """GET /groups: the page; where it was not built, the way to the plain one, which its noscript names too."""
        require_browser(scope)
        html, plain = bundle.page(depth=0), plain_groups(scope)
        if html is None:
            return self._elsewhere(scope, plain)
        told = html.replace(_PLAIN, f'href=".{plain}"'.encode())
        return answer_with(told, HTML, b"no-cache")

    async def login(self, scope: Scope) -> Answer:
        """GET /login: the page, or for a one-time link the way in."""
        return await login(scope, self._core) if is_one_time(scope) else await self.page(scope)

    async def asset(self, scope: Scope) -> Answer:
        """GET /assets/{name}: a part of the page. Its name changes with what is in it."""
        found = bundle.asset(path_below(scope).rpartition("/")[2])
        if found is None:
            raise NotFound(f"there is nothing at {scope['path'][:200]}")
        return answer_with(found.body, found.content_type, b"max-age=31536000, immutable")

    async def front(self, scope: Scope) -> Answer:
        """GET /: the page for browsers, a few words for people who ask without one (curl)."""
        if _takes_anything(scope):
            base = base_url(scope, self._core.settings.public_url)
            return answer_with(
                _WORDS.format(base).encode(), b"text/plain; charset=utf-8", b"no-cache"
            )
        require_browser(scope)
        html = bundle.page(depth=0)
        if html is not None:
            return answer_with(html, HTML, b"no-cache")
        return await self._plain.jobs(scope)

    async def style(self, scope: Scope) -> Answer:  # noqa: ARG002 -- every handler takes it
        """GET /front.css."""
        body = stylesheet(_file("headway.web", "files/front.css").decode()).encode()
        return answer_with(body, b"text/css; charset=utf-8", b"max-age=300")

    async def icon(self, scope: Scope) -> Answer:  # noqa: ARG002 -- every handler takes it
        """GET /favicon.ico, which browsers ask for when a picture or a log is opened by itself."""
        return answer_with(SIGN.encode(), b"image/svg+xml", b"max-age=86400")

    async def worker(self, scope: Scope) -> Answer:  # noqa: ARG002 -- every handler takes it
        """GET /worker.py: the one file that a job's own code needs."""
        return answer_with(
            _file("headway.sdk", "worker.py"), b"text/x-python; charset=utf-8", b"no-cache"
        )


def _takes_anything(scope: Scope) -> bool:
    """Tell whether the client is content with any kind of answer, and does not ask for a page."""
    accept = header(scope["headers"], b"accept") or b"*/*"
    return b"*/*" in accept and b"text/html" not in accept


@cache
def _file(package: str, name: str) -> bytes:
    return files(package).joinpath(name).read_bytes()
