"""ETags: what is known already is not sent again, and nobody changes what they have not seen."""

import httpx
import pytest

pytestmark = pytest.mark.anyio


@pytest.fixture
async def job(client: httpx.AsyncClient) -> str:
    return str((await client.post("/jobs", json={"kind": "report"})).json()["id"])


async def tag_of(client: httpx.AsyncClient, job: str) -> str:
    return str((await client.get(f"/jobs/{job}")).headers["etag"])


async def test_a_document_that_is_the_same_is_not_sent_again(
    client: httpx.AsyncClient, job: str
) -> None:
    tag = await tag_of(client, job)
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = await client.get(f"/jobs/{job}", headers={"if-none-match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    head = await client.head(f"/jobs/{job}", headers={"if-none-match": tag})
    assert head.status_code == 304


async def test_progress_makes_another_document_of_the_same_revision(
    client: httpx.AsyncClient, job: str
) -> None:
    await client.put(f"/jobs/{job}/workers/w", json={"current": 1, "total": 9})
    before = await tag_of(client, job)
    await client.put(f"/jobs/{job}/workers/w", json={"current": 2})
    answer = await client.get(f"/jobs/{job}", headers={"if-none-match": before})
    assert answer.status_code == 200
    assert answer.headers["etag"] != before
    assert answer.headers["etag"].split("-")[0] == before.split("-")[0]


async def test_a_change_to_the_revision_that_was_read_is_made(
    client: httpx.AsyncClient, job: str
) -> None:
    await client.put(f"/jobs/{job}/workers/w", json={"current": 1})
    tag = await tag_of(client, job)
    await client.put(f"/jobs/{job}/workers/w", json={"current": 2})  # is no hindrance
    answer = await client.patch(
        f"/jobs/{job}/labels", json={"add": ["a"]}, headers={"if-match": tag}
    )
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "labels", {"add": ["b"]}),
        ("PUT", "status-text", {"text": "b"}),
        ("POST", "cancel", None),
        ("POST", "hide", None),
        ("POST", "finish", {}),
        ("PATCH", "counters", {"a": 1}),
        ("PUT", "workers/w", {"current": 1}),
    ],
)
async def test_a_change_to_an_older_revision_is_not_made(
    client: httpx.AsyncClient, job: str, method: str, path: str, body: object
) -> None:
    old = await tag_of(client, job)
    await client.patch(f"/jobs/{job}/labels", json={"add": ["a"]})
    now = await tag_of(client, job)
    answer = await client.request(
        method, f"/jobs/{job}/{path}", json=body, headers={"if-match": old}
    )
    assert (answer.status_code, answer.json()["code"]) == (412, "precondition-failed")
    assert await tag_of(client, job) == now
    again = await client.request(
        method, f"/jobs/{job}/{path}", json=body, headers={"if-match": f'"0", {now}'}
    )
    assert again.status_code in {200, 202}


async def test_any_revision_will_do_and_weak_tags_match_none(
    client: httpx.AsyncClient, job: str
) -> None:
    tag = await tag_of(client, job)
    weak = await client.post(f"/jobs/{job}/hide", headers={"if-match": f"W/{tag}"})
    assert weak.status_code == 412
    assert (await client.post(f"/jobs/{job}/hide", headers={"if-match": "*"})).status_code == 200


async def test_a_tag_that_is_none_is_refused(client: httpx.AsyncClient, job: str) -> None:
    answer = await client.post(f"/jobs/{job}/hide", headers={"if-match": "3"})
    assert (answer.status_code, answer.json()["field"]) == (400, "If-Match")


async def test_what_has_no_tag_is_not_changed_on_condition(client: httpx.AsyncClient) -> None:
    answer = await client.post("/jobs", json={"kind": "report"}, headers={"if-match": '"1"'})
    assert answer.status_code == 412
    assert (await client.get("/jobs")).json()["jobs"] == []


async def test_a_job_of_somebody_else_is_not_there_whatever_its_revision(
    stranger: httpx.AsyncClient, job: str
) -> None:
    answer = await stranger.post(f"/jobs/{job}/hide", headers={"if-match": '"77"'})
    assert answer.status_code in {401, 404}
