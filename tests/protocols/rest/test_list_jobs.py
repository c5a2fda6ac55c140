"""GET /jobs: filters, pages, and parameters that cannot be used."""

from typing import Any

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.model.principal import Scope
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio


async def submit(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/jobs", json={"command": ["true"], **body})
    document: dict[str, Any] = answer.json()
    return document


async def names(client: httpx.AsyncClient, query: str) -> list[str]:
    answer = await client.get(f"/jobs?{query}")
    assert answer.status_code == 200, answer.text
    return [job["name"] for job in answer.json()["jobs"]]


async def test_a_page_goes_on_where_the_one_before_ended(client: httpx.AsyncClient) -> None:
    for no in range(5):
        await submit(client, name=f"n{no}")
    first = (await client.get("/jobs?limit=2")).json()
    second = (await client.get("/jobs", params={"limit": 2, "cursor": first["next"]})).json()
    third = (await client.get("/jobs", params={"limit": 2, "cursor": second["next"]})).json()
    seen = [job["name"] for page in (first, second, third) for job in page["jobs"]]
    assert seen == ["n4", "n3", "n2", "n1", "n0"]
    assert third["next"] is None


async def test_a_full_last_page_has_no_next(client: httpx.AsyncClient) -> None:
    await submit(client)
    await submit(client)
    assert (await client.get("/jobs?limit=2")).json()["next"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=accepted", ["c", "b", "a"]),
        ("state=accepted&state=failed", ["c", "b", "a"]),
        ("state=failed", []),
        ("label=x", ["b", "a"]),
        ("label=x&label=y", ["b"]),
        ("name=c", ["c"]),
        ("owner=alice", ["c", "b", "a"]),
        ("owner=bob", []),
        ("cluster=local", ["c", "b", "a"]),
        ("text=Y", ["b"]),
        ("since=2026-01-01T12:00:30Z", ["c"]),
        ("since=2026-01-01T13:00:30%2B01:00", ["c"]),
        ("since=2026-01-01T13:00:30+01:00", ["c"]),
        ("since=0001-01-01T00:00:00%2B23:59", ["c", "b", "a"]),
        ("since=9999-12-31T23:59:59-23:59", []),
    ],
)
async def test_a_filter_finds_what_it_says(
    client: httpx.AsyncClient, clock: FakeClock, query: str, found: list[str]
) -> None:
    await submit(client, name="a", labels=["x"])
    await submit(client, name="b", labels=["x", "y"])
    clock.advance(seconds=60)
    await submit(client, name="c")
    assert await names(client, query) == found


async def test_children_are_listed_below_their_parent(client: httpx.AsyncClient) -> None:
    parent = await submit(client, name="parent")
    await submit(client, name="child", parent=parent["id"])
    assert await names(client, "") == ["parent"]
    assert await names(client, f"parent={parent['id']}") == ["child"]
    assert await names(client, f"parent={parent['number']}") == ["child"]


async def test_a_hidden_job_is_listed_when_asked_for(client: httpx.AsyncClient) -> None:
    await submit(client, name="a")
    assert (await client.post("/jobs/1/hide")).status_code == 200
    assert await names(client, "") == []
    assert await names(client, "hidden=1") == ["a"]
    assert (await client.post("/jobs/1/unhide")).json()["hidden"] is None
    assert await names(client, "") == ["a"]


async def test_others_jobs_are_not_listed(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    await submit(client, name="a")
    stranger.headers["Authorization"] = f"Bearer {await new_token('bob', Scope.READ)}"
    assert await names(stranger, "") == []
    assert (await stranger.get("/jobs/1")).status_code == 404


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("limit=0", "limit", "from 1 to 1000"),
        ("limit=1001", "limit", "from 1 to 1000"),
        ("limit=-1", "limit", "from 1 to 1000"),
        ("limit=ten", "limit", "a whole number"),
        ("limit=", "limit", "a whole number"),
        ("limit=1&limit=2", "limit", "2 times"),
        ("limit=99999999999999999999", "limit", "from 1"),
        ("state=done", "state[0]", "one of accepted, queued, running"),
        ("stat=failed", "stat", "did you mean state?"),
        ("since=yesterday", "since", "a time with its zone"),
        ("since=2026-01-01T12:00:00", "since", "zone"),
        ("hidden=maybe", "hidden", "true or false"),
        ("name=", "name", "1 to 1000 characters"),
        ("name=a%00b", "name", "NUL"),
        ("label=" + "a" * 201, "label[0]", "1 to 200 characters"),
        ("name=" + "a" * 1001, "name", "1 to 1000 characters"),
        ("cursor=nonsense", "cursor", "'next' of the page before"),
        ("cursor=%F0%9F", "query", "UTF-8"),
        ("text=" + "a" * 9000, "text", "at most"),
    ],
)
async def test_a_parameter_that_cannot_be_used_is_named(
    client: httpx.AsyncClient, query: str, field: str, words: str
) -> None:
    answer = await client.get(f"/jobs?{query}")
    problem = answer.json()
    assert answer.status_code == 400
    assert problem["field"] == field
    assert words in problem["detail"]
