"""What one row of the protocol's table of routes says: enough to serve it and to describe it."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeAlias

import msgspec

from headway.protocols.http.problems import Answer
from headway.protocols.rest.call import Call
from headway.protocols.rest.wire.phrase import TypeForm

#: Serves a call; None when it has sent its answer itself.
Handler: TypeAlias = Callable[[Call], Awaitable[Answer | None]]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path.

    Attributes:
        path: below the prefix, with its variables in braces.
        name: the operation's id in the OpenAPI document.
        summary: one line on it.
        query: a Struct with the parameters it takes; None when it takes none.
        body: the type of its body; None when it takes none.
        answers: the types of its document; none when it answers something else.
        media: the media type of an answer that is no JSON document.
        headers: request headers that it reads: (name, what for).
        partly: other statuses with the same kind of answer.
        errors: the statuses it may answer beside 401, 403 and those of a bad request.
        public: anybody may call it.
    """

    method: str
    path: str
    name: str
    tag: str
    summary: str
    handler: Handler
    query: type[msgspec.Struct] | None = None
    body: TypeForm = None
    answers: tuple[TypeForm, ...] = ()
    status: HTTPStatus = HTTPStatus.OK
    media: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    partly: tuple[HTTPStatus, ...] = ()
    errors: tuple[HTTPStatus, ...] = ()
    public: bool = False
