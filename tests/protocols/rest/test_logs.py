"""GET /jobs/{id}/log/{stream}: bytes as they are, whole, in parts, from the end, and as they come."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from tests.protocols.rest.conftest import OwnUser

from headway.core.core import Core
from headway.core.model.change import Change
from headway.core.model.names import JobId, Tag
from headway.core.model.principal import SYSTEM, Scope
from headway.core.model.state import Reason, State
from headway.core.operations.tokens import create_token, revoke_token
from headway.core.ports.executor import Stream
from headway.lib.asgi import ASGIApp, Message
from headway.protocols.http.connection import CONNECTION, STOPPING
from headway.protocols.rest.logs import PIECE_BYTES, TAIL_WINDOW_BYTES
from headway.testing.fakes import NOON, FakeExecutor

pytestmark = pytest.mark.anyio
Dispatched = Callable[[str], Awaitable[Tag]]
LOG = b"one\ntwo\n\xff\x00three\nfour"


@pytest.fixture
async def job(client: httpx.AsyncClient, dispatched: Dispatched) -> str:
    job_id = str((await client.post("/jobs", json={"command": ["true"]})).json()["id"])
    await dispatched(job_id)
    return job_id


@pytest.fixture
def write(executor: FakeExecutor, job: str) -> Callable[[bytes], None]:
    def append(data: bytes) -> None:
        key = (Tag(f"{job}.1"), Stream.STDOUT)
        executor.logs[key] = executor.logs.get(key, b"") + data

    return append


Write = Callable[[bytes], None]


async def test_a_log_comes_as_the_bytes_that_it_is(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(LOG)
    answer = await client.get(f"/jobs/{job}/log/stdout")
    assert (answer.status_code, answer.content) == (200, LOG)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(len(LOG))


async def test_a_log_that_is_still_empty_is_empty(client: httpx.AsyncClient, job: str) -> None:
    answer = await client.get("/jobs/1/log/stderr")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_a_large_log_comes_whole(client: httpx.AsyncClient, write: Write, job: str) -> None:
    large = bytes(range(256)) * (PIECE_BYTES // 100)
    write(large)
    assert (await client.get(f"/jobs/{job}/log/stdout")).content == large


async def test_head_tells_the_size_and_sends_nothing(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(LOG)
    answer = await client.head(f"/jobs/{job}/log/stdout")
    assert (answer.content, answer.headers["content-length"]) == (b"", str(len(LOG)))
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=4-6", 4, 7),
        ("bytes=4-", 4, len(LOG)),
        ("bytes=-4", len(LOG) - 4, len(LOG)),
        ("bytes=-9999", 0, len(LOG)),
        ("bytes=2-9999", 2, len(LOG)),
    ],
)
async def test_a_part_is_answered_as_a_part(
    client: httpx.AsyncClient, write: Write, job: str, wanted: str, start: int, end: int
) -> None:
    write(LOG)
    answer = await client.get(f"/jobs/{job}/log/stdout", headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (206, LOG[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(LOG)}"


@pytest.mark.parametrize("wanted", ["bytes=9999-", "bytes=9999-10000", "bytes=-0"])
async def test_a_part_past_the_end_cannot_be_had(
    client: httpx.AsyncClient, write: Write, job: str, wanted: str
) -> None:
    write(LOG)
    answer = await client.get(f"/jobs/{job}/log/stdout", headers={"Range": wanted})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(LOG)}"


@pytest.mark.parametrize("wanted", ["lines=1-2", "bytes=5-2", "bytes=0-1,4-5", "bytes=", "x"])
async def test_a_range_that_is_not_for_us_is_passed_over(
    client: httpx.AsyncClient, write: Write, job: str, wanted: str
) -> None:
    write(LOG)
    answer = await client.get(f"/jobs/{job}/log/stdout", headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (200, LOG)


@pytest.mark.parametrize(
    ("tail", "start"),
    [("4", len(LOG) - 4), ("9999", 0), ("0", len(LOG)), ("1l", 16), ("2l", 8), ("9l", 0)],
)
async def test_the_tail_is_bytes_or_lines(
    client: httpx.AsyncClient, write: Write, job: str, tail: str, start: int
) -> None:
    write(LOG)
    answer = await client.get(f"/jobs/{job}/log/stdout?tail={tail}")
    assert (answer.status_code, answer.content) == (200, LOG[start:])


async def test_a_newline_at_the_end_begins_no_line(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"one\ntwo\n")
    assert (await client.get(f"/jobs/{job}/log/stdout?tail=1l")).content == b"two\n"


async def test_lines_are_found_across_pieces(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    line = b"x" * (PIECE_BYTES - 1) + b"\n"
    write(line * 3)
    assert (await client.get(f"/jobs/{job}/log/stdout?tail=2l")).content == line * 2


async def test_a_line_that_is_too_long_is_looked_for_in_vain(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"\n" + b"x" * (TAIL_WINDOW_BYTES + 10))
    answer = await client.get(f"/jobs/{job}/log/stdout?tail=5l")
    assert len(answer.content) == TAIL_WINDOW_BYTES


@pytest.mark.parametrize("tail", ["-1", "l", "5x", "100001l", "1e3", "", "9" * 30])
async def test_a_tail_that_is_none_is_refused(
    client: httpx.AsyncClient, job: str, tail: str
) -> None:
    answer = await client.get(f"/jobs/{job}/log/stdout?tail={tail}")
    assert (answer.status_code, answer.json()["field"]) == (400, "tail")


async def test_a_job_without_a_log_says_why(client: httpx.AsyncClient) -> None:
    await client.post("/jobs", json={"kind": "report"})
    await client.post("/jobs", json={"command": ["true"]})
    reports = await client.get("/jobs/1/log/stdout")
    assert (reports.status_code, "has no log here" in reports.text) == (404, True)
    waits = await client.get("/jobs/2/log/stdout")
    assert (waits.status_code, "is accepted" in waits.text) == (404, True)
    assert (await client.get("/jobs/2/log/stdin")).status_code == 404
    assert (await client.get("/jobs/2/log/stdout?attempt=2")).status_code == 404


async def test_a_job_that_ended_before_it_began_has_written_nothing(
    client: httpx.AsyncClient, core: Core
) -> None:
    made = (await client.post("/jobs", json={"command": ["true"]})).json()
    waiting = await core.store.job(JobId(made["id"]))
    over = waiting.moved_to(State.CANCELLED, at=NOON, reason=Reason.BY_USER)
    await core.store.write(Change(jobs=(over,)))
    for query in ("", "?tail=5l", "?follow=1"):
        answer = await client.get(f"/jobs/1/log/stdout{query}")
        assert (answer.status_code, answer.content) == (200, b"")


async def ends(core: Core, job: str) -> None:
    running = (await core.store.job(JobId(job))).moved_to(State.SUCCEEDED, at=NOON)
    await core.store.write(Change(jobs=(running,)))


class Following:
    """A client that takes an answer piece by piece."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[Message] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.stopping = asyncio.Event()
        self._asked = False

    async def receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.came.put(dict(message))

    async def next(self) -> Message:
        return await asyncio.wait_for(self.came.get(), 60)


