"""What a request's line and headers may be."""

from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

import httptools

from headway.app.connection_limits import Limits
from headway.lib.asgi import Headers
from headway.protocols.http.problems import Problem, answer

_CLOSE: Final = ((b"connection", b"close"),)
_LATER: Final = (*_CLOSE, (b"retry-after", b"1"))


class Refused(Exception):
    """A request's head goes beyond a limit."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def url_too_long(limits: Limits) -> Refused:
    """Say that a request's target is too long."""
    return Refused(
        HTTPStatus.REQUEST_URI_TOO_LONG, f"the address may have at most {limits.url_bytes} bytes"
    )


def head_too_large(limits: Limits) -> Refused:
    """Say that a request's line and headers are too long."""
    return Refused(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        f"a request's line and headers may have at most {limits.head_bytes} bytes",
    )


def check_head(url: bytes, headers: Headers, limits: Limits, *, at_most: int) -> None:
    """Check a whole head; ``at_most`` is a bound of its size that costs nothing to know.

    Raises:
        Refused: it is too large.
    """
    if len(url) > limits.url_bytes:
        raise url_too_long(limits)
    if len(headers) > limits.header_count:
        raise Refused(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"a request may have at most {limits.header_count} headers",
        )
    if at_most > limits.head_bytes:
        size = sum(len(name) + len(value) + 4 for name, value in headers)
        if size + len(url) > limits.head_bytes:
            raise head_too_large(limits)


def target_of(url: bytes) -> tuple[str, bytes, bytes]:
    """Give the path, the raw path and the query of any kind of request target.

    Raises:
        Refused: it is none.
    """
    if url.startswith(b"/") and url.find(b"#") < 0:  # `in` takes longer
        raw_path, _, query = url.partition(b"?")
    else:  # a whole URL, as a proxy is asked, or a fragment
        raw_path, query = _parsed(url)
    path = raw_path.decode("ascii")
    return unquote(path) if "%" in path else path, raw_path, query


def refusal(status: HTTPStatus, detail: str) -> bytes:
    """Write the whole answer to what never became a request."""
    code = status.phrase.lower().replace(" ", "-")
    problem = Problem(title=status.phrase, status=status, detail=detail, code=code)
    told = answer(problem, _CLOSE if status != HTTPStatus.SERVICE_UNAVAILABLE else _LATER)
    lines = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode("ascii"))]
    lines += [name + b": " + value for name, value in told.headers]
    return b"\r\n".join([*lines, b"", told.body])


def _parsed(url: bytes) -> tuple[bytes, bytes]:
    try:
        parsed = httptools.parse_url(url)
    except httptools.HttpParserInvalidURLError:
        raise Refused(HTTPStatus.BAD_REQUEST, "the request's address is none") from None
    return parsed.path or b"/", parsed.query or b""  # http://host has neither
