"""GET /clusters and /storage: the server itself."""

import httpx
import pytest
from tests.protocols.rest.conftest import NewToken

from headway.core.core import Core
from headway.core.model.principal import Scope
from headway.core.model.trouble import Ailment, Trouble
from headway.testing.fakes import NOON

pytestmark = pytest.mark.anyio


async def test_a_cluster_tells_what_waits_there_and_for_how_many_there_is_room(
    client: httpx.AsyncClient,
) -> None:
    for _ in range(2):
        await client.post("/jobs", json={"command": ["true"]})
    await client.post("/jobs", json={"kind": "report"})
    assert (await client.get("/clusters")).json()["clusters"] == [
        {
            "name": "local",
            "kind": "",
            "health": "ok",
            "detail": "",
            "accepted": 2,
            "queued": 0,
            "running": 0,
            "room": 1000,
            "trouble": None,
            "runs_as": "",
            "adopts": False,
            "others": None,
        }
    ]


async def test_a_cluster_in_trouble_says_what_is_amiss(
    client: httpx.AsyncClient, core: Core
) -> None:
    away = Trouble(words="it does not answer", since=NOON, what=Ailment.DOWN)
    core.troubles["cluster local"] = away
    core.troubles["spool"] = Trouble(words="is full", since=NOON)
    (local,) = (await client.get("/clusters")).json()["clusters"]
    assert (local["health"], local["detail"]) == ("trouble", "it does not answer")
    assert local["trouble"] == {
        "what": "down",
        "since": "2026-01-01T12:00:00Z",
        "concerns_you": False,
    }


async def test_only_clusters_in_trouble_can_be_asked_for(
    client: httpx.AsyncClient, core: Core
) -> None:
    ask = "/clusters?health=trouble"
    assert (await client.get(ask)).json() == {"clusters": []}
    core.troubles["cluster local"] = Trouble(words="it hangs", since=NOON, what=Ailment.SLOW)
    await client.post("/jobs", json={"command": ["true"]})
    (local,) = (await client.get(ask)).json()["clusters"]
    assert (local["trouble"]["what"], local["trouble"]["concerns_you"]) == ("slow", True)
    assert (await client.get("/clusters?health=well")).status_code == 400


async def test_the_storage_is_told_in_numbers(client: httpx.AsyncClient) -> None:
    await client.post("/jobs", json={"kind": "report"})
    assert (await client.get("/storage")).json() == {
        "jobs": 1,
        "tokens": 0,
        "database_bytes": 0,
        "reusable_bytes": 0,
        "disk_bytes": None,
        "disk_free_bytes": None,
    }


@pytest.mark.parametrize(
    ("path", "scope", "status"),
    [
        ("/clusters", Scope.READ, 200),
        ("/clusters", Scope.REPORT, 403),
        ("/storage", Scope.RUN, 403),
        ("/storage", Scope.ADMIN, 200),
    ],
)
async def test_users_see_the_clusters_and_admins_the_storage(
    stranger: httpx.AsyncClient, new_token: NewToken, path: str, scope: Scope, status: int
) -> None:
    bearer = {"authorization": f"Bearer {await new_token('bob', scope)}"}
    assert (await stranger.get(path, headers=bearer)).status_code == status
    assert (await stranger.get(path)).status_code == 401
