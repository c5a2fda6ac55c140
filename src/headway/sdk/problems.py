"""What a server said no with, as one of Headway's own errors.

Source: RFC 9457 (problem details); ``code`` is ours and names the error.
"""

import json
from collections.abc import Mapping
from typing import Final

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
    ServerUnreachable,
    StagingFailed,
    StorageFull,
    TooLarge,
    TooMany,
    Unauthenticated,
    UnsupportedMediaType,
)
from headway.sdk.message import Response

_BY_CODE: Final[Mapping[str, type[HeadwayError]]] = {
    error.code: error
    for error in (
        Conflict,
        ExecutorRejected,
        ExecutorSlow,
        ExecutorUnavailable,
        Forbidden,
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
}

#: For an answer without a code that we know: a newer server, or a proxy in between.
_BY_STATUS: Final[Mapping[int, type[HeadwayError]]] = {
    400: InvalidRequest,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: InvalidRequest,
    409: Conflict,
    410: NotFound,
    412: PreconditionFailed,
    413: TooLarge,
    414: TooLarge,
    415: UnsupportedMediaType,
    421: Forbidden,
    422: InvalidRequest,
    429: TooMany,
    431: TooLarge,
    502: ServerUnreachable,
    503: ServerUnreachable,
    504: ServerUnreachable,
    507: StorageFull,
}


def check(response: Response) -> Response:
    """Give the response back when it is a success.

    Raises:
        HeadwayError: the error that the server named, with the server's own words.
    """
    if 200 <= response.status < 300:  # noqa: PLR2004 -- RFC 9110: the class of successes
        return response
    raise error_of(response)


def error_of(response: Response) -> HeadwayError:
    """Read a refusal. An answer that is no problem document is told by its status."""
    problem = _problem(response)
    kind = _BY_CODE.get(str(problem.get("code"))) or _BY_STATUS.get(response.status, HeadwayError)
    message = str(
        problem.get("detail")
        or problem.get("title")
        or f"the server answered {response.status} and gave no reason"
    )
    if issubclass(kind, InvalidRequest):
        field = problem.get("field")
        return kind(message, field=field if isinstance(field, str) else None)
    return kind(message)


def _problem(response: Response) -> Mapping[str, object]:
    if "json" not in response.headers.get("content-type", ""):
        return {}
    try:
        read = json.loads(response.body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
