"""The search grammar in GET /jobs and in live streams, suggestions, and saved filters."""

from typing import Any

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.model.principal import Scope

pytestmark = pytest.mark.anyio


async def submit(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/jobs", json={"kind": "report", **body})
    document: dict[str, Any] = answer.json()
    return document


async def found(client: httpx.AsyncClient, q: str, **more: Any) -> list[str]:
    answer = await client.get("/jobs", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    return [job["name"] for job in answer.json()["jobs"]]


@pytest.fixture
async def jobs(client: httpx.AsyncClient) -> None:
    """Three jobs, the second of which has a part."""
    await submit(client, name="calib-1", labels=["campaign-3", "night"])
    second = await submit(client, name="calib-2", labels=["campaign-4"])
    await submit(client, name="merge", labels=["Night shift"])
    await submit(client, name="part", parent=second["id"])
    await client.post(f"/jobs/{second['id']}/finish", json={"exit_code": 3})


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("", ["merge", "calib-2", "calib-1"]),
        ("*", ["merge", "calib-2", "calib-1"]),
        ("state:failed", ["calib-2"]),
        ("-state:failed", ["merge", "calib-1"]),
        ("state:active", ["merge", "calib-1"]),
        ("name:cal*", ["calib-2", "calib-1"]),
        ("NOT name:cal*", ["merge"]),
        ("label:(campaign-3 OR campaign-4)", ["calib-2", "calib-1"]),
        ("label:camp* night", ["calib-1"]),
        ("night", ["merge", "calib-1"]),
        ('"night shift"', ["merge"]),
        ("exit_code:>0 reason:nonzero_exit", ["calib-2"]),
        ("exit_code:[1 TO 3}", []),
        ("created:>2d", ["merge", "calib-2", "calib-1"]),
        ("created:<2d", []),
        ("ended:*", ["calib-2"]),
        ("parent:2", ["part"]),
        ("parent:*", ["part"]),
        ("number:{1 TO 3}", ["calib-2"]),
        ("number:4", ["part"]),
        ("kind:report protocol:rest owner:alice", ["merge", "calib-2", "calib-1"]),
        ("hidden:true", []),
        ("state:failed state:running", []),
    ],
)
async def test_a_query_finds_what_it_says(
    client: httpx.AsyncClient, q: str, names: list[str]
) -> None:
    assert await found(client, q) == names


@pytest.mark.usefixtures("jobs")
async def test_a_query_and_the_other_parameters_must_both_hold(client: httpx.AsyncClient) -> None:
    assert await found(client, "name:cal*", label="night") == ["calib-1"]
    assert await found(client, "state:failed", state="accepted") == []
    assert await found(client, "label:campaign-4", label="campaign-4") == ["calib-2"]
    assert await found(client, "name:part", children=1) == ["part"]
    assert await found(client, "name:part") == []


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("stat:failed", "at character 1: there is no field 'stat'; did you mean state?"),
        ("x state:done", "at character 9: state cannot be 'done'"),
        ('label:"x', "at character 7: this quotation mark is not closed"),
        ("created:>soon", "at character 10: created must be a time"),
        ("exit_code:x", "at character 11: exit_code must be an integer"),
        ("a OR b", "at character 3: OR stands between the values of one field"),
        ("label:a*b", "at character 8: a * may stand at the end"),
    ],
)
async def test_a_query_that_cannot_be_understood_is_refused_with_the_place(
    client: httpx.AsyncClient, q: str, words: str
) -> None:
    answer = await client.get("/jobs", params={"q": q})
    assert (answer.status_code, answer.json()["field"]) == (400, "q")
    assert words in answer.json()["detail"]


async def test_a_parent_that_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/jobs", params={"q": "parent:99"})).status_code == 404


async def suggested(client: httpx.AsyncClient, q: str) -> list[str]:
    answer = await client.get("/suggestions", params={"q": q})
    assert answer.status_code == 200, answer.text
    return [one["text"] for one in answer.json()["suggestions"]]


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize(
    ("q", "texts"),
    [
        ("sta", ["state:", "status_text:", "started:"]),
        ("x -fai", ["state:failed"]),
        ("state:(failed OR su", ["state:succeeded"]),
        ("label:camp", ["label:campaign-3", "label:campaign-4"]),
        ("cal", ["name:calib-1", "name:calib-2"]),
        ("label:Ni", ['label:"Night shift"']),
        ('label:"Night s', ['label:"Night shift"']),
        ("cluster:l", ["cluster:local"]),
        ("owner:", ["owner:alice"]),
        ("nosuch:x", []),
        ("created:>2", []),
    ],
)
async def test_the_last_word_of_a_query_is_finished(
    client: httpx.AsyncClient, q: str, texts: list[str]
) -> None:
    assert await suggested(client, q) == texts


@pytest.mark.usefixtures("jobs")
async def test_a_suggestion_tells_the_whole_query(client: httpx.AsyncClient) -> None:
    answer = await client.get("/suggestions", params={"q": "state:failed -label:Ni"})
    assert answer.json() == {
        "suggestions": [
            {
                "text": 'label:"Night shift"',
                "kind": "label",
                "q": 'state:failed -label:"Night shift"',
            }
        ]
    }


@pytest.mark.usefixtures("jobs")
async def test_only_words_of_own_jobs_are_suggested(
    stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    token = await new_token("bob", Scope.RUN)
    stranger.headers["authorization"] = f"Bearer {token}"
    await submit(stranger, name="calculus")
    assert await suggested(stranger, "cal") == ["name:calculus"]
    assert await suggested(stranger, "owner:") == ["owner:bob"]


async def test_a_filter_is_saved_listed_replaced_and_deleted(client: httpx.AsyncClient) -> None:
    saved = await client.put("/filters/my%2Ffailed", json={"q": "state:failed"})
    assert saved.status_code == 200
    assert (saved.json()["name"], saved.json()["q"]) == ("my/failed", "state:failed")
    await client.put("/filters/a", json={"q": "x"})
    replaced = await client.put("/filters/my%2Ffailed", json={"q": "state:ended"})
    assert replaced.json() == {**saved.json(), "q": "state:ended"}
    listed = (await client.get("/filters")).json()["filters"]
    assert [(one["name"], one["q"]) for one in listed] == [("a", "x"), ("my/failed", "state:ended")]
    assert (await client.delete("/filters/a")).status_code == 204
    assert (await client.delete("/filters/a")).status_code == 404
    assert len((await client.get("/filters")).json()["filters"]) == 1


async def test_a_filter_that_cannot_be_understood_is_not_saved(client: httpx.AsyncClient) -> None:
    answer = await client.put("/filters/x", json={"q": "nosuch:field"})
    assert (answer.status_code, answer.json()["field"]) == (400, "q")
    assert (await client.put("/filters/%20x", json={"q": "a"})).json()["field"] == "name"
    assert (await client.get("/filters")).json() == {"filters": []}


async def test_filters_are_each_users_own(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, new_token: NewToken
) -> None:
    await client.put("/filters/mine", json={"q": "a"})
    assert (await stranger.get("/filters")).status_code == 401
    stranger.headers["authorization"] = f"Bearer {await new_token('bob', Scope.READ)}"
    assert (await stranger.get("/filters")).json() == {"filters": []}
    assert (await stranger.delete("/filters/mine")).status_code == 404
    assert (await stranger.put("/filters/mine", json={"q": "b"})).status_code == 200
    assert (await client.get("/filters")).json()["filters"][0]["q"] == "a"
