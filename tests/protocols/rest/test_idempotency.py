"""Idempotency-Key: a request that is sent again does not make a second job."""

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.core import Core
from headway.core.model.principal import Scope

pytestmark = pytest.mark.anyio
ECHO = {"command": ["/bin/echo", "hello"], "name": "n"}
KEY = {"Idempotency-Key": "k-1"}


async def test_the_same_key_and_body_give_the_same_job(client: httpx.AsyncClient) -> None:
    first = await client.post("/jobs", json=ECHO, headers=KEY)
    again = await client.post("/jobs", json=ECHO, headers=KEY)
    assert "idempotent-replayed" not in first.headers
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert again.headers["location"] == first.headers["location"]
    assert again.json() == first.json()
    assert len((await client.get("/jobs")).json()["jobs"]) == 1


async def test_the_order_of_keys_and_blanks_make_no_other_body(client: httpx.AsyncClient) -> None:
    bodies = [
        b'{"name":"n", "command":["a"]}',
        b'{ "command" : ["a"],\n"name":"n"}',
        b'\xef\xbb\xbf{"name":"\\u006e","command":["a"]}',
    ]
    headers = {**KEY, "content-type": "application/json"}
    answers = [await client.post("/jobs", content=raw, headers=headers) for raw in bodies]
    assert {answer.json()["number"] for answer in answers} == {1}


async def test_the_same_key_with_another_body_is_refused(client: httpx.AsyncClient) -> None:
    await client.post("/jobs", json=ECHO, headers=KEY)
    answer = await client.post("/jobs", json={**ECHO, "name": "m"}, headers=KEY)
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency-key-reused"


async def test_a_key_that_is_being_worked_on_is_told_to_wait(
    client: httpx.AsyncClient, core: Core
) -> None:
    core.in_flight.add(("alice", "k-1"))
    answer = await client.post("/jobs", json=ECHO, headers=KEY)
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "1")


async def test_a_key_is_its_callers_own(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    mine = await client.post("/jobs", json=ECHO, headers=KEY)
    token = {"Authorization": f"Bearer {await new_token('bob', Scope.RUN)}"}
    other = await stranger.post("/jobs", json=ECHO, headers={**KEY, **token})
    assert other.status_code == 201
    assert other.json()["id"] != mine.json()["id"]


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "k\u00e9"])
async def test_a_key_that_is_none_is_refused(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post("/jobs", json=ECHO, headers=[(b"idempotency-key", key.encode())])
    assert answer.status_code == 400
    assert answer.json()["field"] == "Idempotency-Key"
