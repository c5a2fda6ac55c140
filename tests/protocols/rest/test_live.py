"""GET /events and the websocket /events/ws: what changes, told as it changes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken, OwnUser

from headway.core.model.principal import Scope
from headway.lib.asgi import ASGIApp, Message
from headway.protocols.http.connection import CONNECTION, STOPPING

pytestmark = pytest.mark.anyio


class Watcher:
    """A client of a stream, taking frames as they come."""

    def __init__(self, kind: str) -> None:
        self.came: asyncio.Queue[Message] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._first = {"type": "http.request"} if kind == "http" else {"type": "websocket.connect"}
        self._last = f"{kind}.disconnect"
        self._pending: Message = {}

    async def receive(self) -> Message:
        if self._first:
            first, self._first = self._first, {}
            return dict(first)
        await self._gone.wait()
        return {"type": self._last}

    async def send(self, message: Message) -> None:
        await self.came.put(dict(message))

    async def next(self) -> Message:
        return await asyncio.wait_for(self.came.get(), 60)

    async def frame(self) -> tuple[int, list[dict[str, Any]]]:
        """Give the next frame that tells something."""
        while True:
            message, self._pending = self._pending or await self.next(), {}
            if "text" in message:
                seq, changes = json.loads(message["text"])
            else:
                lines = message["body"].decode().strip().split("\n")
                told = dict(line.split(": ", 1) for line in lines)
                seq, changes = int(told["id"]), json.loads(told["data"])
            if changes:
                return seq, changes

    async def begins(self) -> None:
        """Wait until the stream has told where it is; what it told stays to be taken."""
        assert (await self.next()).get("status", 200) == 200
        if self._last == "http.disconnect":
            assert (await self.next())["body"] == b"retry: 2000\n\n"
        self._pending = await self.next()

    def leave(self) -> None:
        self._gone.set()


@asynccontextmanager
async def watching(
    app: ASGIApp, kind: str, query: str = "", headers: tuple[tuple[bytes, bytes], ...] = ()
) -> AsyncIterator[Watcher]:
    watcher = Watcher(kind)
    scope: dict[str, Any] = {
        "type": kind,
        "path": "/api/v1/events" if kind == "http" else "/api/v1/events/ws",
        "query_string": query.encode(),
        "headers": list(headers),
        "scheme": "http",
        "state": {CONNECTION: OwnUser(), STOPPING: asyncio.Event()},
    }
    if kind == "http":
        scope["method"] = "GET"
    serving = asyncio.ensure_future(app(scope, watcher.receive, watcher.send))
    try:
        await watcher.begins()
        yield watcher
        watcher.leave()
        await asyncio.wait_for(serving, 60)
    finally:
        serving.cancel()


async def submit(client: httpx.AsyncClient, **body: Any) -> str:
    answer = await client.post("/jobs", json={"kind": "report", **body})
    return str(answer.json()["id"])


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_a_new_job_is_told(app: ASGIApp, client: httpx.AsyncClient, kind: str) -> None:
    async with watching(app, kind) as watcher:
        job = await submit(client, name="new")
        seq, changes = await watcher.frame()
    told = {change["type"]: change for change in changes}
    assert told["job"]["job"]["id"] == job
    assert told["job"]["job"] == (await client.get("/jobs")).json()["jobs"][0]
    assert (told["event"]["event"]["type"], seq) == ("job.accepted", 1)


async def test_progress_and_counters_are_told(app: ASGIApp, client: httpx.AsyncClient) -> None:
    job = await submit(client)
    async with watching(app, "websocket") as watcher:
        await client.put(f"/jobs/{job}/workers/w", json={"current": 1, "total": 4})
        _, changes = await watcher.frame()
        told = {change["type"]: change for change in changes}
        assert told["worker"]["worker"]["fraction"] == 0.25
        assert told["job"]["job"]["progress"] == 0.25
        await client.patch(f"/jobs/{job}/counters", json={"files": 7})
        _, changes = await watcher.frame()
    counters = next(change for change in changes if change["type"] == "counters")
    assert (counters["job"], counters["counters"][0]["value"]) == (job, 7)


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_what_was_missed_is_told_first(
    app: ASGIApp, client: httpx.AsyncClient, kind: str
) -> None:
    await submit(client, name="known")
    await submit(client, name="missed")
    async with watching(app, kind, "after=1") as watcher:
        _, changes = await watcher.frame()
    names = [change["job"]["name"] for change in changes if change["type"] == "job"]
    assert names == ["missed"]


async def test_the_last_event_id_wins(app: ASGIApp, client: httpx.AsyncClient) -> None:
    await submit(client, name="known")
    await submit(client, name="missed")
    headers = ((b"last-event-id", b"1"),)
    async with watching(app, "http", "after=0", headers) as watcher:
        _, changes = await watcher.frame()
    assert [c["job"]["name"] for c in changes if c["type"] == "job"] == ["missed"]


async def asked_once(client: httpx.AsyncClient, query: str) -> tuple[int, list[dict[str, Any]]]:
    answer = await client.get(f"/events?once=true&{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    told = dict(line.split(": ", 1) for line in answer.text.strip().split("\n"))
    return int(told["id"]), json.loads(told["data"])


async def test_asked_once_it_tells_what_was_missed_and_ends(client: httpx.AsyncClient) -> None:
    seq, changes = await asked_once(client, "q=state:accepted")
    assert changes == []
    job = await submit(client, name="new")
    seq, changes = await asked_once(client, f"q=state:accepted&after={seq}")
    assert [c["job"]["name"] for c in changes if c["type"] == "job"] == ["new"]
    assert (await client.post(f"/jobs/{job}/finish", json={})).status_code == 200
    seq, changes = await asked_once(client, f"q=state:accepted&after={seq}")
    assert changes == [{"type": "gone", "id": job}]
    assert await asked_once(client, f"q=state:accepted&after={seq}") == (seq, [])


async def test_asked_once_the_last_event_id_wins(client: httpx.AsyncClient) -> None:
    await submit(client, name="known")
    await submit(client, name="missed")
    answer = await client.get("/events?once=true&after=0", headers={"Last-Event-ID": "1"})
    assert ("missed" in answer.text, "known" in answer.text) == (True, False)


async def test_asked_once_what_makes_no_sense_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/events?once=maybe")).status_code == 400
    assert (await client.get("/events?once=true&job=7")).status_code == 404


@pytest.mark.parametrize("query", ["label=x", "owner=alice&label=x", "job=1"])
async def test_only_what_is_asked_for_is_told(
    app: ASGIApp, client: httpx.AsyncClient, query: str
) -> None:
    await submit(client, name="wanted", labels=["x"])
    async with watching(app, "websocket", query) as watcher:
        await submit(client, name="other")
        await client.put("/jobs/1/status-text", json={"text": "on"})
        _, changes = await watcher.frame()
    assert {c["job"]["name"] for c in changes if c["type"] == "job"} == {"wanted"}


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("after=-1", 400, "after"),
        ("after=x", 400, "after"),
        ("jobs=1", 400, "jobs"),
        ("job=7", 404, None),
    ],
)
async def test_a_stream_that_cannot_be_is_refused(
    client: httpx.AsyncClient, query: str, status: int, field: str | None
) -> None:
    answer = await client.get(f"/events?{query}")
    assert (answer.status_code, answer.json().get("field")) == (status, field)


async def test_others_jobs_are_not_told(
    app: ASGIApp, client: httpx.AsyncClient, stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    token = await new_token("bob", Scope.RUN, Scope.READ)
    headers = ((b"authorization", f"Bearer {token}".encode()),)
    async with watching(app, "websocket", "", headers) as watcher:
        await submit(client, name="alice's")
        stranger.headers["Authorization"] = f"Bearer {token}"
        await submit(stranger, name="bob's")
        _, changes = await watcher.frame()
    assert {c["job"]["name"] for c in changes if c["type"] == "job"} == {"bob's"}


async def test_who_is_not_known_watches_nothing(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/events")).status_code == 401


async def test_head_of_a_stream_ends(client: httpx.AsyncClient) -> None:
    answer = await client.head("/events")
    assert answer.headers["content-type"].startswith("text/event-stream")


async def test_a_list_is_told_of_its_jobs_and_when_one_is_not_among_them_any_more(
    app: ASGIApp, client: httpx.AsyncClient
) -> None:
    group = await submit(client, name="group")
    async with watching(app, "websocket", "q=state%3Aactive") as watcher:
        await submit(client, name="part", parent=group)
        _, changes = await watcher.frame()
        assert [c["job"]["name"] for c in changes if c["type"] == "job"] == ["group"]
        await client.post(f"/jobs/{group}/finish", json={})
        _, changes = await watcher.frame()
    assert [c["type"] for c in changes if c["type"] in {"job", "gone"}] == ["job", "gone"]
    assert changes[-1] == {"type": "gone", "id": group}


async def test_a_stream_of_a_query_that_cannot_be_understood_is_refused(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/events?q=stat%3Afailed")
    assert (answer.status_code, answer.json()["field"]) == (400, "q")
