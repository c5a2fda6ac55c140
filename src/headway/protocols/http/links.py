"""Signed links as addresses: where one leads, and which addresses it opens."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from headway.core.model.link import Shown, SignedLink
from headway.lib.asgi import Scope

PARAMETER: Final = "link"

#: Below this server's address.
_PAGES: Final[Mapping[Shown, str]] = {
    Shown.PAGE: "/j/{job}?{link}",
    Shown.PNG: "/progress/render.png?id={job}&{link}",
    Shown.SVG: "/progress/render.svg?id={job}&{link}",
    Shown.BADGE: "/progress/badge.svg?id={job}&{link}",
    Shown.LOG: "/api/v1/jobs/{job}/log/stdout?{link}",
}
_STDERR: Final = "/api/v1/jobs/{job}/log/stderr?{link}"
#: Ends of the paths that a link opens; that of the page opens all that is asked for.
_OPENS: Final[Mapping[Shown, re.Pattern[str]]] = {
    Shown.PAGE: re.compile(""),
    Shown.PNG: re.compile(r"/progress/render(\.png)?\Z"),
    Shown.SVG: re.compile(r"/progress/render\.svg\Z"),
    Shown.BADGE: re.compile(r"/progress/badge\.svg\Z"),
    Shown.LOG: re.compile(r"/api/v1/jobs/[^/]+/log/[a-z]+(/[a-z]+)?\Z"),
}
_KEPT: Final = "headway.link"  # key in the scope: the link, once it was taken out of the query
_PREFIX: Final = PARAMETER.encode() + b"="


def address_of(link: SignedLink, *, base: str) -> str:
    """Give the absolute address that shows what a link is for."""
    return base + _filled(_PAGES[link.what], link)


def stderr_address_of(link: SignedLink, *, base: str) -> str | None:
    """Give the absolute address of the second stream that a new link shows; None where it shows none."""
    return base + _filled(_STDERR, link) if link.has_stderr else None


def _filled(page: str, link: SignedLink) -> str:
    return page.format(job=link.job, link=urlencode({PARAMETER: link.value}))


def opens(link: SignedLink, scope: Scope) -> bool:
    """Tell whether a link is for this kind of request."""
    reads = scope["type"] == "websocket" or scope["method"] in {"GET", "HEAD"}
    return reads and _OPENS[link.what].search(scope["path"]) is not None


def take_link(scope: Scope) -> str | None:
    """Give the link in a request's query, None without one; the query is then read without it."""
    if _KEPT in scope:
        kept: str = scope[_KEPT]
        return kept
    query: bytes = scope.get("query_string", b"")
    if query.find(_PREFIX) < 0:  # `in` takes longer: it tries the bytes as a number first
        return None
    fields = query.split(b"&")
    links = [field for field in fields if field.startswith(_PREFIX)]
    if not links:
        return None
    scope["query_string"] = b"&".join(field for field in fields if field not in links)
    scope[_KEPT] = links[0].removeprefix(_PREFIX).decode("latin-1") if len(links) == 1 else ""
    return scope[_KEPT] or ""