@asynccontextmanager
async def following(
    app: ASGIApp, path: str, query: bytes, *, headers: Sequence[tuple[bytes, bytes]] = ()
) -> AsyncIterator[Following]:
    client = Following()
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query,
        "headers": headers,
        "scheme": "http",
        "state": {CONNECTION: OwnUser(), STOPPING: client.stopping},
    }
    serving = asyncio.ensure_future(app(scope, client.receive, client.send))
    try:
        yield client
        await asyncio.wait_for(serving, 60)
    finally:
        serving.cancel()


async def test_a_log_is_followed_to_the_jobs_end(
    app: ASGIApp, core: Core, write: Write, job: str
) -> None:
    write(b"one\n")
    async with following(app, f"/api/v1/jobs/{job}/log/stdout", b"follow=1") as client:
        assert (await client.next())["status"] == 200
        assert (await client.next())["body"] == b"one\n"
        write(b"two\n")
        assert (await client.next())["body"] == b"two\n"
        write(b"three\n")
        await ends(core, job)
        assert (await client.next())["body"] == b"three\n"
        assert (await client.next()) == {"type": "http.response.body", "body": b""}


async def test_a_log_is_followed_no_longer_than_its_token_is_good(
    app: ASGIApp, core: Core, write: Write, job: str
) -> None:
    made = await create_token(core, actor=SYSTEM, user="bob", scopes=frozenset({Scope.ADMIN}))
    bearer = ((b"authorization", f"Bearer {made.secret}".encode()),)
    write(b"one\n")
    path = f"/api/v1/jobs/{job}/log/stdout"
    async with following(app, path, b"follow=1", headers=bearer) as client:
        assert (await client.next())["status"] == 200
        assert (await client.next())["body"] == b"one\n"
        await revoke_token(core, actor=SYSTEM, token_id=made.token.id)
        assert (await client.next()) == {"type": "http.response.body", "body": b""}


