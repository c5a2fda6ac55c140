"""Tokens, and who is asking."""

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.model.principal import Scope
from headway.testing.fakes import FakeClock

pytestmark = pytest.mark.anyio


async def test_a_token_is_shown_once(client: httpx.AsyncClient) -> None:
    made = await client.post("/tokens", json={"user": "bob", "scopes": ["read"], "note": "laptop"})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    secret = made.json()["token"]
    listed = await client.get("/tokens")
    assert secret.startswith("hw_")
    assert secret not in listed.text
    assert listed.json()["tokens"] == [
        {key: value for key, value in made.json().items() if key != "token"}
    ]


async def test_a_token_says_who_its_bearer_is(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await client.post("/tokens", json={"user": "bob", "scopes": ["run"]})
    stranger.headers["Authorization"] = f"Bearer {made.json()['token']}"
    assert (await stranger.get("/whoami")).json() == {
        "name": "bob",
        "scopes": ["read", "report", "run"],
        "job": None,
        "via": "token",
    }


async def test_a_token_is_the_callers_own_unless_a_user_is_named(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.post("/tokens", json={"scopes": ["read"]})).json()["user"] == "alice"


async def test_a_token_that_was_ended_works_no_more(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = (await client.post("/tokens", json={"scopes": ["read"]})).json()
    stranger.headers["Authorization"] = f"Bearer {made['token']}"
    assert (await stranger.get("/whoami")).status_code == 200
    ended = await client.delete(f"/tokens/{made['id']}")
    assert ended.json()["revoked"] == "2026-01-01T12:00:00Z"
    assert (await stranger.get("/whoami")).status_code == 401
    assert (await client.delete("/tokens/nobody")).status_code == 404


async def test_a_token_expires(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, clock: FakeClock
) -> None:
    made = await client.post("/tokens", json={"scopes": ["read"], "expires_in_s": 60})
    assert made.json()["expires"] == "2026-01-01T12:01:00Z"
    stranger.headers["Authorization"] = f"Bearer {made.json()['token']}"
    clock.advance(seconds=61)
    assert (await stranger.get("/whoami")).status_code == 401


async def test_only_an_admin_makes_tokens(stranger: httpx.AsyncClient, new_token: NewToken) -> None:
    stranger.headers["Authorization"] = f"Bearer {await new_token('bob', Scope.RUN)}"
    assert (await stranger.post("/tokens", json={"scopes": ["read"]})).status_code == 403
    assert (await stranger.get("/tokens")).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes[0]"),
        ({"scopes": ["read"], "user": "a b"}, "user"),
        ({"scopes": ["read"], "expires_in_s": 0}, "expires_in_s"),
        ({"scopes": ["read"], "expires": "never"}, "expires"),
    ],
)
async def test_a_token_that_cannot_be_made_is_refused(
    client: httpx.AsyncClient, body: dict[str, object], field: str
) -> None:
    answer = await client.post("/tokens", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
