"""What the client library asks for."""

import httpx
import pytest
from tests.protocols.moi.conftest import NewGroup, NewJob

pytestmark = pytest.mark.anyio


async def test_users_are_made_when_they_are_asked_for_by_post_only(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/moi-ws/users")).json() == {}
    made = (await client.post("/moi-ws/users", json={"user": "example"})).json()
    again = (await client.post("/moi-ws/users", json={"user": "example"})).json()
    assert made == again
    assert (await client.get("/moi-ws/users")).json() == {"example": made["id"]}


async def test_a_group_is_made_once(client: httpx.AsyncClient, new_user: NewGroup) -> None:
    user = await new_user("example")
    body = {"id": "no-user", "name": "first", "parent": user.id, "url": "/group"}
    made = (await client.post("/moi-ws/groups", json=body)).json()
    again = (await client.post("/moi-ws/groups", json=body | {"name": "second"})).json()
    assert made == again
    assert (made["id"], made["name"], made["parent"], made["url"]) == (
        "no-user",
        "first",
        user.id,
        "/group",
    )
    assert (await client.get("/moi-ws/info", params={"id": "no-user"})).json() == made


async def test_all_below_a_group_is_told_once(
    client: httpx.AsyncClient, new_user: NewGroup, new_group: NewGroup, new_job: NewJob
) -> None:
    user = await new_user("example")
    group = await new_group(user.id)
    job = await new_job(group.id, user.id)
    nodes = (await client.get("/moi-ws/nodes", params={"id": user.id})).json()
    assert sorted(node["id"] for node in nodes) == sorted([group.id, job.id])
    info = (await client.get("/moi-ws/info", params={"id": job.id})).json()
    assert info["id"] == job.id


@pytest.mark.parametrize("path", ["/moi-ws/info", "/moi-ws/nodes"])
async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path, params={"id": "nothing"})).status_code == 404
    assert (await client.get(path)).status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/moi-ws/users", {}),
        ("/moi-ws/users", {"user": 7}),
        ("/moi-ws/users", {"user": "a", "more": 1}),
        ("/moi-ws/groups", {"name": "g", "url": "javascript:alert(1)"}),
        ("/moi-ws/groups", {"name": ""}),
    ],
)
async def test_a_body_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, path: str, body: dict[str, object]
) -> None:
    assert (await client.post(path, json=body)).status_code == 400


async def test_other_methods_and_paths_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.delete("/moi-ws/users")).status_code == 405
    assert (await client.get("/moi-ws/nowhere")).status_code == 404
    assert (await client.get("/moi-ws/contexts")).json() == {}


async def test_the_list_for_pages_is_a_script(client: httpx.AsyncClient) -> None:
    answer = await client.get("/moi-ws/headway-list.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "customElements.define" in answer.text
    assert "innerHTML" not in answer.text