async def test_a_log_is_followed_from_its_tail(
    app: ASGIApp, core: Core, write: Write, job: str
) -> None:
    write(b"one\ntwo\n")
    await ends(core, job)
    async with following(app, f"/api/v1/jobs/{job}/log/stdout", b"follow=1&tail=1l") as client:
        await client.next()
        assert (await client.next())["body"] == b"two\n"


@pytest.mark.parametrize(
    ("query", "asked", "offset", "rest"),
    [
        (b"follow=1", b"bytes=4-", b"4", b"two\n"),
        (b"follow=1", b"bytes=-2", b"6", b"o\n"),
        (b"follow=1&tail=1l", None, b"4", b"two\n"),
        (b"follow=1", b"lines=1-", b"0", b"one\ntwo\n"),
    ],
)
async def test_a_log_is_followed_from_where_it_is_wanted_and_says_where_it_begins(
    app: ASGIApp,
    core: Core,
    write: Write,
    job: str,
    query: bytes,
    asked: bytes | None,
    offset: bytes,
    rest: bytes,
) -> None:
    write(b"one\ntwo\n")
    await ends(core, job)
    headers = () if asked is None else ((b"range", asked),)
    path = f"/api/v1/jobs/{job}/log/stdout"
    async with following(app, path, query, headers=headers) as client:
        begun = await client.next()
        assert begun["status"] == 200
        assert (b"headway-log-offset", offset) in begun["headers"]
        assert (await client.next())["body"] == rest


async def test_following_from_beyond_the_end_begins_at_the_end(
    app: ASGIApp, core: Core, write: Write, job: str
) -> None:
    write(b"one\n")
    path = f"/api/v1/jobs/{job}/log/stdout"
    async with following(app, path, b"follow=1", headers=((b"range", b"bytes=99-"),)) as client:
        assert (b"headway-log-offset", b"4") in (await client.next())["headers"]
        write(b"two\n")
        assert (await client.next())["body"] == b"two\n"
        await ends(core, job)


async def test_a_tail_says_where_it_begins(
    client: httpx.AsyncClient, write: Write, job: str
) -> None:
    write(b"one\ntwo\n")
    answer = await client.get(f"/jobs/{job}/log/stdout?tail=1l")
    assert (answer.headers["headway-log-offset"], answer.content) == ("4", b"two\n")


async def test_a_job_that_was_not_sent_yet_can_be_followed(
    app: ASGIApp, client: httpx.AsyncClient, executor: FakeExecutor, dispatched: Dispatched
) -> None:
    job = str((await client.post("/jobs", json={"command": ["true"]})).json()["id"])
    async with following(app, f"/api/v1/jobs/{job}/log/stdout", b"follow") as follower:
        assert (await follower.next())["status"] == 200
        executor.logs[(await dispatched(job), Stream.STDOUT)] = b"at last"
        assert (await follower.next())["body"] == b"at last"
        follower.gone.set()


async def test_a_client_that_goes_away_ends_the_following(
    app: ASGIApp, write: Write, job: str
) -> None:
    write(b"one")
    async with following(app, f"/api/v1/jobs/{job}/log/stdout", b"follow=1") as client:
        await client.next()
        client.gone.set()


async def test_a_server_that_stops_ends_the_following(app: ASGIApp, write: Write, job: str) -> None:
    write(b"one")
    async with following(app, f"/api/v1/jobs/{job}/log/stdout", b"follow=1") as client:
        await client.next()
        client.stopping.set()
