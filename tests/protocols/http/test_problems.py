"""Errors as problem documents."""

import msgspec
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from headway.core import errors
from headway.core.errors import (
    Conflict,
    ExecutorRejected,
    ExecutorUnavailable,
    Forbidden,
    HeadwayError,
    InFlight,
    InvalidRequest,
    KeyReused,
    NotFound,
    StagingFailed,
    StorageFull,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from headway.lib.asgi import Message, Receive, Scope, Send
from headway.protocols.http.problems import (
    answer_of,
    error_response,
    status_of,
    status_response,
    with_problems,
)

pytestmark = pytest.mark.anyio

HTTP: Scope = {"type": "http", "headers": []}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidRequest, 400),
        (TooLarge, 413),
        (UnsupportedMediaType, 415),
        (KeyReused, 422),
        (Unauthenticated, 401),
        (Forbidden, 403),
        (NotFound, 404),
        (Conflict, 409),
        (InFlight, 409),
        (StagingFailed, 422),
        (StorageFull, 507),
        (ExecutorRejected, 422),
        (ExecutorUnavailable, 503),
    ],
)
def test_an_error_has_its_status(error: type[HeadwayError], status: int) -> None:
    assert status_of(error("x")) == status


def test_only_the_root_and_a_clients_own_errors_are_500() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    known = [kind for kind in kinds if issubclass(kind, HeadwayError)]
    unanswered = {kind.__name__ for kind in known if status_of(kind("x")) == 500}
    assert unanswered <= {"HeadwayError", "ServerUnreachable", "WaitedTooLong", "TimedOut"}


def test_a_problem_names_the_field_and_the_code() -> None:
    told = answer_of(InvalidRequest("total must be above 0", field="total"))
    assert msgspec.json.decode(told.body) == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "total must be above 0",
        "code": "invalid-request",
        "field": "total",
    }
    assert dict(told.headers)[b"content-type"] == b"application/problem+json"


def test_an_error_that_passes_says_when_to_come_again() -> None:
    assert (b"retry-after", b"1") in answer_of(InFlight("x")).headers
    assert (b"retry-after", b"5") in answer_of(ExecutorUnavailable("x")).headers
    assert b"Bearer" in dict(answer_of(Unauthenticated("x")).headers)[b"www-authenticate"]


class Sent(list[Message]):
    """What an application sent."""

    async def __call__(self, message: Message) -> None:
        self.append(message)


async def nothing() -> Message:
    return {"type": "http.request"}


async def test_an_error_of_an_application_is_answered() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise NotFound("no job is called 5")

    sent = Sent()
    await with_problems(app)(HTTP, nothing, sent)
    assert sent[0]["status"] == 404
    assert b"no job is called 5" in sent[1]["body"]


async def test_an_error_before_a_websocket_is_accepted_is_answered_too() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise Forbidden("no")

    scope = {"type": "websocket", "extensions": {"websocket.http.response": {}}}
    sent = Sent()
    await with_problems(app)(scope, nothing, sent)
    assert sent[0]["type"] == "websocket.http.response.start"
    assert sent[0]["status"] == 403


async def test_a_server_that_cannot_answer_a_websocket_closes_it() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise Forbidden("no")

    sent = Sent()
    await with_problems(app)({"type": "websocket"}, nothing, sent)
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_a_bug_is_not_dressed_up() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await with_problems(app)(HTTP, nothing, Sent())


async def test_an_error_after_the_answer_began_goes_up() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise NotFound("too late")

    with pytest.raises(NotFound):
        await with_problems(app)(HTTP, nothing, Sent())


def test_starlettes_routes_answer_alike() -> None:
    response = error_response(Request(dict(HTTP)), StorageFull("no space"))
    assert response.status_code == 507
    assert response.headers["content-type"] == "application/problem+json"
    missing = status_response(Request(dict(HTTP)), HTTPException(405, headers={"Allow": "GET"}))
    assert (missing.status_code, missing.headers["allow"]) == (405, "GET")
    assert b"method-not-allowed" in bytes(missing.body)
