"""Whose page a browser's request comes from, and whether anybody meant it.

Sources: Fetch Metadata Request Headers (W3C), RFC 6454, HTML (sec-purpose); X-Moz and Purpose are what older browsers send.
"""

from typing import Final

from headway.lib.asgi import Headers, header, header_values

#: The page's own requests, and those that a person typed. "same-site" may be another port: another program, another user.
_OWN_SITES: Final = frozenset({b"same-origin", b"none"})
_PREFETCH: Final = (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz")
#: Without any of these headers a request is neither of the two below.
TELLING: Final = frozenset({b"sec-fetch-site", b"origin", *_PREFETCH})
_PREFETCH_WORDS: Final = (b"prefetch", b"preview", b"prerender")
_DEFAULT_PORTS: Final = {b"http": b"80", b"https": b"443"}


def is_cross_site(headers: Headers) -> bool:
    """Tell whether a browser sent this for a page that is not ours.

    Programs that are no browsers send neither header and are not cross-site.
    """
    site = header(headers, b"sec-fetch-site")
    if site is not None and site.strip().lower() not in _OWN_SITES:
        return True
    origins = header_values(headers, b"origin")
    if not origins:
        return False
    own = header(headers, b"host") or b""
    return any(not _is_same(origin.strip().lower(), own.strip().lower()) for origin in origins)


def is_prefetch(headers: Headers) -> bool:
    """Tell whether a browser only fetches ahead what somebody may want."""
    return any(
        word in value.lower()
        for name in _PREFETCH
        for value in header_values(headers, name)
        for word in _PREFETCH_WORDS
    )


def _is_same(origin: bytes, host: bytes) -> bool:
    """Compare host and port. The scheme is not compared: behind a proxy that ends TLS it is another one."""
    scheme, found, authority = origin.partition(b"://")
    if not found or not host:
        return False
    default = _DEFAULT_PORTS.get(scheme)
    return authority == host or (default is not None and authority + b":" + default == host)
