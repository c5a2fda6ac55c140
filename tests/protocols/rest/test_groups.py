"""Groups over the native protocol."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from headway.core.model import group
from headway.core.model.principal import Scope

pytestmark = pytest.mark.anyio


async def made(client: httpx.AsyncClient, name: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/groups", json={"name": name, "id": name, **fields})
    assert answer.status_code in {200, 201}, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def job_in(client: httpx.AsyncClient, *groups: str, **fields: Any) -> dict[str, Any]:
    body = {"kind": "report", "groups": groups, **fields}
    answer = await client.post("/jobs", json=body)
    assert answer.status_code == 201, answer.text
    job: dict[str, Any] = answer.json()
    return job


async def test_a_new_group_has_its_place_and_its_documents_links_work(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/groups", json={"name": "Night fits", "id": "n/1 ä", "url": "/x"})
    assert answer.status_code == 201
    group = answer.json()
    assert (group["id"], group["name"], group["url"]) == ("n/1 ä", "Night fits", "/x")
    assert answer.headers["location"] == group["links"]["self"]
    await job_in(client, "Night fits", name="a")
    read = (await client.get(group["links"]["self"])).json()
    assert read["states"] == {"accepted": 1}
    members = (await client.get(group["links"]["members"])).json()["members"]
    assert [(one["kind"], one["job"]["name"]) for one in members] == [("job", "a")]
    jobs = (await client.get(group["links"]["jobs"])).json()["jobs"]
    assert [job["name"] for job in jobs] == ["a"]
    tree = (await client.get(group["links"]["tree"], params={"jobs": "true"})).json()
    assert [place["id"] for place in tree["places"]] == [tree["jobs"][0]["id"]]


async def test_the_same_group_made_again_is_answered_as_it_is(client: httpx.AsyncClient) -> None:
    first = await made(client, "a")
    answer = await client.post("/groups", json={"name": "other", "id": "a"})
    assert (answer.status_code, answer.json()) == (200, first)


async def test_lists_come_in_pages(client: httpx.AsyncClient) -> None:
    for name in "abc":
        await made(client, name)
    page = (await client.get("/groups", params={"limit": 3})).json()
    assert [group["name"] for group in page["groups"]] == ["alice", "a", "b"]
    rest = (await client.get("/groups", params={"cursor": page["next"]})).json()
    assert ([group["name"] for group in rest["groups"]], rest["next"]) == (["c"], None)
    members = (await client.get("/groups/alice/members", params={"limit": 2})).json()
    assert [one["group"]["id"] for one in members["members"]] == ["a", "b"]
    after = {"cursor": members["next"]}
    last = (await client.get("/groups/alice/members", params=after)).json()
    assert [one["group"]["id"] for one in last["members"]] == ["c"]
    for path in ("/groups", "/groups/a/members"):
        assert (await client.get(path, params={"cursor": "bTA"})).status_code == 400


async def test_members_are_added_and_removed(client: httpx.AsyncClient) -> None:
    await made(client, "top")
    await made(client, "low")
    job = await job_in(client)
    body = {"jobs": [str(job["number"]), job["id"]], "groups": ["low"]}
    added = (await client.post("/groups/top/members", json=body)).json()["added"]
    assert [(one["kind"], one["id"]) for one in added] == [("group", "low"), ("job", job["id"])]
    assert (await client.post("/groups/top/members", json=body)).json() == {"added": []}
    of_job = (await client.get("/groups", params={"job": job["number"]})).json()["groups"]
    of_group = (await client.get("/groups", params={"group": "low"})).json()["groups"]
    assert [group["id"] for group in of_job] == ["top"]
    assert {"alice", "top"} == {group["name"] for group in of_group}
    for member in (job["id"], "low"):
        assert (await client.delete(f"/groups/top/members/{member}")).status_code == 204
        assert (await client.delete(f"/groups/top/members/{member}")).status_code == 404
    assert (await client.get("/groups/top/members")).json()["members"] == []


async def test_members_and_places_of_one_kind_are_given_where_no_others_are_wanted(
    client: httpx.AsyncClient,
) -> None:
    await made(client, "top")
    await job_in(client, "top", name="a")
    await made(client, "low", parent="top")
    for kind, length in (("job", 1), ("group", 1), (None, 2)):
        params = {} if kind is None else {"kind": kind}
        members = (await client.get("/groups/top/members", params=params)).json()["members"]
        assert len(members) == length
        assert {one["kind"] for one in members} <= {kind, "job", "group"}
    tree = (await client.get("/groups/top/tree", params={"groups_only": "1", "limit": 1})).json()
    assert [place["id"] for place in tree["places"]] == ["low"]
    assert (tree["is_whole"], tree["jobs"]) == (True, [])


async def test_a_circle_is_refused_with_its_way(client: httpx.AsyncClient) -> None:
    await made(client, "a")
    await made(client, "b", parent="a")
    answer = await client.post("/groups/b/members", json={"groups": ["a"]})
    assert answer.status_code == 409
    assert "(a > b > a)" in answer.json()["detail"]


async def test_a_group_too_deep_is_refused_with_the_limit(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "DEEPEST", 3)
    await made(client, "a")
    await made(client, "b", parent="a")
    for path, body in (
        ("/groups", {"name": "c", "parent": "b"}),
        ("/groups/b/members", {"groups": [(await made(client, "d"))["id"]]}),
    ):
        answer = await client.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert "4 levels deep, and 3 is the limit" in answer.json()["detail"]
    assert (await client.get("/groups/c")).status_code == 404


async def test_a_path_finds_a_group_or_a_job(client: httpx.AsyncClient) -> None:
    await made(client, "a")
    await made(client, "b", parent="a")
    job = await job_in(client, "a:b", name="fit")
    found = (await client.get("/groups", params={"path": "alice:a:b"})).json()
    assert ([group["id"] for group in found["groups"]], "job" in found) == (["b"], False)
    found = (await client.get("/groups", params={"path": "a:b:fit"})).json()
    assert (found["groups"], found["job"]["id"]) == ([], job["id"])
    assert (await client.get("/groups", params={"path": "a:x"})).status_code == 404


async def test_jobs_are_listed_by_group_however_they_are_asked_for(
    client: httpx.AsyncClient,
) -> None:
    await made(client, "top")
    await made(client, "low", parent="top")
    for name, groups in (("in", ["low"]), ("twice", ["low", "top"]), ("out", [])):
        await job_in(client, *groups, name=name)
    for params, names in (
        ({"group": "top"}, ["twice", "in"]),
        ({"q": "group:top"}, ["twice", "in"]),
        ({"q": "group:top:low name:in"}, ["in"]),
        ({"q": "-group:low"}, ["out"]),
        ({"q": "group:(low OR top)"}, ["twice", "in"]),
    ):
        answer = await client.get("/jobs", params=params)
        assert [job["name"] for job in answer.json()["jobs"]] == names
    answer = await client.get("/jobs", params={"q": "group:nothing"})
    assert (answer.status_code, "you have no group" in answer.text) == (404, True)


async def test_names_of_groups_are_suggested(client: httpx.AsyncClient) -> None:
    await made(client, "night")
    await made(client, "Night 2", id="2")
    found = (await client.get("/suggestions", params={"q": "group:ni"})).json()["suggestions"]
    assert [one["q"] for one in found] == ["group:night"]


async def test_a_group_is_renamed_and_deleted_and_its_jobs_stay(client: httpx.AsyncClient) -> None:
    await made(client, "a", url="https://x.example/")
    job = await job_in(client, "a")
    changed = (await client.patch("/groups/a", json={"name": "new", "url": ""})).json()
    assert (changed["name"], changed["url"]) == ("new", None)
    assert (await client.delete("/groups/a")).status_code == 204
    assert (await client.get("/groups/a")).status_code == 404
    assert (await client.get(f"/jobs/{job['id']}")).status_code == 200
    assert (await client.delete("/groups/alice")).status_code == 409


async def test_two_users_see_nothing_of_each_others_groups(
    client: httpx.AsyncClient, app: Any, new_token: Callable[..., Awaitable[str]]
) -> None:
    theirs = await job_in(client)
    await made(client, "shared")
    token = await new_token("bob", Scope.RUN)
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url=client.base_url, headers=headers
    ) as bob:
        assert (await bob.get("/groups/shared")).status_code == 404
        assert (await bob.get("/jobs", params={"group": "shared"})).status_code == 404
        assert (await made(bob, "shared"))["states"] == {}
        body = {"jobs": [theirs["id"]]}
        assert (await bob.post("/groups/shared/members", json=body)).status_code == 404
        names = [group["name"] for group in (await bob.get("/groups")).json()["groups"]]
        assert names == ["bob", "shared"]


async def test_a_body_that_cannot_be_a_group_is_explained(client: httpx.AsyncClient) -> None:
    for body, word in (
        ({}, "name"),
        ({"name": "x", "id": ""}, "id"),
        ({"name": "x\n"}, "control character"),
        ({"name": "x", "parent": "nowhere"}, "no group is called"),
        ({"name": "x", "more": 1}, "more"),
    ):
        answer = await client.post("/groups", json=body)
        assert answer.status_code in {400, 404}
        assert word in answer.text
    answer = await client.post("/jobs", json={"kind": "report", "groups": ["x"]})
    assert (answer.status_code, answer.json()["field"]) == (400, "groups[0]")


async def test_a_stream_of_a_group_tells_of_its_jobs_and_no_others(
    client: httpx.AsyncClient,
) -> None:
    await made(client, "top")
    await made(client, "low", parent="top")
    seq = (await client.get("/jobs")).json()["seq"]
    inside = await job_in(client, "low")
    outside = await job_in(client)
    params = {"group": "top", "after": seq, "once": "1"}
    told = (await client.get("/events", params=params)).text
    assert (inside["id"] in told, outside["id"] in told) == (True, False)
    await client.delete(f"/groups/low/members/{inside['id']}")
    assert '"reset"' in (await client.get("/events", params=params)).text
    unknown = await client.get("/events", params={"group": "nowhere", "once": "1"})
    assert unknown.status_code == 404


async def test_a_jobs_document_names_the_groups_that_it_is_in(client: httpx.AsyncClient) -> None:
    await made(client, "top")
    await made(client, "a/b <i>", parent="top")
    job = await job_in(client, "a/b <i>")
    page = "http://headway.test/groups?id=a%2Fb%20%3Ci%3E"
    assert job["groups"] == [{"id": "a/b <i>", "name": "a/b <i>", "page": page}]
    first = await client.get(f"/jobs/{job['id']}")
    assert first.json()["groups"] == job["groups"]
    await client.post("/groups/top/members", json={"jobs": [job["id"]]})
    again = await client.get(f"/jobs/{job['id']}", headers={"if-none-match": first.headers["etag"]})
    assert [one["id"] for one in again.json()["groups"]] == ["a/b <i>", "top"]
    assert (await job_in(client))["groups"] == []


async def test_whoever_may_see_a_job_is_told_of_their_own_groups_only(
    client: httpx.AsyncClient, app: Any, new_token: Callable[..., Awaitable[str]]
) -> None:
    await made(client, "secret plans")
    job = await job_in(client, "secret plans")
    transport = httpx.ASGITransport(app)
    link = (await client.post(f"/jobs/{job['id']}/links", json={})).json()["url"]
    by_link = {"link": link.partition("link=")[2]}
    for name, scope, params in (("root", Scope.ADMIN, {}), ("", None, by_link)):
        token = {"Authorization": f"Bearer {await new_token(name, scope)}"} if scope else {}
        async with httpx.AsyncClient(
            transport=transport, base_url=client.base_url, headers=token
        ) as other:
            read = await other.get(f"/jobs/{job['id']}", params=params)
            assert (read.status_code, read.json()["groups"]) == (200, [])
