"""Calls over HTTP to receivers that behave, and to those that do not."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Final

import pytest
from tests.callbacks.receivers import (
    HANGS,
    TAKES,
    Behaviour,
    Receiver,
    Request,
    answering,
    head,
    receiving,
)

from headway import InvalidRequest, MacVerifier, Unauthenticated, WebhookVerifier
from headway.callbacks import Guard, HttpSender, ScopedCredentials
from headway.callbacks.guard import Address
from headway.callbacks.resolve import Resolve
from headway.core.ports.callbacks import Answer, Rendered

pytestmark = pytest.mark.anyio

NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECRET: Final = f"whsec_{base64.b64encode(b'k' * 32).decode()}"
SAID: Final = Rendered(word="w", method="PUT", content_type="text/plain", body=b"how it is")
OWN: Final = Guard(is_own=True)
SHORT_S: Final = 0.3  # enough for this machine to hang up on a receiver that never answers
PATIENT_S: Final = 60.0  # more than a busy machine needs


def now() -> float:
    return NOW.timestamp()


async def knows_nobody(host: str) -> Sequence[Address]:
    raise OSError(f"{host} is not known")


def knowing(*addresses: str) -> Resolve:
    """Give a resolver that has these addresses for every name."""

    async def resolve(_host: str) -> Sequence[Address]:
        return [ip_address(address) for address in addresses]

    return resolve


def sender(
    *,
    guard: Guard = OWN,
    resolve: Resolve = knows_nobody,
    credentials: Sequence[ScopedCredentials] = (),
    limit_s: float = PATIENT_S,
) -> HttpSender:
    return HttpSender(guard=guard, resolve=resolve, credentials=credentials, limit_s=limit_s)


async def called(url: str, *, by: HttpSender | None = None, secret: str = "") -> Answer:
    by = by or sender()
    return await by.send(url, SAID, message_id="job-1-0", at=NOW, secret=secret)


@asynccontextmanager
async def one(behaviour: Behaviour, **options: float) -> AsyncIterator[tuple[Receiver, Answer]]:
    """Call a receiver once."""
    async with receiving(behaviour) as receiver:
        yield receiver, await called(receiver.url, by=sender(**options))  # type: ignore[arg-type]


async def test_a_call_says_what_the_protocol_says_and_which_message_it_is() -> None:
    async with one(TAKES) as (receiver, answer):
        assert (answer.status, answer.detail) == (204, "")
        (request,) = receiver.requests
    assert (request.method, request.target, request.body) == ("PUT", "/told/7?x=1", b"how it is")
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "text/plain"
    assert request.headers["webhook-id"] == "job-1-0"
    assert request.headers["webhook-timestamp"] == str(int(now()))
    assert not {"webhook-signature", "authorization", "cookie"} & request.headers.keys()


async def test_a_call_with_a_secret_is_signed_over_its_body() -> None:
    async with receiving(TAKES) as receiver:
        await called(receiver.url, secret=SECRET)
    (request,) = receiver.requests
    verifier = WebhookVerifier(SECRET, now=now)
    assert verifier.verify(request.headers, request.body).id == "job-1-0"


@pytest.mark.parametrize(
    ("pieces", "status", "detail"),
    [
        ([head(200, "Content-Length: 5"), b"hel", b"lo"], 200, "hello"),
        (
            [head(200, "Transfer-Encoding: chunked"), b"3\r\nhel\r\n", b"2\r\nlo\r\n0\r\n\r\n"],
            200,
            "hello",
        ),
        ([head(103), head(102), head(200, "Content-Length: 0")], 200, ""),
        ([b"HTTP/1.0 200 OK\r\n\r\nto the end"], 200, "to the end"),
        ([b"H", b"TTP/1.1 20", b"4 No\r\n", b"\r\n"], 204, ""),
        ([head(500, "Content-Length: 4"), b"oops"], 500, "oops"),
        ([head(410)], 410, ""),
        ([head(200, "Content-Length: 2"), b"\xff\xfe"], 200, "\ufffd\ufffd"),
    ],
)
async def test_an_answer_is_read_however_it_is_written(
    pieces: list[bytes], status: int, detail: str
) -> None:
    async with one(answering(*pieces)) as (_, answer):
        assert (answer.status, answer.detail) == (status, detail)


async def test_a_redirect_is_not_followed() -> None:
    async with receiving(TAKES) as other:
        away = answering(head(307, f"Location: {other.url}", "Content-Length: 0"))
        async with one(away) as (_, answer):
            assert answer.status == 307
            assert other.url in answer.detail
    assert other.requests == []


async def test_a_receiver_that_hangs_is_left_after_the_limit() -> None:
    async with one(HANGS, limit_s=SHORT_S) as (receiver, answer):
        assert answer.status is None
        assert "no whole answer in 0.3 s" in answer.detail
        await receiver.gone.wait()


async def test_a_receiver_that_drips_its_head_is_left_after_the_limit() -> None:
    async def drips(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-Slow: 1\r\n")
            await writer.drain()
            await asyncio.sleep(SHORT_S / 10)

    async with one(drips, limit_s=SHORT_S) as (_, answer):
        assert answer.status is None


async def test_what_a_receiver_has_acknowledged_counts_though_its_body_never_ends() -> None:
    began = answering(head(200, "Content-Length: 100"), b"begun", closes=False)
    # Long enough for what it does say to come on a busy machine.
    async with one(began, limit_s=3.0) as (_, answer):
        assert (answer.status, answer.detail) == (200, "begun")


async def test_of_an_answer_without_end_64_kb_are_read() -> None:
    async def floods(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head(200))
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    async with one(floods) as (receiver, answer):
        assert answer.status == 200
        assert len(answer.detail) == 300
        await receiver.gone.wait()


async def test_of_what_comes_after_a_body_no_more_is_read_than_of_a_body() -> None:
    async def floods(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, "Transfer-Encoding: chunked") + b"2\r\nok\r\n0\r\n")
        while True:
            writer.write(b"X-More: 1\r\n" * 1000)
            await writer.drain()

    async with one(floods) as (receiver, answer):
        assert (answer.status, answer.detail) == (200, "ok")
        await receiver.gone.wait()


async def test_a_name_with_very_many_addresses_that_are_not_called_is_told_in_short() -> None:
    addresses = [f"10.0.{high}.{low}" for high in range(16) for low in range(250)]
    by = sender(guard=Guard(), resolve=knowing(*addresses))
    answer = await called("http://many.example/", by=by)
    assert answer.status is None
    assert answer.detail.startswith("10.0.0.0 may not be called")
    assert len(answer.detail) == 300


async def test_a_head_without_end_is_no_answer() -> None:
    async def floods(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: 1\r\n" * 1000)
            await writer.drain()

    async with one(floods) as (_, answer):
        assert answer.status is None
        assert "head is longer" in answer.detail


@pytest.mark.parametrize(
    ("pieces", "why"),
    [
        ([], "closed without an answer"),
        ([b"HTTP/1.1 200 OK\r\nContent-"], "closed without an answer"),
        ([b"SSH-2.0-OpenSSH_9\r\n"], "not HTTP/1"),
        ([b"HTTP/2 200\r\n\r\n"], "not HTTP/1"),
        ([head(101, "Upgrade: x", "Connection: upgrade")], "another protocol"),
    ],
)
async def test_what_is_no_answer_is_told_as_what_it_is(pieces: list[bytes], why: str) -> None:
    async with one(answering(*pieces)) as (_, answer):
        assert answer.status is None
        assert why in answer.detail


async def test_a_receiver_that_hangs_up_half_way_through_its_body_has_answered_all_the_same() -> (
    None
):
    async with one(answering(head(503, "Content-Length: 100"), b"half")) as (_, answer):
        assert (answer.status, answer.detail) == (503, "half")


async def test_a_port_where_nobody_listens_and_a_name_that_nobody_knows_are_no_answer() -> None:
    async with receiving(TAKES) as receiver:
        url = receiver.url
    refused = await called(url)
    unknown = await called("http://nowhere.invalid/")
    assert (refused.status, unknown.status) == (None, None)
    assert "nowhere.invalid is not known" in unknown.detail


async def test_a_name_is_called_at_the_addresses_it_has_and_told_its_own_name() -> None:
    async with receiving(TAKES) as receiver:
        url = f"http://Receiver.example:{receiver.port}/"
        answer = await called(url, by=sender(resolve=knowing("127.0.0.1")))
    assert answer.status == 204
    assert receiver.requests[0].headers["host"] == f"receiver.example:{receiver.port}"


async def test_of_several_addresses_the_first_that_answers_is_called() -> None:
    async with receiving(TAKES) as receiver:
        url = f"http://receiver.example:{receiver.port}/"
        answer = await called(url, by=sender(resolve=knowing("127.0.0.9", "127.0.0.1")))
    assert answer.status == 204


REFUSED: Final = ["169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "100.64.0.1", "0.0.0.0"]


@pytest.mark.parametrize("address", REFUSED)
async def test_a_name_that_leads_where_calls_may_not_go_is_not_called(address: str) -> None:
    async with receiving(TAKES) as receiver:
        url = f"http://receiver.example:{receiver.port}/"
        answer = await called(url, by=sender(resolve=knowing(address)))
    assert answer.status is None
    assert f"{ip_address(address)} may not be called" in answer.detail
    assert receiver.requests == []


async def test_of_a_names_addresses_those_that_may_not_be_called_are_left_out() -> None:
    async with receiving(TAKES) as receiver:
        url = f"http://receiver.example:{receiver.port}/"
        by = sender(
            guard=Guard(networks=(ip_network("127.0.0.1/32"),)),
            resolve=knowing("10.0.0.1", "127.0.0.2", "127.0.0.1"),
        )
        assert (await called(url, by=by)).status == 204


async def test_a_name_that_leads_elsewhere_the_second_time_is_judged_by_where_it_leads_then() -> (
    None
):
    answers = iter(["127.0.0.1", "169.254.169.254", "127.0.0.2"])

    async def rebinds(_host: str) -> Sequence[Address]:
        return [ip_address(next(answers))]

    guard = Guard(networks=(ip_network("127.0.0.1/32"),))
    async with receiving(TAKES) as receiver:
        by = sender(guard=guard, resolve=rebinds)
        url = f"http://receiver.example:{receiver.port}/"
        told = [await called(url, by=by) for _ in range(3)]
    assert [answer.status for answer in told] == [204, None, None]
    assert len(receiver.requests) == 1


async def test_a_name_is_asked_for_once_a_call_so_that_what_was_judged_is_what_is_called() -> None:
    asked = []

    async def resolve(host: str) -> Sequence[Address]:
        asked.append(host)
        return [ip_address("127.0.0.1")]

    async with receiving(TAKES) as receiver:
        await called(f"http://receiver.example:{receiver.port}/", by=sender(resolve=resolve))
    assert asked == ["receiver.example"]


async def test_a_server_for_others_calls_nobody_on_its_own_machine() -> None:
    async with receiving(TAKES) as receiver:
        answer = await called(receiver.url, by=sender(guard=Guard(is_own=False)))
    assert answer.status is None
    assert receiver.requests == []


async def test_a_server_does_not_call_itself() -> None:
    async with receiving(TAKES) as receiver:
        by = sender(guard=Guard(is_own=True, own_port=receiver.port))
        answer = await called(receiver.url, by=by)
    assert "does not call itself" in answer.detail
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://receiver.example/", "http:// or https://"),
        ("receiver.example", "http:// or https://"),
        ("http://", "http:// or https://"),
        ("http://user:word@receiver.example/", "a user or a password"),
        ("http://user@receiver.example/", "a user or a password"),
        ("http://receiver.example:99999/", "is no address"),
        ("http://[::1/", "is no address"),
        ("http://receiver.example/a b", "without blanks"),
        ("http://receiver.example/\r\nX: 1", "without blanks"),
        ("http://receiver.example/ü", "ASCII"),
        ("http://receiver.example/" + "x" * 2100, "longer than"),
        ("http://169.254.169.254/latest", "may not be called"),
        ("http://[::ffff:7f00:1]/", "may not be called"),
        ("http://10.0.0.1/", "--callback-network"),
        ("http://127.0.0.1/", "--callback-network"),
    ],
)
def test_an_address_that_can_be_known_to_be_wrong_is_refused_at_once(url: str, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why) as refused:
        sender(guard=Guard(is_own=False)).check(url, field="callbacks[0].url")
    assert refused.value.field == "callbacks[0].url"


@pytest.mark.parametrize("algorithm", ["hmac-sha-1", "hmac-sha-256"])
async def test_a_call_to_where_credentials_are_for_is_signed_at_once(algorithm: str) -> None:
    async with receiving(TAKES) as receiver:
        scope = f"http://127.0.0.1:{receiver.port}/elsewhere"
        one = ScopedCredentials.of(id="me", key="our secret", scope=scope, algorithm=algorithm)
        await called(receiver.url, by=sender(credentials=[one]))
    (request,) = receiver.requests
    verifier = MacVerifier([one.credentials], now=now)
    call = verifier.verify(request.headers, request.body, method="PUT", url=receiver.url)
    assert call.signed_by == "me"


async def test_credentials_for_another_port_or_host_are_kept_from_a_receiver() -> None:
    async with receiving(TAKES) as receiver:
        scopes = [f"http://127.0.0.1:{receiver.port + 1}/", f"http://127.0.0.2:{receiver.port}/"]
        others = [ScopedCredentials.of(id="me", key="our secret", scope=scope) for scope in scopes]
        await called(receiver.url, by=sender(credentials=others))
    assert "authorization" not in receiver.requests[0].headers


async def test_a_receiver_that_challenges_is_answered_with_a_fresh_signature() -> None:
    asked: list[str] = []

    async def challenges(request: Request, writer: asyncio.StreamWriter) -> None:
        """Believe the second request, as one who always challenges first does."""
        asked.append(request.headers["authorization"])
        challenge = head(401, "WWW-Authenticate: MAC", "Content-Length: 3") + b"who"
        writer.write(challenge if len(asked) == 1 else head(204))
        await writer.drain()
        writer.close()

    async with receiving(challenges) as receiver:
        one = ScopedCredentials.of(id="me", key="our secret", scope=receiver.url)
        answer = await called(receiver.url, by=sender(credentials=[one]))
    assert (answer.status, answer.detail) == (204, "")
    verifier = MacVerifier([one.credentials], now=now)
    for request in receiver.requests:
        verifier = MacVerifier([one.credentials], now=now)
        verifier.verify(request.headers, request.body, method="PUT", url=receiver.url)
    assert len(set(asked)) == 2
    with pytest.raises(Unauthenticated, match="came before"):
        verifier.verify(receiver.requests[0].headers, b"how it is", method="PUT", url=receiver.url)


async def test_a_receiver_that_goes_on_challenging_is_called_no_third_time() -> None:
    async with receiving(answering(head(401, "WWW-Authenticate: MAC"))) as receiver:
        one = ScopedCredentials.of(id="me", key="our secret", scope=receiver.url)
        assert (await called(receiver.url, by=sender(credentials=[one]))).status == 401
        assert len(receiver.requests) == 2
        assert (await called(receiver.url)).status == 401
        assert len(receiver.requests) == 3


@pytest.mark.parametrize(
    ("id", "key", "scope", "algorithm"),
    [
        ("", "k", "http://receiver.example/", "hmac-sha-1"),
        ("i", "", "http://receiver.example/", "hmac-sha-1"),
        ("i", "k", "receiver.example", "hmac-sha-1"),
        ("i", "k", "http://receiver.example/", "hmac-md5"),
    ],
)
def test_credentials_that_cannot_be_used_are_refused(
    id: str,  # noqa: A002
    key: str,
    scope: str,
    algorithm: str,
) -> None:
    with pytest.raises(InvalidRequest):
        ScopedCredentials.of(id=id, key=key, scope=scope, algorithm=algorithm)
