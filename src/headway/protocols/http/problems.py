"""Core errors as HTTP: the one table of statuses, and the documents that tell what went wrong.

Source: RFC 9457. ``type`` is ``about:blank``; ``code`` says which error it is, ``field`` which value.
"""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from headway.core.errors import (
    Conflict,
    ExecutorRejected,
    ExecutorSlow,
    ExecutorUnavailable,
    Forbidden,
    HeadwayError,
    InFlight,
    InvalidRequest,
    KeyReused,
    NotFound,
    PreconditionFailed,
    StagingFailed,
    StorageFull,
    TooLarge,
    TooMany,
    Unauthenticated,
    UnsupportedMediaType,
)
from headway.lib.asgi import ASGIApp, Message, Receive, Scope, Send

STATUS: Final[Mapping[type[HeadwayError], HTTPStatus]] = {
    InvalidRequest: HTTPStatus.BAD_REQUEST,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    StagingFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    InFlight: HTTPStatus.CONFLICT,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
    ExecutorRejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    ExecutorUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ExecutorSlow: HTTPStatus.SERVICE_UNAVAILABLE,
}

#: What else a client is told with an error, beside its document.
_HEADERS: Final[Mapping[type[HeadwayError], tuple[tuple[bytes, bytes], ...]]] = {
    Unauthenticated: ((b"www-authenticate", b'Bearer realm="headway"'),),
    InFlight: ((b"retry-after", b"1"),),
    StorageFull: ((b"retry-after", b"10"),),
    ExecutorUnavailable: ((b"retry-after", b"5"),),
    ExecutorSlow: ((b"retry-after", b"5"),),
}

#: Codes of the statuses that no core error has: a path or method that is not there.
_CODES: Final[Mapping[int, str]] = {404: "no-such-path", 405: "method-not-allowed"}

CONTENT_TYPE: Final = b"application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document. ``title`` is the status in words, ``detail`` what happened this time."""

    title: str
    status: int
    detail: str
    code: str
    type: str = msgspec.field(default_factory=lambda: "about:blank")  # so that it is always there
    field: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A whole HTTP answer."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def status_of(error: HeadwayError) -> HTTPStatus:
    """Give the HTTP status of an error; 500 for one that the table does not have."""
    kinds = (kind for kind in type(error).__mro__ if kind in STATUS)
    return next((STATUS[kind] for kind in kinds), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem_of(error: HeadwayError) -> Problem:
    """Give the document that tells of an error."""
    status = status_of(error)
    return Problem(
        title=status.phrase,
        status=status,
        detail=str(error),
        code=error.code,
        field=error.field if isinstance(error, InvalidRequest) else None,
    )


def answer_of(error: HeadwayError) -> Answer:
    """Give the answer to a request that ended in an error."""
    return answer(problem_of(error), _headers_of(error))


def _headers_of(error: HeadwayError) -> tuple[tuple[bytes, bytes], ...]:
    if isinstance(error, TooMany):
        return ((b"retry-after", b"%d" % max(1, math.ceil(error.retry_s))),)
    kinds = (kind for kind in type(error).__mro__ if kind in _HEADERS)
    return next((_HEADERS[kind] for kind in kinds), ())


def answer(problem: Problem, extra: tuple[tuple[bytes, bytes], ...] = ()) -> Answer:
    """Give the answer that carries a problem document, with more headers."""
    body = msgspec.json.encode(problem)
    headers = (
        (b"content-type", CONTENT_TYPE),
        (b"content-length", str(len(body)).encode("ascii")),
        (b"cache-control", b"no-store"),
        *extra,
    )
    return Answer(status=problem.status, headers=headers, body=body)


async def send_problem(scope: Scope, send: Send, error: HeadwayError) -> None:
    """Answer a request, or refuse a websocket that was not accepted yet, with an error's document."""
    await send_answer(scope, send, answer_of(error))


async def send_answer(scope: Scope, send: Send, answer: Answer) -> None:
    """Send a whole answer to a request, or instead of accepting a websocket."""
    kind = "http.response"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        kind = "websocket.http.response"
    await send({"type": f"{kind}.start", "status": answer.status, "headers": list(answer.headers)})
    await send({"type": f"{kind}.body", "body": answer.body})


def with_problems(app: ASGIApp) -> ASGIApp:
    """Give ``app`` with its core errors answered as problem documents; anything else it raises is a bug and goes on up.

    An error after the answer has begun goes on up too: it cannot be told any more.
    """

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watching(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, watching)
        except HeadwayError as error:
            if begun:
                raise
            await send_problem(scope, send, error)

    return answering


def error_response(_request: Request, error: Exception) -> Response:
    """Answer a core error that a Starlette route raised (for ``exception_handlers={HeadwayError: ...}``)."""
    if not isinstance(error, HeadwayError):
        raise error
    return _response(answer_of(error))


def status_response(_request: Request, error: Exception) -> Response:
    """Answer Starlette's own 404 and 405 as problem documents (for ``exception_handlers={HTTPException: ...}``)."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    code = _CODES.get(status, status.phrase.lower().replace(" ", "-"))
    problem = Problem(title=status.phrase, status=status, detail=error.detail, code=code)
    extra = tuple(
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in (error.headers or {}).items()
    )
    return _response(answer(problem, extra))


def _response(answer: Answer) -> Response:
    response = Response(answer.body, status_code=answer.status)
    response.raw_headers = list(answer.headers)
    return response
